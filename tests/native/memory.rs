//! What an isolate remembers of refusals.

use concierge_proxy::limits::protocol::{Decision, Exceeded, Standing};
use concierge_proxy::limits::{Cap, Tier, Window};
use concierge_proxy::memory::refusals::{Asker, LONGEST, MOST, Refusals};
use concierge_proxy::network::Home;
use concierge_proxy::pass::Shopper;

const NOW: u64 = 1_800_000_000_000;

fn asker(shopper: u32) -> Asker {
    Asker {
        home: Home([7; 16]),
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

fn wait(refusals: &Refusals, asker: &Asker, now: u64) -> Option<u32> {
    let exceeded = refusals.recall(asker, now)?.exceeded;
    Some(exceeded.expect("a refusal").retry_after)
}

#[test]
fn a_refusal_is_remembered_for_five_seconds_and_its_wait_goes_down() {
    let mut refusals = Refusals::default();
    refusals.note(asker(1), refusal(40), NOW);
    for (later, expected) in [
        (0, Some(40)),
        (999, Some(40)),
        (1_000, Some(39)),
        (LONGEST - 1, Some(36)),
        (LONGEST, None),
    ] {
        assert_eq!(
            wait(&refusals, &asker(1), NOW + later),
            expected,
            "{later} ms later"
        );
    }
}

#[test]
fn a_refusal_is_never_remembered_into_the_second_in_which_it_may_end() {
    for (retry_after, sure) in [(1, 0), (2, 1_000), (4, 3_000)] {
        let mut refusals = Refusals::default();
        refusals.note(asker(1), refusal(retry_after), NOW);
        assert_eq!(
            refusals.recall(&asker(1), NOW + sure),
            None,
            "{retry_after} s"
        );
        let before = (NOW + sure).checked_sub(1).filter(|time| *time >= NOW);
        if let Some(before) = before {
            assert!(
                refusals.recall(&asker(1), before).is_some(),
                "{retry_after} s"
            );
        }
    }
}

#[test]
fn a_refusal_of_a_clock_that_ran_ahead_ends_with_its_return() {
    let mut refusals = Refusals::default();
    refusals.note(asker(1), refusal(40), NOW);
    assert_eq!(refusals.recall(&asker(1), NOW - 1), None);
}

#[test]
fn a_refusal_is_remembered_for_nobody_else() {
    let mut refusals = Refusals::default();
    refusals.note(asker(1), refusal(40), NOW);
    let newcomer = Asker {
        shopper: None,
        ..asker(1)
    };
    let elsewhere = Asker {
        home: Home([8; 16]),
        ..asker(1)
    };
    for other in [asker(2), newcomer, elsewhere] {
        assert_eq!(refusals.recall(&other, NOW), None);
    }
}

#[test]
fn an_admission_is_not_remembered() {
    let mut refusals = Refusals::default();
    let admitted = Decision {
        exceeded: None,
        ..refusal(40)
    };
    refusals.note(asker(1), admitted, NOW);
    assert_eq!(refusals.recall(&asker(1), NOW), None);
}

#[test]
fn the_memory_is_bounded_and_the_newest_refusal_is_always_in_it() {
    let mut refusals = Refusals::default();
    let askers = 0..3 * u32::try_from(MOST).expect("a small number");
    for shopper in askers.clone() {
        refusals.note(asker(shopper), refusal(40), NOW);
        assert!(refusals.recall(&asker(shopper), NOW).is_some(), "{shopper}");
    }
    let remembered = askers
        .filter(|shopper| refusals.recall(&asker(*shopper), NOW).is_some())
        .count();
    assert_eq!(remembered, MOST);
}
