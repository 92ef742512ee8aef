//! The text around the products: message, intent, follow-up question and quick replies.

use crate::catalogue::lexicon::category_of;
use crate::catalogue::products::{Catalogue, Product};
use crate::engine::money::Budget;
use crate::engine::ranking::{Wish, choose};
use crate::engine::turn::{Hints, Outcome, Turn, take_turn};

/// The amounts that a quick reply about the price may name.
const STEPS: [f64; 11] = [
    20.0, 30.0, 40.0, 50.0, 75.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0,
];
/// The most quick replies in one answer.
const MOST_CHIPS: usize = 4;

/// A quick reply. Sent back as a prompt, its text refines the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    pub text: String,
    pub kind: &'static str,
}

/// Returns the message. An empty line separates its paragraphs.
pub fn message(catalogue: &Catalogue, turn: &Turn) -> String {
    let wish = &turn.after.wish;
    match turn.outcome {
        Outcome::Unclear => "I am not sure that I follow.\n\n\
            Tell me who it is for, the occasion, or the kind of thing you have in mind, and I \
            will find something."
            .to_owned(),
        Outcome::Exhausted => "That is all I have along those lines.\n\n\
            Another category or a different budget would open up more."
            .to_owned(),
        Outcome::Nothing => format!(
            "I found nothing{}.\n\nA little more room in the budget would help.",
            conditions(wish)
        ),
        Outcome::Found => {
            let products: Vec<&Product> = turn
                .products
                .iter()
                .filter_map(|place| catalogue.get(*place))
                .collect();
            let mut paragraphs = vec![opening(turn, products.len())];
            if let Some(best) = products.first() {
                paragraphs.push(praise(best));
            }
            let sold_out = products.iter().find(|p| p.available == Some(false));
            if let Some(product) = sold_out {
                paragraphs.push(format!("{} is out of stock at the moment.", product.title));
            }
            paragraphs.join("\n\n")
        }
    }
}

fn opening(turn: &Turn, count: usize) -> String {
    let number = match count {
        1 => "One pick",
        2 => "Two picks",
        3 => "Three picks",
        _ => "Four picks",
    };
    let wish = &turn.after.wish;
    let conditions = conditions(wish);
    match (conditions.is_empty(), turn.after.turns) {
        (true, _) => format!("{number} that people come back for."),
        (false, 1) => format!("{number}{conditions}."),
        (false, _) => format!("{number} then{conditions}."),
    }
}

/// Returns what the shopper asked for, as the end of a sentence.
fn conditions(wish: &Wish) -> String {
    let mut text = String::new();
    if let Some(recipient) = wish.recipient {
        text.push_str(&format!(" for {}", recipient.phrase));
    }
    if let Some(occasion) = wish.occasion {
        let link = if wish.recipient.is_some() {
            ", with "
        } else {
            " for "
        };
        text.push_str(link);
        text.push_str(occasion.phrase);
        if wish.recipient.is_some() {
            text.push_str(" in mind");
        }
    }
    if let Some(style) = wish.styles.last() {
        text.push_str(&format!(", leaning towards {}", style.phrase));
    }
    if let [vendor] = wish.vendors.as_slice() {
        text.push_str(&format!(", by {vendor}"));
    }
    let budget = wish.effective_budget();
    match (budget.target, budget.cap, budget.floor) {
        (Some(target), ..) => text.push_str(&format!(", around {}", dollars(target))),
        (None, Some(cap), _) => text.push_str(&format!(", up to {}", dollars(cap))),
        (None, None, Some(floor)) => text.push_str(&format!(", from {}", dollars(floor))),
        (None, None, None) => {}
    }
    text
}

fn dollars(amount: f64) -> String {
    if amount.fract() == 0.0 {
        format!("${amount:.0}")
    } else {
        format!("${amount:.2}")
    }
}

fn praise(product: &Product) -> String {
    let by = product
        .vendor
        .as_ref()
        .map(|vendor| format!(" by {vendor}"))
        .unwrap_or_default();
    let description = product.description.as_deref().unwrap_or_default();
    let first = description.split_inclusive('.').next().unwrap_or_default();
    format!("I would start with {}{by}. {first}", product.title)
        .trim_end()
        .to_owned()
}

