//! Which caps are full, and when they free.

use std::collections::VecDeque;

use crate::limits::protocol::Exceeded;
use crate::limits::{Cap, Tier};

/// A full cap, and when it frees.
pub(super) type Full = (Tier, Cap, u64);

/// Returns the full cap that frees last, or `None` if no cap is full.
pub(super) fn full(tier: Tier, caps: &[Cap], log: &VecDeque<impl Timed>, now: u64) -> Option<Full> {
    let frees = caps.iter().filter_map(|cap| {
        let nth_last = log.len().checked_sub(cap.count as usize)?;
        let frees = log.get(nth_last)?.at() + cap.window.millis();
        (frees > now).then_some((tier, *cap, frees))
    });
    frees.fold(None, |last, full| later(last, Some(full)))
}

/// Returns what a full cap is told as at this time.
pub(super) fn exceeded(now: u64) -> impl Fn(Full) -> Exceeded {
    move |(tier, cap, frees)| Exceeded {
        tier,
        cap,
        retry_after: seconds_up(frees - now),
    }
}

/// Returns the cap that frees later, or the second one if both free at once.
pub(super) fn later(first: Option<Full>, second: Option<Full>) -> Option<Full> {
    match (first, second) {
        (Some(first), Some(second)) if first.2 > second.2 => Some(first),
        (first, second) => second.or(first),
    }
}

/// Something with a time, in milliseconds since 1970.
pub(super) trait Timed {
    fn at(&self) -> u64;
}

impl Timed for u64 {
    fn at(&self) -> u64 {
        *self
    }
}

pub(super) fn seconds_up(millis: u64) -> u32 {
    u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX)
}
