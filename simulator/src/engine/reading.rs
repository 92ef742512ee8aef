//! The meaning of one prompt, without its conversation.

use crate::catalogue::lexicon::{
    CATEGORIES, COLOURS, Concept, OCCASIONS, RECIPIENTS, STYLES, has, has_any, named, normal,
};
use crate::catalogue::products::Catalogue;
use crate::engine::money::{self, Budget};
use crate::engine::phrases::{BROWSE, CHEAPER, FRESH, GIFT, MORE, STYLING, is_known};

/// The shortest word that is searched for in titles and descriptions.
const TELLING_LENGTH: usize = 5;

/// The meaning of one prompt.
#[derive(Debug, Default)]
pub struct Reading {
    pub categories: Vec<&'static str>,
    pub vendors: Vec<String>,
    pub colours: Vec<&'static str>,
    pub recipient: Option<&'static Concept>,
    pub occasion: Option<&'static Concept>,
    pub styles: Vec<&'static Concept>,
    /// Other words that occur in titles or descriptions.
    pub words: Vec<String>,
    pub budget: Option<Budget>,
    pub gift: bool,
    pub styling: bool,
    pub browse: bool,
    pub cheaper: bool,
    pub more: bool,
    pub fresh: bool,
}

impl Reading {
    pub fn of(prompt: &str, catalogue: &Catalogue) -> Self {
        let text = normal(prompt);
        // Remove brand names, because their words also occur in the texts of other products.
        let mut rest = text.clone();
        let mut vendors = Vec::new();
        for vendor in catalogue.vendors() {
            if text.contains(&normal(vendor)) {
                rest = rest.replace(&normal(vendor), " ");
                vendors.push(vendor.to_owned());
            }
        }
        let categories = CATEGORIES
            .iter()
            .filter(|category| has_any(&text, category.words))
            .map(|category| category.name)
            .collect();
        let styling = has_any(&text, STYLING);
        // In "what goes with a blue coat", blue is the colour of the coat and not of the product.
        let colours = named(&text, &COLOURS)
            .filter(|_| !styling)
            .map(|colour| colour.tag)
            .collect();
        Self {
            categories,
            vendors,
            colours,
            recipient: named(&text, &RECIPIENTS).next(),
            occasion: named(&text, &OCCASIONS).next(),
            styles: named(&text, &STYLES).collect(),
            words: telling_words(&rest, catalogue),
            budget: money::budget(prompt),
            gift: has_any(&text, GIFT),
            styling,
            browse: has_any(&text, BROWSE),
            cheaper: has_any(&text, CHEAPER),
            more: has_any(&text, MORE),
            fresh: has_any(&text, FRESH),
        }
    }

    /// Returns whether it names a thing, a person or an occasion, and not only a price or "more".
    pub fn has_subject(&self) -> bool {
        !self.categories.is_empty()
            || !self.vendors.is_empty()
            || !self.colours.is_empty()
            || !self.styles.is_empty()
            || !self.words.is_empty()
            || self.recipient.is_some()
            || self.occasion.is_some()
    }

    /// Returns whether nothing in the prompt was understood.
    pub fn is_silent(&self) -> bool {
        !self.has_subject()
            && self.budget.is_none()
            && !self.gift
            && !self.styling
            && !self.browse
            && !self.cheaper
            && !self.more
            && !self.fresh
    }
}

/// Returns the words that occur in the texts of a few products.
///
/// It skips words with a known meaning, and words that occur in the texts of many products.
fn telling_words(text: &str, catalogue: &Catalogue) -> Vec<String> {
    const MANY: usize = 6;
    text.split_whitespace()
        .filter(|word| word.chars().count() >= TELLING_LENGTH && !is_known(word))
        .filter(|word| {
            let count = catalogue
                .iter()
                .filter(|(_, product)| has(&product.words, word))
                .count();
            (1..=MANY).contains(&count)
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(prompt: &str) -> Reading {
        Reading::of(prompt, &Catalogue::load().unwrap())
    }

    #[test]
    fn the_published_prompt_is_understood() {
        let reading = read("Birthday gift for my mom, fashion-leaning, budget around $250");
        assert_eq!(reading.recipient.unwrap().tag, "mother");
        assert_eq!(reading.occasion.unwrap().tag, "birthday");
        assert_eq!(reading.styles.first().unwrap().tag, "fashion");
        assert_eq!(reading.budget.unwrap().target, Some(250.0));
        assert!(reading.gift && !reading.more && !reading.cheaper);
    }

    #[test]
    fn brands_categories_and_colours_are_found() {
        let reading = read("More from Fen & Harbour");
        assert_eq!(reading.vendors, ["Fen & Harbour"]);
        assert!(!reading.more);
        assert_eq!(read("jewelry").categories, ["necklace", "earrings"]);
        assert_eq!(read("a GREEN scarf").colours, ["sage", "forest"]);
        assert_eq!(
            read("My girlfriend’s birthday").recipient.unwrap().tag,
            "partner"
        );
    }

    #[test]
    fn words_of_the_products_tell_something() {
        assert_eq!(read("made of cashmere please").words, ["cashmere"]);
        assert!(read("Fen & Harbour").words.is_empty());
        assert!(!read("Under $200").has_subject());
        assert!(read("hello there").is_silent());
        assert!(read("").is_silent());
    }
}
