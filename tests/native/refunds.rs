//! Chats that are refunded to their shopper's budget.

use concierge_proxy::limits::receipts::{MAX_RECEIPTS, MAX_REFUNDS, RECEIPT_LIFE_MS};
use concierge_proxy::limits::write_behind::{WRITE_INTERVAL_MS, WriteBehind};
use concierge_proxy::limits::{Limits, Tier};
use proptest::prelude::*;

use crate::support::{cases, limits};

const T0: u64 = 1_800_000_000_000;
const ANNA: u32 = 1;
const BERT: u32 = 2;

fn tier(
    write_behind: &mut WriteBehind,
    limits: &Limits,
    shopper: u32,
    newcomer: bool,
    receipt: u32,
    now: u64,
) -> Option<Tier> {
    let decision = write_behind
        .admit(limits, shopper, newcomer, receipt, now)
        .0;
    decision.exceeded.map(|exceeded| exceeded.tier)
}

fn refund(
    write_behind: &mut WriteBehind,
    limits: &Limits,
    shopper: u32,
    receipt: u32,
    now: u64,
) -> bool {
    write_behind
        .refund(limits, shopper, receipt, now)
        .0
        .is_some()
}

#[test]
fn a_refunded_chat_counts_neither_for_the_shopper_nor_for_the_network() {
    for budget in [
        limits("1/hour", "9/hour", "9/hour"),
        limits("9/hour", "9/hour", "1/hour"),
    ] {
        let mut write_behind = WriteBehind::default();
        assert_eq!(tier(&mut write_behind, &budget, ANNA, false, 7, T0), None);
        assert!(tier(&mut write_behind, &budget, ANNA, false, 8, T0 + 1).is_some());
        let (standing, _) = write_behind.refund(&budget, ANNA, 7, T0 + 2);
        assert_eq!(standing.map(|standing| standing.reset), Some(0));
        assert_eq!(
            tier(&mut write_behind, &budget, ANNA, false, 9, T0 + 3),
            None
        );
        assert!(tier(&mut write_behind, &budget, ANNA, false, 10, T0 + 4).is_some());
    }
}

#[test]
fn a_newcomers_place_is_never_refunded() {
    let budget = limits("9/hour", "1/hour", "9/hour");
    let mut write_behind = WriteBehind::default();
    assert_eq!(tier(&mut write_behind, &budget, ANNA, true, 7, T0), None);
    assert!(refund(&mut write_behind, &budget, ANNA, 7, T0 + 1));
    let refused = Some(Tier::Newcomer);
    assert_eq!(
        tier(&mut write_behind, &budget, BERT, true, 8, T0 + 2),
        refused
    );
    // A restart does not help either.
    let ops = write_behind.flush(budget.horizon().millis(), T0 + WRITE_INTERVAL_MS);
    let stored = ops.write.expect("a write");
    let mut write_behind = WriteBehind::restore(&stored).expect("its own snapshot");
    assert_eq!(
        tier(&mut write_behind, &budget, BERT, true, 9, T0 + 2_000),
        refused
    );
    assert_eq!(
        tier(&mut write_behind, &budget, BERT, true, 9, T0 + 3_600_000),
        None
    );
}

#[test]
fn a_receipt_is_good_once_for_its_shopper_and_for_a_minute() {
    let budget = limits("9/hour", "9/hour", "9/hour");
    let mut write_behind = WriteBehind::default();
    tier(&mut write_behind, &budget, ANNA, false, 7, T0);
    tier(&mut write_behind, &budget, ANNA, false, 8, T0);
    assert!(!refund(&mut write_behind, &budget, BERT, 7, T0 + 1));
    assert!(!refund(&mut write_behind, &budget, ANNA, 9, T0 + 1));
    assert!(refund(&mut write_behind, &budget, ANNA, 7, T0 + 1));
    assert!(!refund(&mut write_behind, &budget, ANNA, 7, T0 + 1));
    assert!(!refund(
        &mut write_behind,
        &budget,
        ANNA,
        8,
        T0 + RECEIPT_LIFE_MS
    ));
}

