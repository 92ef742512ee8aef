//! Phrases that say what a shopper wants, for any product.

use crate::catalogue::lexicon::{CATEGORIES, COLOURS, OCCASIONS, RECIPIENTS, STYLES};

/// Phrases that ask for a gift.
pub const GIFT: &[&str] = &["gift", "gifts", "present", "presents", "gifting"];
/// Phrases that ask for styling advice.
pub const STYLING: &[&str] = &[
    "wear",
    "outfit",
    "outfits",
    "style",
    "styling",
    "wardrobe",
    "goes with",
    "look",
];
/// Phrases that ask to browse.
pub const BROWSE: &[&str] = &[
    "something",
    "anything",
    "recommend",
    "recommendations",
    "ideas",
    "idea",
    "show",
    "looking for",
    "browse",
    "favourites",
    "favorites",
    "bestsellers",
    "new in",
];
/// Phrases that ask for lower prices.
pub const CHEAPER: &[&str] = &[
    "cheaper",
    "less expensive",
    "more affordable",
    "lower price",
    "too expensive",
];
/// Phrases that ask for more of the same kind.
pub const MORE: &[&str] = &[
    "more like",
    "more of",
    "show more",
    "show me more",
    "see more",
    "something else",
    "anything else",
    "what else",
    "other options",
    "others",
    "more options",
    "similar",
];
/// Common words that say nothing about a product.
pub const FILLERS: &[&str] = &[
    "about", "above", "after", "again", "around", "because", "below", "before", "between", "could",
    "dollars", "everyday", "every", "first", "light", "likes", "little", "looking", "loves",
    "maybe", "might", "never", "other", "people", "please", "really", "small", "still", "thing",
    "things", "think", "through", "under", "until", "which", "while", "without", "would",
];
/// Phrases that ask to start over.
pub const FRESH: &[&str] = &[
    "start over",
    "start again",
    "new search",
    "forget that",
    "completely different",
];

/// Returns whether a word has a meaning in the catalogue or in a phrase.
pub fn is_known(word: &str) -> bool {
    let tables = [&RECIPIENTS[..], &OCCASIONS, &STYLES, &COLOURS];
    let phrases = [GIFT, STYLING, BROWSE, CHEAPER, MORE, FRESH, FILLERS];
    CATEGORIES
        .iter()
        .any(|category| category.words.contains(&word))
        || tables
            .into_iter()
            .flatten()
            .any(|concept| concept.words.contains(&word))
        || phrases.into_iter().any(|list| list.contains(&word))
}
