//! What a merchant lifts no longer counts, and nothing else changes.

use concierge_proxy::limits::Tier;
use concierge_proxy::limits::ledger::Ledger;
use proptest::prelude::*;

use super::{T0, bytes};
use crate::support::{cases, limits};

const ANA: u32 = 7;
const BEN: u32 = 8;

fn only(shopper: u32) -> impl Fn(u32) -> bool {
    move |other| other == shopper
}

#[test]
fn a_shopper_who_is_lifted_has_a_whole_budget_again() {
    let limits = limits("2/hour", "9/hour", "9/hour");
    let mut ledger = Ledger::default();
    for _ in 0..2 {
        ledger.admit(&limits, ANA, true, T0);
    }
    assert!(ledger.admit(&limits, ANA, true, T0).exceeded.is_some());
    assert_eq!(ledger.lift(&limits, Tier::Shopper, only(ANA), T0), 2);
    let after = ledger.admit(&limits, ANA, true, T0);
    assert_eq!((after.exceeded, after.standing.remaining), (None, 1));
}

#[test]
fn what_is_lifted_of_a_shopper_still_counts_for_the_network() {
    let limits = limits("2/hour", "9/hour", "3/hour");
    let mut ledger = Ledger::default();
    ledger.admit(&limits, ANA, true, T0);
    ledger.admit(&limits, ANA, true, T0);
    ledger.lift(&limits, Tier::Shopper, only(ANA), T0);
    assert_eq!(ledger.admit(&limits, ANA, false, T0).exceeded, None);
    let network = ledger.admit(&limits, ANA, false, T0).exceeded.unwrap();
    assert_eq!(network.tier, Tier::Network);
}

#[test]
fn a_shopper_without_a_pass_has_their_place_as_a_newcomer_again() {
    let limits = limits("2/hour", "2/hour", "9/hour");
    let mut ledger = Ledger::default();
    for shopper in [ANA, ANA, BEN] {
        ledger.admit(&limits, shopper, true, T0);
    }
    ledger.lift(&limits, Tier::Shopper, only(ANA), T0);
    assert_eq!(ledger.admit(&limits, ANA, true, T0).exceeded, None);
    let other = ledger.admit(&limits, 9, true, T0).exceeded.unwrap();
    assert_eq!(other.tier, Tier::Newcomer);
}

#[test]
fn a_network_is_lifted_even_if_only_the_places_of_refunded_newcomers_are_left() {
    let limits = limits("2/hour", "1/hour", "9/hour");
    let mut ledger = Ledger::default();
    ledger.admit(&limits, ANA, true, T0);
    ledger.refund(&limits.shopper, ANA, T0, T0);
    assert!(ledger.admit(&limits, BEN, true, T0).exceeded.is_some());
    assert_eq!(ledger.lift(&limits, Tier::Network, |_| false, T0), 1);
    assert_eq!(ledger.admit(&limits, BEN, true, T0).exceeded, None);
}

#[test]
fn what_no_window_needs_any_more_is_not_lifted() {
    let limits = limits("2/hour", "9/hour", "9/hour");
    let mut ledger = Ledger::default();
    ledger.admit(&limits, ANA, true, T0);
    assert_eq!(
        ledger.lift(&limits, Tier::Shopper, only(ANA), T0 + 3_600_000),
        0
    );
}

#[test]
fn the_other_shoppers_keep_their_counts() {
    let limits = limits("2/hour", "9/hour", "9/hour");
    let mut ledger = Ledger::default();
    for shopper in [ANA, BEN, BEN] {
        ledger.admit(&limits, shopper, true, T0);
    }
    assert_eq!(ledger.lift(&limits, Tier::Shopper, only(ANA), T0), 1);
    assert!(ledger.admit(&limits, BEN, true, T0).exceeded.is_some());
}

#[test]
fn lifting_the_newcomers_frees_their_places_alone() {
    let limits = limits("2/hour", "2/hour", "9/hour");
    let mut ledger = Ledger::default();
    for shopper in [ANA, ANA, BEN] {
        ledger.admit(&limits, shopper, true, T0);
    }
    assert!(ledger.admit(&limits, 9, true, T0).exceeded.is_some());
    assert_eq!(ledger.lift(&limits, Tier::Newcomer, |_| false, T0), 2);
    assert_eq!(ledger.admit(&limits, 9, true, T0).exceeded, None);
    let own = ledger.admit(&limits, ANA, true, T0).exceeded.unwrap();
    assert_eq!(own.tier, Tier::Shopper);
}

#[test]
fn lifting_the_network_frees_all_of_it() {
    let limits = limits("2/hour", "2/hour", "3/hour");
    let mut ledger = Ledger::default();
    for shopper in [ANA, ANA, BEN] {
        ledger.admit(&limits, shopper, true, T0);
    }
    assert_eq!(ledger.lift(&limits, Tier::Network, |_| false, T0), 3);
    assert!(ledger.is_empty());
    for shopper in [ANA, ANA, BEN] {
        assert_eq!(ledger.admit(&limits, shopper, true, T0).exceeded, None);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_ledger_is_the_same_after_a_lift_and_a_restart(
        chats in prop::collection::vec((0_u32..4, any::<bool>(), 0_u64..5_000, any::<bool>()), 1..60),
        meant in 0_u32..4,
        tier in prop::sample::select(vec![Tier::Shopper, Tier::Newcomer, Tier::Network]),
    ) {
        let limits = limits("9/minute", "9/minute", "60/minute");
        let mut ledger = Ledger::default();
        let mut now = T0;
        for (shopper, newcomer, pause, refund) in chats {
            now += pause;
            ledger.admit(&limits, shopper, newcomer, now);
            if refund {
                ledger.refund(&limits.shopper, shopper, now, now);
            }
        }
        ledger.lift(&limits, tier, only(meant), now);
        let mut restored = Ledger::read(&bytes(&ledger)).unwrap();
        prop_assert_eq!(bytes(&restored), bytes(&ledger));
        for shopper in 0..4 {
            let (one, other) = (
                ledger.admit(&limits, shopper, true, now + 1),
                restored.admit(&limits, shopper, true, now + 1),
            );
            prop_assert_eq!(one, other);
        }
    }
}