/// Returns the intent of the conversation.
pub fn intent(catalogue: &Catalogue, turn: &Turn) -> &'static str {
    let wish = &turn.after.wish;
    let for_another = wish
        .recipient
        .is_some_and(|recipient| recipient.tag != "self");
    let worn = turn.products.iter().all(|place| {
        let category = catalogue.get(*place).map(|p| p.category.as_str());
        category.and_then(category_of).is_some_and(|c| c.worn)
    });
    if wish.gift || for_another || wish.occasion.is_some() {
        "GIFTING"
    } else if wish.styling || (worn && !turn.products.is_empty()) {
        "STYLING"
    } else {
        "BROWSING"
    }
}

/// Returns a question about something that is still unknown, or an offer of more products.
pub fn follow_up(catalogue: &Catalogue, turn: &Turn) -> String {
    let wish = &turn.after.wish;
    let best = turn
        .products
        .first()
        .and_then(|place| catalogue.get(*place));
    let Some(best) = best else {
        return "What would you like to try next?".to_owned();
    };
    if wish.gift && wish.recipient.is_none() {
        "Who is it for?".to_owned()
    } else if wish.budget.is_none() && wish.ceiling.is_none() {
        "Do you have a budget in mind?".to_owned()
    } else if wish.recipient.is_some() && wish.occasion.is_none() {
        "Is there an occasion?".to_owned()
    } else {
        format!("Want to see more like {}?", best.title)
    }
}

/// Returns the quick replies. It tries each one first, and skips those that change no products.
pub fn chips(catalogue: &Catalogue, turn: &Turn, hints: Hints) -> Vec<Chip> {
    let mut candidates = Vec::new();
    if turn.outcome == Outcome::Found {
        candidates.extend(price_chip(catalogue, turn));
        candidates.extend(category_chips(catalogue, turn));
        candidates.extend(brand_chip(catalogue, turn));
        candidates.push(chip("Show me more like that", "more_like"));
    } else {
        if turn.outcome == Outcome::Nothing {
            candidates.extend(wider_chip(catalogue, &turn.after.wish));
        }
        candidates.extend(category_chips(catalogue, turn));
        candidates.push(chip("A birthday gift for a friend", "starter"));
        candidates.push(chip("Something cosy for the home", "starter"));
    }
    candidates.retain(|chip| {
        let next = take_turn(catalogue, &turn.after, &chip.text, hints);
        !next.products.is_empty() && next.products != turn.products
    });
    candidates.truncate(MOST_CHIPS);
    candidates
}

fn chip(text: impl Into<String>, kind: &'static str) -> Chip {
    Chip {
        text: text.into(),
        kind,
    }
}

/// Returns a quick reply with the highest amount below the price of the most expensive product.
fn price_chip(catalogue: &Catalogue, turn: &Turn) -> Option<Chip> {
    let dearest = turn
        .products
        .iter()
        .filter_map(|place| catalogue.get(*place)?.price)
        .fold(0.0, f64::max);
    let step = STEPS.into_iter().rfind(|step| *step < dearest)?;
    Some(chip(format!("Under {}", dollars(step)), "price_pivot"))
}

/// Returns a quick reply with the lowest amount at which a product fits again.
fn wider_chip(catalogue: &Catalogue, wish: &Wish) -> Option<Chip> {
    let step = STEPS.into_iter().find(|step| {
        let wider = Wish {
            budget: Some(Budget::up_to(*step)),
            ..wish.clone()
        };
        !choose(catalogue, &wider, &[], &[]).is_empty()
    })?;
    Some(chip(format!("Under {}", dollars(step)), "price_pivot"))
}

/// Returns quick replies for two other categories that fit the rest of the wish.
fn category_chips(catalogue: &Catalogue, turn: &Turn) -> Vec<Chip> {
    let open = Wish {
        categories: Vec::new(),
        vendors: Vec::new(),
        like: None,
        ..turn.after.wish.clone()
    };
    let shown: Vec<&str> = turn
        .products
        .iter()
        .filter_map(|place| Some(catalogue.get(*place)?.category.as_str()))
        .collect();
    let known: Vec<usize> = catalogue
        .iter()
        .filter(|(_, product)| shown.contains(&product.category.as_str()))
        .map(|(place, _)| place)
        .collect();
    choose(catalogue, &open, &[], &known)
        .into_iter()
        .filter_map(|place| category_of(&catalogue.get(place)?.category))
        .map(|category| chip(category.plural, "category_pivot"))
        .take(2)
        .collect()
}

fn brand_chip(catalogue: &Catalogue, turn: &Turn) -> Option<Chip> {
    let best = catalogue.get(*turn.products.first()?)?;
    let vendor = best.vendor.as_ref()?;
    Some(chip(format!("More from {vendor}"), "brand_pivot"))
}
