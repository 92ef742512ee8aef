//! What storage costs: the rows written. Setting an alarm counts as a row.

use concierge_proxy::limits::write_behind::WriteBehind;
use concierge_proxy::storage::StorageOps;

use crate::support::limits;
use crate::windows::T0;

fn rows(ops: &StorageOps) -> usize {
    usize::from(ops.write.is_some()) + usize::from(ops.wake_at.is_some())
}

#[test]
fn a_thousand_chats_at_50_a_second_cost_25_rows_at_most() {
    let limits = limits("20000/day", "20000/day", "20000/day");
    let horizon = limits.horizon().millis();
    let mut write_behind = WriteBehind::default();
    let (mut cost, mut flush_at) = (0, None);
    for number in 0..1_000_u32 {
        let now = T0 + u64::from(number) * 20;
        if flush_at.is_some_and(|time| time <= now) {
            cost += rows(&write_behind.flush(horizon, flush_at.take().unwrap()));
        }
        let (decision, ops) = write_behind.admit(&limits, number % 10, number < 10, 0, now);
        assert_eq!(decision.exceeded, None);
        cost += rows(&ops);
        if let Some(millis) = ops.flush_in {
            assert_eq!(flush_at, None, "one flush at a time");
            flush_at = Some(now + millis);
        }
    }
    cost += rows(&write_behind.flush(horizon, flush_at.unwrap_or(T0 + 21_000)));
    assert!(cost <= 25, "{cost} rows");
}

#[test]
fn a_thousand_limiters_with_one_chat_each_cost_2000_rows_at_most() {
    let limits = limits("6/minute, 40/hour, 100/day", "10/minute", "20/minute");
    let horizon = limits.horizon().millis();
    let mut cost = 0;
    for shopper in 0..1_000 {
        let mut write_behind = WriteBehind::default();
        cost += rows(&write_behind.admit(&limits, shopper, true, 0, T0).1);
        cost += rows(&write_behind.flush(horizon, T0 + 1_000));
        let end = write_behind.alarm(horizon, T0 + horizon);
        assert!(end.clear);
        cost += rows(&end);
    }
    assert!(cost <= 2_000, "{cost} rows");
}
