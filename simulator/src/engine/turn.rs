//! One turn of a conversation: what to remember, which products to show, and how it went.

use crate::catalogue::lexicon::{Concept, OCCASIONS, RECIPIENTS, named, normal};
use crate::catalogue::products::Catalogue;
use crate::engine::money::Budget;
use crate::engine::ranking::{Wish, choose};
use crate::engine::reading::Reading;

/// What is remembered of a conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    pub wish: Wish,
    /// The products of the last answer that had any.
    pub shown: Vec<usize>,
    /// All products shown since the wish last changed.
    seen: Vec<usize>,
    pub turns: usize,
}

/// What the context of a request says, in the engine's terms.
#[derive(Clone, Copy, Default)]
pub struct Hints {
    recipient: Option<&'static Concept>,
    occasion: Option<&'static Concept>,
    ceiling: Option<f64>,
}

impl Hints {
    /// Reads the hints as the shop wrote them. A text without a known word is no hint.
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

/// How a turn went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Found,
    /// None of the prompt was understood.
    Unclear,
    /// There are no more of that kind.
    Exhausted,
    /// Nothing fits, most likely because of the budget.
    Nothing,
}

/// A turn: what to remember after it, its products, and how it went.
pub struct Turn {
    pub after: Conversation,
    pub products: Vec<usize>,
    pub outcome: Outcome,
}

/// Takes a turn, without putting it into words.
pub fn take_turn(catalogue: &Catalogue, before: &Conversation, prompt: &str, hints: Hints) -> Turn {
    let reading = Reading::of(prompt, catalogue);
    let mut after = before.clone();
    if reading.fresh || is_for_another(&reading, &before.wish) {
        after = Conversation::default();
    }
    after.turns = before.turns + 1;

    // The context is enough for a first turn. In later turns it says nothing new.
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
        // The brand does not make the thing, say, or not in that colour. What was named now
        // counts more than what was named earlier.
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

/// Whether the prompt names another recipient, which begins a new search.
fn is_for_another(reading: &Reading, wish: &Wish) -> bool {
    match (reading.recipient, wish.recipient) {
        (Some(now), Some(before)) => now.tag != before.tag,
        _ => false,
    }
}

/// Adds to the wish what the prompt says, and fills the gaps from the context.
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
    // Cheaper than what was shown: below its average, in whole dollars.
    let average = prices.iter().sum::<f64>() / prices.len() as f64;
    (!prices.is_empty()).then(|| Budget::up_to((average - 0.01).floor()))
}

/// Keeps the first budget of a conversation within the context's limit.
///
/// A later budget replaces both: the shopper has thought again.
fn within(mut budget: Budget, ceiling: Option<f64>, is_first: bool) -> Budget {
    if let Some(ceiling) = ceiling.filter(|_| is_first) {
        budget.cap = Some(budget.cap.map_or(ceiling, |cap| cap.min(ceiling)));
    }
    budget
}
