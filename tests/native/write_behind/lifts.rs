//! A lift is stored like an admission, and finds a shopper by the name that log lines have.

use concierge_proxy::limits::protocol::{Account, Answer, Question, at_omi};
use concierge_proxy::limits::write_behind::WriteBehind;
use concierge_proxy::limits::{Limits, Own, Tier};
use concierge_proxy::storage::StorageOps;

use crate::support::{budget, limits};
use crate::windows::T0;

/// Each shopper's name is their number.
fn name(shopper: u32) -> [u8; 6] {
    let [a, b, c, d] = shopper.to_be_bytes();
    [0, 0, a, b, c, d]
}

fn ask(
    write_behind: &mut WriteBehind,
    limits: &Limits,
    question: Question,
    now: u64,
) -> (Answer, StorageOps) {
    write_behind.answer(question, limits, &name, now)
}

fn lift(shopper: u32, tier: Tier) -> Question {
    Question::Lift {
        name: name(shopper),
        tier,
    }
}

#[test]
fn a_lift_outlives_the_memory_of_the_object() {
    let limits = limits("1/hour", "9/hour", "9/hour");
    let mut write_behind = WriteBehind::default();
    write_behind.admit(&limits, 7, true, 0, T0);
    let later = T0 + 2_000;
    let (answer, ops) = ask(&mut write_behind, &limits, lift(7, Tier::Shopper), later);
    assert_eq!(answer, Answer::Lifted(1));
    let stored = ops.write.expect("a write");
    let mut restored = WriteBehind::restore(&stored).expect("a snapshot");
    let (decision, _) = restored.admit(&limits, 7, true, 0, later);
    assert_eq!(decision.exceeded, None);
}

#[test]
fn a_lift_of_nobody_who_is_known_writes_nothing() {
    let limits = limits("1/hour", "9/hour", "9/hour");
    let mut write_behind = WriteBehind::default();
    write_behind.admit(&limits, 7, true, 0, T0);
    let nobody = lift(8, Tier::Shopper);
    let (answer, ops) = ask(&mut write_behind, &limits, nobody, T0 + 2_000);
    assert_eq!(answer, Answer::Lifted(0));
    assert_eq!(ops, StorageOps::default());
}

#[test]
fn a_verified_shopper_is_lifted_at_omi_too() {
    let limits = Limits {
        omi: Some(budget("1/hour")),
        ..limits("1/hour", "9/hour", "9/hour")
    };
    let shopper = 1 << 31;
    let account = |own, shopper| {
        Question::AdmitVerified(Account {
            shopper,
            own,
            receipt: 0,
            once: 0,
        })
    };
    let mut write_behind = WriteBehind::default();
    let wishes = [
        account(Own::Verified, shopper),
        account(Own::Omi, at_omi(shopper)),
    ];
    for wish in wishes {
        ask(&mut write_behind, &limits, wish, T0);
    }
    let (answer, _) = ask(&mut write_behind, &limits, lift(shopper, Tier::Shopper), T0);
    assert_eq!(answer, Answer::Lifted(2));
    for wish in wishes {
        let (answer, _) = ask(&mut write_behind, &limits, wish, T0);
        assert!(matches!(answer, Answer::Decision(decision) if decision.exceeded.is_none()));
    }
}
