//! Requests upstream beyond a chat's first: the network's, and nobody else's.

use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::protocol::Standing;
use proptest::prelude::*;

use super::{T0, bytes};
use crate::support::{cases, limits};

#[test]
fn a_retry_counts_for_the_network_and_for_no_shopper() {
    let limits = limits("3/minute", "9/minute", "4/minute");
    let mut ledger = Ledger::default();
    let first = ledger.admit(&limits, 0, true, T0);
    assert_eq!(first.exceeded, None);
    assert!(ledger.admit_retry(&limits, T0 + 1));
    assert!(ledger.admit_retry(&limits, T0 + 2));
    // The shopper whose number a retry bears in storage has no more of them.
    let second = ledger.admit(&limits, 0, false, T0 + 3);
    assert_eq!(
        second.standing,
        Standing {
            remaining: 1,
            reset: 60
        }
    );
    // The network's four are used.
    assert!(!ledger.admit_retry(&limits, T0 + 4));
    let third = ledger.admit(&limits, 0, false, T0 + 4).exceeded.unwrap();
    assert_eq!((third.tier.name(), third.retry_after), ("network", 60));
    assert!(ledger.admit_retry(&limits, T0 + 60_000));
}

#[test]
fn twenty_failing_chats_a_minute_are_twenty_requests() {
    let limits = limits("60/minute", "60/minute", "20/minute");
    let mut ledger = Ledger::default();
    let mut requests = 0;
    for chat in 0..60_u32 {
        let now = T0 + u64::from(chat) * 100;
        if ledger.admit(&limits, chat, true, now).exceeded.is_none() {
            requests += 1;
            requests += (0..2).filter(|_| ledger.admit_retry(&limits, now)).count();
        }
    }
    assert_eq!(requests, 20);
}

#[test]
fn a_refund_undoes_a_chat_and_never_a_retry() {
    let limits = limits("9/minute", "9/minute", "2/minute");
    let mut ledger = Ledger::default();
    assert!(ledger.admit_retry(&limits, T0));
    assert_eq!(ledger.refund(&limits.shopper, 0, T0, T0), None);
    ledger.admit(&limits, 0, false, T0);
    assert!(ledger.refund(&limits.shopper, 0, T0, T0).is_some());
    assert_eq!(ledger.refund(&limits.shopper, 0, T0, T0), None);
}

proptest! {
    #![proptest_config(cases(256))]

    /// To the network a retry is a chat like any other, before and after it was stored.
    #[test]
    fn a_retry_is_to_the_network_what_a_chat_is(
        steps in prop::collection::vec((any::<bool>(), 0..30_000_u64), 1..60),
    ) {
        let limits = limits("20000/minute", "20000/minute", "3/second, 7/minute, 30/hour");
        let (mut ledger, mut mirror) = (Ledger::default(), Ledger::default());
        let mut now = T0;
        for (retry, wait) in steps {
            now += wait;
            let admitted = if retry {
                ledger.admit_retry(&limits, now)
            } else {
                ledger.admit(&limits, 1, false, now).exceeded.is_none()
            };
            prop_assert_eq!(admitted, mirror.admit(&limits, 1, false, now).exceeded.is_none());
            ledger = Ledger::read(&bytes(&ledger)).expect("its own bytes");
        }
    }
}
