//! A verdict crosses the call into the object as numbers.

use concierge_proxy::limits::verdict::{Exceeded, Standing, Verdict};
use concierge_proxy::limits::{Cap, Tier, Window};
use proptest::prelude::*;

use crate::support::cases;

fn exceeded() -> impl Strategy<Value = Exceeded> {
    (
        prop::sample::select(vec![Tier::Shopper, Tier::Newcomer, Tier::Network]),
        any::<u32>(),
        prop::sample::select(Window::ALL.to_vec()),
        any::<u32>(),
    )
        .prop_map(|(tier, count, window, retry_after)| Exceeded {
            tier,
            cap: Cap { count, window },
            retry_after,
        })
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_verdict_is_read_as_it_was_given(
        exceeded in prop::option::of(exceeded()),
        remaining: u32,
        reset: u32,
    ) {
        let verdict = Verdict { exceeded, standing: Standing { remaining, reset } };
        prop_assert_eq!(Verdict::from_words(&verdict.to_words()), Some(verdict));
    }

    #[test]
    fn no_words_break_the_reading(words: Vec<u32>) {
        if let Some(verdict) = Verdict::from_words(&words) {
            prop_assert_eq!(words.len(), if verdict.exceeded.is_none() { 2 } else { 6 });
        }
    }
}

#[test]
fn what_is_no_verdict_admits_nobody() {
    for words in [
        &[][..],
        &[0],
        &[0, 0, 1],
        &[0, 0, 1, 1, 60],
        &[0, 0, 1, 1, 60, 1, 0],
        &[0, 0, 0, 1, 60, 1],
        &[0, 0, 4, 1, 60, 1],
        &[0, 0, u32::MAX, 1, 60, 1],
        &[0, 0, 1, 1, 61, 1],
        &[0, 0, 1, 1, 0, 1],
    ] {
        assert_eq!(Verdict::from_words(words), None, "{words:?}");
    }
}
