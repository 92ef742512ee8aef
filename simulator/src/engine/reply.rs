//! The recommendation engine. It turns a prompt into products and text.
//!
//! The same conversation always gets the same answers.

use crate::catalogue::products::{Catalogue, Product};
use crate::engine::prose::{self, Chip};
use crate::engine::ranking::choose;
use crate::engine::turn::{Conversation, Hints, take_turn};

/// The engine's part of an answer.
pub struct Reply<'a> {
    pub products: Vec<&'a Product>,
    pub message: String,
    pub intent: &'static str,
    pub follow_up: String,
    pub chips: Vec<Chip>,
}

/// Answers a prompt. Returns the state to remember and the reply.
pub fn to<'a>(
    catalogue: &'a Catalogue,
    before: &Conversation,
    prompt: &str,
    hints: Hints,
) -> (Conversation, Reply<'a>) {
    let turn = take_turn(catalogue, before, prompt, hints);
    let reply = Reply {
        products: turn
            .products
            .iter()
            .filter_map(|place| catalogue.get(*place))
            .collect(),
        message: prose::message(catalogue, &turn),
        intent: prose::intent(catalogue, &turn),
        follow_up: prose::follow_up(catalogue, &turn),
        chips: prose::chips(catalogue, &turn, hints),
    };
    (turn.after, reply)
}

/// Returns the products that fit a conversation beyond those of its last answer, best first.
pub fn beyond<'a>(catalogue: &'a Catalogue, conversation: &Conversation) -> Vec<&'a Product> {
    let mut known = conversation.shown.clone();
    loop {
        let next = choose(catalogue, &conversation.wish, &[], &known);
        if next.is_empty() {
            break;
        }
        known.extend(next);
    }
    known
        .iter()
        .skip(conversation.shown.len())
        .filter_map(|place| catalogue.get(*place))
        .collect()
}
