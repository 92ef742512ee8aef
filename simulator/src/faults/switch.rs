//! The switch of the faults: the orders for all requests, or for those that pass a filter.

use std::sync::Mutex;

use crate::contract::assistant::Assistant;
use crate::faults::named::Named;
use crate::faults::orders::{Order, Turns};
use crate::lock::lock;

/// The requests that an order applies to. A filter that is missing admits all requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub assistant: Option<Assistant>,
    pub endpoint: Option<String>,
    /// The whole text of a shopper's message, or of a write.
    pub text: Option<String>,
}

impl Filter {
    fn admits(&self, request: &Target<'_>) -> bool {
        let same = |own: &Option<String>, other: Option<&str>| {
            own.as_deref().is_none_or(|own| Some(own) == other)
        };
        self.assistant.is_none_or(|own| own == request.assistant)
            && same(&self.endpoint, Some(request.endpoint))
            && same(&self.text, request.text)
    }
}

/// A request that may meet a fault.
pub struct Target<'a> {
    pub assistant: Assistant,
    pub endpoint: &'a str,
    pub text: Option<&'a str>,
    /// Its conversation. Each conversation has its own place in a sequence.
    pub session: Option<&'a str>,
}

struct Held {
    filter: Filter,
    order: Order,
    times: Option<u64>,
    /// Empty at first, so a sequence that is set again starts again.
    turns: Turns,
}

/// The orders for all requests that pass a filter.
///
/// Each applies to a number of requests, or until it is cleared. The latest one goes first.
#[derive(Default)]
pub struct Switch(Mutex<Vec<Held>>);

impl Switch {
    /// Adds an order. It takes the place of an earlier one with the same filter.
    pub fn set(&self, filter: Filter, order: Order, times: Option<u64>) {
        let mut list = lock(&self.0);
        list.retain(|held| held.filter != filter);
        if times != Some(0) {
            list.push(Held {
                filter,
                order,
                times,
                turns: Turns::default(),
            });
        }
    }

    pub fn clear(&self) {
        lock(&self.0).clear();
    }

    /// Returns the fault for a request.
    pub fn take(&self, request: &Target<'_>) -> Option<Named> {
        let mut list = lock(&self.0);
        let place = list.iter().rposition(|held| held.filter.admits(request))?;
        let held = list.get_mut(place)?;
        // Requests without a conversation share a place, so that a second try can succeed.
        let session = request.session.unwrap_or_default();
        let fault = held.turns.next(&held.order, Some(session));
        if let Some(times) = &mut held.times {
            *times -= 1;
            if *times == 0 {
                list.remove(place);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn order(text: &str) -> Order {
        text.parse().unwrap()
    }

    fn target(text: &'static str) -> Target<'static> {
        Target {
            assistant: Assistant::Homie,
            endpoint: "message",
            text: Some(text),
            session: None,
        }
    }

    #[test]
    fn the_switch_counts_down() {
        let switch = Switch::default();
        let name = || switch.take(&target("hat")).map(|fault| fault.name);
        let set = |times| switch.set(Filter::default(), order("gzip"), times);
        set(Some(2));
        assert_eq!(name().as_deref(), Some("gzip"));
        assert_eq!(name().as_deref(), Some("gzip"));
        assert_eq!(name(), None);
        set(None);
        for _ in 0..9 {
            assert!(name().is_some());
        }
        switch.clear();
        assert_eq!(name(), None);
        set(Some(0));
        assert_eq!(name(), None);
    }

    #[test]
    fn filters_stand_beside_each_other_and_the_latest_goes_first() {
        let switch = Switch::default();
        let name = |text| switch.take(&target(text)).map(|fault| fault.name);
        switch.set(Filter::default(), order("gzip"), None);
        let hat = Filter {
            assistant: Some(Assistant::Homie),
            endpoint: Some("message".to_owned()),
            text: Some("hat".to_owned()),
        };
        switch.set(hat.clone(), order("empty"), Some(1));
        let other = Filter {
            assistant: Some(Assistant::Omniops),
            ..Filter::default()
        };
        switch.set(other, order("html-502"), None);
        assert_eq!(name("scarf").as_deref(), Some("gzip"));
        assert_eq!(name("hat").as_deref(), Some("empty"));
        assert_eq!(name("hat").as_deref(), Some("gzip"), "the other is used up");
        switch.set(hat.clone(), order("empty"), None);
        switch.set(hat, order("ok"), None);
        assert_eq!(name("hat").as_deref(), Some("ok"), "in the same place");
    }
}
