//! The deny cache: the refusals that an isolate remembers.

use concierge_proxy::limits::protocol::{Decision, Exceeded, Standing};
use concierge_proxy::limits::{Cap, REMEMBERED_MS, Tier, Window};
use concierge_proxy::memory::deny_cache::{DenyCache, DenyKey, MAX_REFUSALS};
use concierge_proxy::network::LimiterName;
use concierge_proxy::pass::Shopper;

const NOW: u64 = 1_800_000_000_000;

fn deny_key(shopper: u32) -> DenyKey {
    DenyKey {
        limiter: LimiterName([7; 16]),
        shopper: Some(Shopper(shopper)),
    }
}

fn refusal(retry_after: u32) -> Decision {
    Decision {
        exceeded: Some(Exceeded {
            tier: Tier::Shopper,
            cap: Cap {
                count: 6,
                window: Window::Minute,
            },
            retry_after,
        }),
        standing: Standing {
            remaining: 34,
            reset: 3_000,
        },
    }
}

fn wait(deny_cache: &DenyCache, deny_key: &DenyKey, now: u64) -> Option<u32> {
    let exceeded = deny_cache.recall(deny_key, now)?.exceeded;
    Some(exceeded.expect("a refusal").retry_after)
}

#[test]
fn a_refusal_is_remembered_for_five_seconds_and_its_wait_goes_down() {
    let mut deny_cache = DenyCache::default();
    deny_cache.note(deny_key(1), refusal(40), NOW);
    for (later, expected) in [
        (0, Some(40)),
        (999, Some(40)),
        (1_000, Some(39)),
        (REMEMBERED_MS - 1, Some(36)),
        (REMEMBERED_MS, None),
    ] {
        assert_eq!(
            wait(&deny_cache, &deny_key(1), NOW + later),
            expected,
            "{later} ms later"
        );
    }
}

#[test]
fn a_refusal_is_never_remembered_into_the_second_in_which_it_may_end() {
    for (retry_after, sure) in [(1, 0), (2, 1_000), (4, 3_000)] {
        let mut deny_cache = DenyCache::default();
        deny_cache.note(deny_key(1), refusal(retry_after), NOW);
        assert_eq!(
            deny_cache.recall(&deny_key(1), NOW + sure),
            None,
            "{retry_after} s"
        );
        let before = (NOW + sure).checked_sub(1).filter(|time| *time >= NOW);
        if let Some(before) = before {
            assert!(
                deny_cache.recall(&deny_key(1), before).is_some(),
                "{retry_after} s"
            );
        }
    }
}

#[test]
fn a_refusal_by_a_clock_that_ran_ahead_ends_when_it_is_right_again() {
    let mut deny_cache = DenyCache::default();
    deny_cache.note(deny_key(1), refusal(40), NOW);
    assert_eq!(deny_cache.recall(&deny_key(1), NOW - 1), None);
}

#[test]
fn a_refusal_is_remembered_for_nobody_else() {
    let mut deny_cache = DenyCache::default();
    deny_cache.note(deny_key(1), refusal(40), NOW);
    let newcomer = DenyKey {
        shopper: None,
        ..deny_key(1)
    };
    let elsewhere = DenyKey {
        limiter: LimiterName([8; 16]),
        ..deny_key(1)
    };
    for other in [deny_key(2), newcomer, elsewhere] {
        assert_eq!(deny_cache.recall(&other, NOW), None);
    }
}

#[test]
fn an_admission_is_not_remembered() {
    let mut deny_cache = DenyCache::default();
    let admitted = Decision {
        exceeded: None,
        ..refusal(40)
    };
    deny_cache.note(deny_key(1), admitted, NOW);
    assert_eq!(deny_cache.recall(&deny_key(1), NOW), None);
}

#[test]
fn the_memory_is_bounded_and_the_newest_refusal_is_always_in_it() {
    let mut deny_cache = DenyCache::default();
    let askers = 0..3 * u32::try_from(MAX_REFUSALS).expect("a small number");
    for shopper in askers.clone() {
        deny_cache.note(deny_key(shopper), refusal(40), NOW);
        assert!(
            deny_cache.recall(&deny_key(shopper), NOW).is_some(),
            "{shopper}"
        );
    }
    let remembered = askers
        .filter(|shopper| deny_cache.recall(&deny_key(*shopper), NOW).is_some())
        .count();
    assert_eq!(remembered, MAX_REFUSALS);
}
