//! One turn of a conversation: what to remember, which products to show, and the outcome.

use crate::catalogue::lexicon::{Concept, OCCASIONS, RECIPIENTS, named, normal};
use crate::catalogue::products::Catalogue;
use crate::engine::money::Budget;
use crate::engine::ranking::{Wish, choose};
use crate::engine::reading::Reading;

/// The state of a conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    pub wish: Wish,
    /// The products of the last answer that had any.
    pub shown: Vec<usize>,
    /// All products shown since the wish last changed.
    seen: Vec<usize>,
    pub turns: usize,
}

/// The hints in a request's context, in the engine's terms.
#[derive(Clone, Copy, Default)]
pub struct Hints {
    recipient: Option<&'static Concept>,
    occasion: Option<&'static Concept>,
    ceiling: Option<f64>,
}

impl Hints {
    /// Reads the hints from the shop's texts. Ignores a text without a known word.
    pub fn of(recipient: Option<&str>, occasion: Option<&str>, ceiling: Option<f64>) -> Self {
        let first = |text: Option<&str>, table| named(&normal(text?), table).next();
        Self {
            recipient: first(recipient, &RECIPIENTS),
            occasion: first(occasion, &OCCASIONS),
            ceiling,
        }
    }

    fn is_empty(&self) -> bool {
        self.recipient.is_none() && self.occasion.is_none() && self.ceiling.is_none()
    }
}

/// The outcome of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Found,
    /// Nothing in the prompt was understood.
    Unclear,
    /// There are no more products of that kind.
    Exhausted,
    /// No product fits, probably because of the budget.
    Nothing,
}

/// A turn: the state after it, its products, and its outcome.
pub struct Turn {
    pub after: Conversation,
    pub products: Vec<usize>,
    pub outcome: Outcome,
}

/// Takes a turn, without writing its text.
pub fn take_turn(catalogue: &Catalogue, before: &Conversation, prompt: &str, hints: Hints) -> Turn {
    let reading = Reading::of(prompt, catalogue);
    let mut after = before.clone();
    if reading.fresh || is_for_another(&reading, &before.wish) {
        after = Conversation::default();
    }
    after.turns = before.turns + 1;

    // The context is enough for a first turn. In later turns it adds nothing.
    let context_helps = before.turns == 0 && !hints.is_empty();
    if reading.is_silent() && !context_helps {
        return Turn {
            after,
            products: Vec::new(),
            outcome: Outcome::Unclear,
        };
    }
    refine(&mut after, catalogue, &reading, hints);

    let narrows = reading.budget.is_some() && !reading.has_subject();
    let first: &[usize] = if narrows { &after.shown } else { &[] };
    let without: &[usize] = if reading.more { &after.seen } else { &[] };
    let mut products = choose(catalogue, &after.wish, first, without);
    if products.is_empty() && !reading.more && reading.has_subject() {
        // For example, the brand does not make that product, or not in that colour. So this prompt
        // counts more than earlier ones.
        after.wish.keep_only_named(&reading);
        products = choose(catalogue, &after.wish, &[], &[]);
    }

    let outcome = match (products.is_empty(), reading.more) {
        (false, _) => Outcome::Found,
        (true, true) => Outcome::Exhausted,
        (true, false) => Outcome::Nothing,
    };
    if !products.is_empty() {
        if !reading.more {
            after.seen.clear();
        }
        after.seen.extend(&products);
        after.shown.clone_from(&products);
    }
    Turn {
        after,
        products,
        outcome,
    }
}

/// Returns whether the prompt names another recipient. If so, a new search begins.
fn is_for_another(reading: &Reading, wish: &Wish) -> bool {
    match (reading.recipient, wish.recipient) {
        (Some(now), Some(before)) => now.tag != before.tag,
        _ => false,
    }
}

/// Adds the prompt's meaning to the wish, and fills gaps from the context.
fn refine(conversation: &mut Conversation, catalogue: &Catalogue, reading: &Reading, hints: Hints) {
    let Conversation { wish, shown, .. } = conversation;
    if reading.has_subject() {
        wish.like = None;
        wish.words.clone_from(&reading.words);
    }
    if !reading.categories.is_empty() {
        wish.categories.clone_from(&reading.categories);
    }
    if !reading.vendors.is_empty() {
        wish.vendors.clone_from(&reading.vendors);
    }
    if !reading.colours.is_empty() {
        wish.colours.clone_from(&reading.colours);
    }
    for style in &reading.styles {
        if !wish.styles.iter().any(|known| known.tag == style.tag) {
            wish.styles.push(style);
        }
    }
    wish.recipient = reading.recipient.or(wish.recipient).or(hints.recipient);
    wish.occasion = reading.occasion.or(wish.occasion).or(hints.occasion);
    wish.gift |= reading.gift;
    wish.styling |= reading.styling;
    wish.ceiling = hints.ceiling.or(wish.ceiling);
    if reading.more {
        wish.like = shown.first().copied();
    }
    if let Some(budget) = spoken_budget(catalogue, reading, shown) {
        wish.budget = Some(within(budget, hints.ceiling, wish.budget.is_none()));
    }
}

fn spoken_budget(catalogue: &Catalogue, reading: &Reading, shown: &[usize]) -> Option<Budget> {
    if reading.budget.is_some() || !reading.cheaper {
        return reading.budget;
    }
    let prices: Vec<f64> = shown
        .iter()
        .filter_map(|place| catalogue.get(*place)?.price)
        .collect();
    // "Cheaper" means below the average of the products shown, in whole dollars.
    let average = prices.iter().sum::<f64>() / prices.len() as f64;
    (!prices.is_empty()).then(|| Budget::up_to((average - 0.01).floor()))
}

/// Keeps the first budget of a conversation within the context's limit.
///
/// A later budget replaces both, because the shopper has changed it.
fn within(mut budget: Budget, ceiling: Option<f64>, is_first: bool) -> Budget {
    if let Some(ceiling) = ceiling.filter(|_| is_first) {
        budget.cap = Some(budget.cap.map_or(ceiling, |cap| cap.min(ceiling)));
    }
    budget
}
