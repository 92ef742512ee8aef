//! What one prompt says, before anything is made of it.

use crate::catalogue::Catalogue;
use crate::lexicon::{
    BROWSE, CATEGORIES, CHEAPER, COLOURS, Concept, FRESH, GIFT, MORE, OCCASIONS, RECIPIENTS,
    STYLES, STYLING, has, has_any, named, normal,
};
use crate::money::{self, Budget};

/// Words of at least this length are looked for in titles and descriptions.
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
    /// Other words that products have in their texts.
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
        let vendors = catalogue
            .vendors()
            .into_iter()
            .filter(|vendor| text.contains(&normal(vendor)))
            .map(str::to_owned)
            .collect();
        let categories = CATEGORIES
            .iter()
            .filter(|category| has_any(&text, category.words))
            .map(|category| category.name)
            .collect();
        Self {
            categories,
            vendors,
            colours: named(&text, &COLOURS).map(|colour| colour.tag).collect(),
            recipient: named(&text, &RECIPIENTS).next(),
            occasion: named(&text, &OCCASIONS).next(),
            styles: named(&text, &STYLES).collect(),
            words: telling_words(&text, catalogue),
            budget: money::budget(prompt),
            gift: has_any(&text, GIFT),
            styling: has_any(&text, STYLING),
            browse: has_any(&text, BROWSE),
            cheaper: has_any(&text, CHEAPER),
            more: has_any(&text, MORE),
            fresh: has_any(&text, FRESH),
        }
    }

    /// Whether it names what is wanted, rather than how much it may cost.
    pub fn has_subject(&self) -> bool {
        !self.categories.is_empty()
            || !self.vendors.is_empty()
            || !self.colours.is_empty()
            || !self.styles.is_empty()
            || !self.words.is_empty()
            || self.recipient.is_some()
            || self.occasion.is_some()
    }

    /// Whether nothing in it was understood.
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

/// The words of the prompt that occur in the texts of some products, but not in those of many.
fn telling_words(text: &str, catalogue: &Catalogue) -> Vec<String> {
    const MANY: usize = 6;
    text.split_whitespace()
        .filter(|word| word.chars().count() >= TELLING_LENGTH)
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
        assert!(read("hello there").is_silent());
        assert!(read("").is_silent());
    }
}
