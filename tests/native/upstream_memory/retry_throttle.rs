//! How many retries the isolate sends while the upstream fails.

use concierge_proxy::attempts::Outcome;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::retry_throttle::RetryThrottle;
use proptest::prelude::*;

use super::{T0, at, learn};
use crate::support::cases;

#[test]
fn retries_end_where_half_of_the_tokens_are_gone() {
    let mut retries = RetryThrottle::default();
    let allowed: Vec<bool> = (0..6)
        .map(|block| {
            retries.failed(at(block));
            retries.allowed(at(block))
        })
        .collect();
    assert_eq!(allowed, [true, true, true, true, false, false]);
    // 4 tokens are left: a tenth for each success, until there are more than 5.
    let successes = (1..)
        .find(|_| {
            retries.succeeded();
            retries.allowed(at(1))
        })
        .unwrap();
    assert_eq!(successes, 11);
}

#[test]
fn one_partys_failures_end_only_its_own_retries() {
    let mut retries = RetryThrottle::default();
    // A household's IPv4, its IPv6 and a phone, one after the other.
    for number in 0..240 {
        retries.failed(at(number % 3));
        if number % 10 == 9 {
            retries.succeeded();
        }
    }
    assert!(retries.allowed(at(9)));
    for number in 0..15 {
        retries.failed(at(number % 3));
    }
    assert!(!retries.allowed(at(1)));
    assert!(retries.allowed(at(9)));
    retries.succeeded();
    assert!(retries.allowed(at(1)));
}

#[test]
fn a_retry_that_nobody_counts_needs_no_token() {
    for (outcome, free) in [
        (Outcome::NoConnection, true),
        (Outcome::KeyRefused, true),
        (Outcome::ConversationGone, true),
        (Outcome::GatewayFailed, false),
        (Outcome::GatewayThrottled, false),
        (Outcome::EngineError, false),
    ] {
        let mut memory = Memory::default();
        for block in 0..5 {
            memory.retry_throttle.failed(at(block));
        }
        let lesson = learn(&mut memory, &outcome, 1, T0);
        assert_eq!(lesson.may_retry, free, "{outcome:?}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    /// Over any run of chats that fail, retries are at most four and a tenth of the successes,
    /// where every failure is another block's.
    #[test]
    fn retries_are_bounded_by_successes(run in prop::collection::vec(any::<bool>(), 1..400)) {
        let mut retries = RetryThrottle::default();
        let (mut successes, mut retried) = (0_u32, 0);
        let mut blocks = (0..=255).cycle().map(at);
        for good in run {
            if good {
                retries.succeeded();
                successes += 1;
            } else {
                let block = blocks.next().unwrap();
                retries.failed(block);
                retried += u32::from(retries.allowed(block));
            }
            prop_assert!(retried <= 4 + successes.div_ceil(10), "{} after {}", retried, successes);
        }
    }
}
