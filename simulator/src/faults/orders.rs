//! The orders for faults. An order is one fault or a sequence, for one request or for many.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::faults::named::Named;

/// The most sessions remembered. Beyond that, the oldest sessions start their sequence again.
const TURNS_KEPT: usize = 100_000;

/// The separator between the names of a sequence, with or without spaces around it.
const SEPARATOR: char = '|';

/// One fault, or a sequence. Each request of a session gets the next fault; the last one repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    text: String,
    first: Vec<Named>,
    last: Named,
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = match text.rsplit_once(SEPARATOR) {
            Some((first, last)) => (Some(first), last),
            None => (None, text),
        };
        Ok(Self {
            text: text.to_owned(),
            first: first
                .into_iter()
                .flat_map(|names| names.split(SEPARATOR))
                .map(|name| name.trim().parse())
                .collect::<Result<_, _>>()?,
            last: last.trim().parse()?,
        })
    }
}

/// How many requests of each session have used each sequence.
///
/// It keeps only hashes of sessions and sequences, because their texts may be long.
#[derive(Default)]
pub struct Turns {
    counts: HashMap<u64, usize>,
    by_age: VecDeque<u64>,
}

impl Turns {
    /// Returns the fault for the next request. A request without a session gets the first one.
    pub fn next(&mut self, order: &Order, session: Option<&str>) -> Named {
        let turn = match session {
            Some(session) if !order.first.is_empty() => self.count(session, &order.text),
            _ => 0,
        };
        order.first.get(turn).unwrap_or(&order.last).clone()
    }

    /// Counts a request. Returns how many requests with this session and text came before it.
    fn count(&mut self, session: &str, text: &str) -> usize {
        let mut hasher = DefaultHasher::new();
        (session, text).hash(&mut hasher);
        let id = hasher.finish();
        if let Some(count) = self.counts.get_mut(&id) {
            *count += 1;
            return *count;
        }
        if self.by_age.len() == TURNS_KEPT
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.counts.remove(&oldest);
        }
        self.counts.insert(id, 0);
        self.by_age.push_back(id);
        0
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn order(text: &str) -> Order {
        text.parse().unwrap()
    }

    #[test]
    fn a_sequence_is_read_with_and_without_blanks() {
        for text in [
            "gzip|html-502|ok",
            "gzip | html-502 | ok",
            " gzip|  html-502 |ok ",
        ] {
            let mut turns = Turns::default();
            let mut next = || turns.next(&order(text), Some("s")).name;
            assert_eq!([next(), next(), next()], ["gzip", "html-502", "ok"]);
            assert_eq!(next(), "ok", "the last one stays");
        }
        for wrong in ["", "|", "gzip|", "| gzip", "gzip || ok", "gzip | typo | ok"] {
            assert!(wrong.parse::<Order>().is_err(), "{wrong}");
        }
        let said = "gzip | typo".parse::<Order>().unwrap_err();
        assert!(said.contains("'typo'"), "{said}");
    }

    #[test]
    fn the_session_that_began_first_goes_first() {
        let order = order("gzip | ok");
        let mut turns = Turns::default();
        for number in 0..TURNS_KEPT {
            turns.next(&order, Some(&number.to_string()));
        }
        assert_eq!(turns.next(&order, Some("0")).name, "ok");
        assert_eq!(turns.next(&order, Some("new")).name, "gzip");
        assert_eq!(turns.next(&order, Some("1")).name, "ok");
        assert_eq!(turns.next(&order, Some("0")).name, "gzip", "started over");
        assert_eq!(
            (turns.counts.len(), turns.by_age.len()),
            (TURNS_KEPT, TURNS_KEPT)
        );
    }

    #[test]
    fn a_single_fault_takes_no_memory() {
        let mut turns = Turns::default();
        turns.next(&order("gzip"), Some("s"));
        turns.next(&order("gzip | ok"), None);
        assert!(turns.counts.is_empty() && turns.by_age.is_empty());
    }
}
