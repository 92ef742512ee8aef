//! What is counted of a request.

use super::end::{Names, Report, Success, outcome};
use super::{Context, Rejection};
use crate::contract::route::Route;
use crate::limits::protocol::Exceeded;
use crate::log::{ANSWERED, AttemptRecord, CONTINUED, SHOPPER_LEFT};
use crate::refusal::Refusal;
use crate::reply::ReplyContext;
use crate::usage::{Budget, FullCap, Sample};

impl Context {
    pub(super) fn sample(
        &self,
        answer: &Result<Success, Rejection>,
        report: &Report<'_>,
        names: Option<Names>,
        context: ReplyContext<'_>,
        status: u16,
    ) -> Sample {
        let attempt_log = report.attempt_log;
        // What omi.me is asked is none of the store's requests.
        let attempts = attempt_log
            .filter(|_| !self.is_of_omi())
            .map_or(&[][..], |attempt_log| &attempt_log.attempts);
        let refusing = match answer {
            Err(Rejection::Refused(refusal)) => full(refusal),
            _ => None,
        };
        let spared = report.spared();
        let is_limited = matches!(answer, Err(Rejection::Refused(Refusal::RateLimited(_))));
        Sample {
            request_id: self.entropy.request_id_bytes(),
            is_chat: self.route == Some(Route::Chat),
            outcome: outcome(answer),
            status,
            total_ms: context.timing.total,
            limiter_ms: context.timing.limiter,
            upstream_ms: context.timing.upstream,
            upstream_status: attempt_log.and_then(|attempt_log| attempt_log.status),
            upstream_requests: count(attempts.iter()),
            upstream_errors: count(attempts.iter().filter(|attempt| is_error(attempt))),
            refunded: attempt_log.is_some_and(|attempt_log| attempt_log.refunded),
            verified: report.who.is_some_and(|(_, who)| who.is_verified()),
            // Whoever got a decision was admitted, unless they were refused.
            newcomer: report.quota.is_some()
                && !is_limited
                && report.who.is_some_and(|(_, who)| who.fresh),
            dry_run: refusing.is_none() && spared.is_some(),
            full: refusing.or(spared.map(of_cap)),
            who: names,
        }
    }
}

/// Returns the cap that refuses.
fn full(refusal: &Refusal) -> Option<FullCap> {
    match refusal {
        Refusal::RateLimited(exceeded) => Some(of_cap(*exceeded)),
        Refusal::StoreLimited(limit) => Some(FullCap {
            budget: Budget::Store,
            window: limit.window,
            limit: 0,
            retry_after: limit.retry_after,
        }),
        _ => None,
    }
}

fn of_cap(exceeded: Exceeded) -> FullCap {
    FullCap {
        budget: exceeded.tier.into(),
        window: Some(exceeded.cap.window),
        limit: exceeded.cap.count,
        retry_after: exceeded.retry_after,
    }
}

fn is_error(attempt: &AttemptRecord) -> bool {
    ![ANSWERED, CONTINUED, SHOPPER_LEFT].contains(&attempt.ended)
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).unwrap_or(u32::MAX)
}
