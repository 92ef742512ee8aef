//! The ranking of products: those that fit a wish, best first.

use crate::catalogue::lexicon::{Concept, has};
use crate::catalogue::products::{Catalogue, Product};
use crate::engine::money::Budget;
use crate::engine::reading::Reading;

/// The most products in one answer.
pub const MOST: usize = 4;

/// Everything that a conversation has asked for so far.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub categories: Vec<&'static str>,
    pub vendors: Vec<String>,
    pub colours: Vec<&'static str>,
    pub recipient: Option<&'static Concept>,
    pub occasion: Option<&'static Concept>,
    pub styles: Vec<&'static Concept>,
    pub words: Vec<String>,
    /// The budget in a prompt.
    pub budget: Option<Budget>,
    /// The limit in the request's context. A budget in a prompt replaces it.
    pub ceiling: Option<f64>,
    /// The product that the results should resemble.
    pub like: Option<usize>,
    pub gift: bool,
    pub styling: bool,
}

impl Wish {
    pub fn effective_budget(&self) -> Budget {
        match (self.budget, self.ceiling) {
            (Some(budget), _) => budget,
            (None, Some(ceiling)) => Budget::up_to(ceiling),
            (None, None) => Budget::default(),
        }
    }

    /// Drops the categories, brands and colours of earlier turns.
    pub fn keep_only_named(&mut self, reading: &Reading) {
        self.categories.clone_from(&reading.categories);
        self.vendors.clone_from(&reading.vendors);
        self.colours.clone_from(&reading.colours);
    }

    /// Returns whether it is so specific that a product must match part of it.
    fn is_particular(&self) -> bool {
        self.recipient.is_some()
            || self.occasion.is_some()
            || !self.styles.is_empty()
            || !self.words.is_empty()
    }

    fn is_filtered(&self) -> bool {
        !self.categories.is_empty() || !self.vendors.is_empty()
    }

    fn has_colour(&self, product: &Product) -> bool {
        self.colours.is_empty() || self.colours.contains(&product.colour.as_str())
    }

    /// Returns whether a product has a wanted category, brand and colour and is within the budget.
    pub fn admits(&self, product: &Product) -> bool {
        let category =
            self.categories.is_empty() || self.categories.contains(&product.category.as_str());
        let vendor = self.vendors.is_empty()
            || product
                .vendor
                .as_ref()
                .is_some_and(|vendor| self.vendors.contains(vendor));
        category
            && vendor
            && self.has_colour(product)
            && self.effective_budget().admits(product.price)
    }

    /// Returns how well a product fits, in points.
    fn points(&self, catalogue: &Catalogue, product: &Product) -> i64 {
        let tagged = |concept: Option<&Concept>, points: i64| match concept {
            Some(concept) if product.has_tag(concept.tag) => points,
            _ => 0,
        };
        let words = self
            .words
            .iter()
            .filter(|word| has(&product.words, word))
            .count() as i64;
        let styles: i64 = self
            .styles
            .iter()
            .map(|style| tagged(Some(style), 30))
            .sum();
        tagged(self.recipient, 30)
            + tagged(self.occasion, 20)
            + styles
            + 30 * words
            + self.resemblance(catalogue, product)
    }

    fn resemblance(&self, catalogue: &Catalogue, product: &Product) -> i64 {
        let Some(like) = self.like.and_then(|place| catalogue.get(place)) else {
            return 0;
        };
        let shared = product.tags.iter().filter(|tag| like.has_tag(tag)).count() as i64;
        let same = if product.category == like.category {
            20
        } else {
            0
        };
        same + 3 * shared
    }

    /// Returns the points that decide between products that otherwise fit equally well.
    ///
    /// A price near the target adds points. An unknown price and being sold out take points away.
    fn leaning(&self, product: &Product) -> i64 {
        let near = match (self.effective_budget().target, product.price) {
            (Some(target), Some(price)) => (15.0 * (1.0 - (price - target).abs() / target)) as i64,
            _ => 0,
        };
        let price = if product.price.is_none() { -10 } else { 0 };
        let stock = if product.available == Some(false) {
            -20
        } else {
            0
        };
        near.max(0) + price + stock
    }
}

/// Returns the products for a wish.
///
/// Products in `first` come first, in their order, if they still fit. It skips those in `without`.
pub fn choose(
    catalogue: &Catalogue,
    wish: &Wish,
    first: &[usize],
    without: &[usize],
) -> Vec<usize> {
    let mut scored: Vec<(i64, usize, &Product)> = catalogue
        .iter()
        .filter(|(place, product)| wish.admits(product) && !without.contains(place))
        .filter_map(|(place, product)| {
            let points = wish.points(catalogue, product);
            let fits = points > 0
                || !wish.is_particular()
                || wish.is_filtered()
                || !wish.colours.is_empty();
            fits.then(|| (points + wish.leaning(product), place, product))
        })
        .collect();
    // The sort is stable, so products with equal points keep the order of the catalogue.
    scored.sort_by_key(|(points, _, _)| -points);
    let best = scored.first().map_or(0, |(points, _, _)| *points);

    let mut chosen: Vec<(usize, &str)> = first
        .iter()
        .filter_map(|place| Some((*place, catalogue.get(*place)?)))
        .filter(|(_, product)| wish.admits(product))
        .map(|(place, product)| (place, product.category.as_str()))
        .collect();
    for (points, place, product) in scored {
        let category = product.category.as_str();
        // If no category or brand was named, one product of each category gives a better selection.
        let repeats = !wish.is_filtered() && chosen.iter().any(|(_, other)| *other == category);
        let known = chosen.iter().any(|(other, _)| *other == place);
        if chosen.len() < MOST && !known && !repeats && points * 2 >= best {
            chosen.push((place, category));
        }
    }
    chosen.into_iter().map(|(place, _)| place).collect()
}