#[test]
fn a_restarted_object_knows_no_receipt() {
    let budget = limits("1/hour", "9/hour", "9/hour");
    let mut write_behind = WriteBehind::default();
    let (_, ops) = write_behind.admit(&budget, ANNA, false, 7, T0);
    let mut write_behind =
        WriteBehind::restore(&ops.write.expect("a write")).expect("a write_behind");
    assert!(!refund(&mut write_behind, &budget, ANNA, 7, T0 + 1));
    assert_eq!(
        tier(&mut write_behind, &budget, ANNA, false, 8, T0 + 2),
        Some(Tier::Shopper)
    );
}

#[test]
fn a_limiter_gives_a_bounded_number_of_refunds_a_minute() {
    let budget = limits("9000/hour", "9000/hour", "9000/hour");
    let mut write_behind = WriteBehind::default();
    let most = u32::try_from(MAX_REFUNDS).unwrap();
    for receipt in 0..most + 2 {
        tier(&mut write_behind, &budget, ANNA, false, receipt, T0 + 1);
    }
    for receipt in 0..most {
        assert!(refund(&mut write_behind, &budget, ANNA, receipt, T0 + 2));
    }
    assert!(!refund(&mut write_behind, &budget, ANNA, most, T0 + 3));
    tier(&mut write_behind, &budget, ANNA, false, 99, T0 + 60_001);
    assert!(!refund(&mut write_behind, &budget, ANNA, 99, T0 + 60_001));
    assert!(refund(&mut write_behind, &budget, ANNA, 99, T0 + 60_002));
}

#[test]
fn the_receipts_of_a_limiter_are_bounded() {
    let budget = limits("20000/hour", "20000/hour", "20000/hour");
    let mut write_behind = WriteBehind::default();
    for receipt in 0..=u32::try_from(MAX_RECEIPTS).unwrap() {
        tier(&mut write_behind, &budget, ANNA, false, receipt, T0);
    }
    assert!(!refund(&mut write_behind, &budget, ANNA, 0, T0 + 1));
    assert!(refund(&mut write_behind, &budget, ANNA, 1, T0 + 1));
}

proptest! {
    #![proptest_config(cases(256))]

    /// A write-behind whose chats were refunded decides as one that never saw them, except for the
    /// newcomers' places. What it stores is the same, too.
    #[test]
    fn a_refund_is_exact(
        steps in prop::collection::vec((0..3_u32, any::<bool>(), 0..20_000_u64), 1..40),
    ) {
        let budget = limits("4/minute, 9/hour", "20000/hour", "12/minute, 20/hour");
        let (mut write_behind, mut mirror) = (WriteBehind::default(), WriteBehind::default());
        let mut now = T0;
        for (receipt, (shopper, back, gap)) in (0_u32..).zip(steps) {
            now += gap;
            let said = write_behind.admit(&budget, shopper, false, receipt, now).0;
            if back && said.exceeded.is_none() && refund(&mut write_behind, &budget, shopper, receipt, now) {
                continue;
            }
            prop_assert_eq!(said, mirror.admit(&budget, shopper, false, receipt, now).0);
        }
        let horizon = budget.horizon().millis();
        let snapshots = [&mut write_behind, &mut mirror].map(|write_behind| {
            write_behind.admit(&budget, 9, false, 999, now + 1_000);
            write_behind.flush(horizon, now + 2_000).write.or(write_behind.alarm(horizon, now + 2_000).write)
        });
        // The time of the alarm is left out, because it follows the first write.
        let [stored, mirrored] = snapshots.map(|snapshot| snapshot.expect("a write")[9..].to_vec());
        prop_assert_eq!(stored, mirrored);
    }
}
