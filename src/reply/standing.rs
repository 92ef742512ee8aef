//! What a page is told about its limits, as headers.

use crate::headers::Headers;
use crate::limits::protocol::{Exceeded, Standing};
use crate::limits::{Cap, Tier};
use crate::pass;
use crate::refusal::Refusal;

/// What the limits would have done with a chat, while they are only tried out.
const DRY_RUN: &str = "X-RateLimit-Dry-Run";

/// What a page is told about the limiter's decision.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// The shopper's headline cap.
    pub cap: Cap,
    /// What is left of it.
    pub standing: Standing,
    /// What the limits would have done, if they are only tried out.
    pub dry_run: Option<DryRun>,
}

/// The full cap that would have refused a chat, or `None` if it would have been admitted.
#[derive(Debug, Clone, Copy)]
pub struct DryRun(pub Option<Exceeded>);

/// Adds the headers that follow from the limiter's decision.
///
/// They are the shopper's headline cap, the policy that applies, and a pass if the shopper needs
/// one. The policy is that of the exceeded cap, or else that of the headline cap.
pub(super) fn push_standing(
    headers: &mut Headers,
    quota: Option<Quota>,
    refusal: Option<&Refusal>,
    new_pass: Option<&str>,
) {
    let Some(Quota {
        cap,
        standing,
        dry_run,
    }) = quota
    else {
        return;
    };
    match dry_run {
        Some(DryRun(Some(full))) => {
            let (tier, window) = (full.tier.name(), full.cap.window.name());
            headers.push(DRY_RUN, &format!("refused; tier={tier}; window={window}"));
        }
        Some(DryRun(None)) => headers.push(DRY_RUN, "admitted"),
        None => {}
    }
    headers.push("X-RateLimit-Limit", &cap.count.to_string());
    headers.push("X-RateLimit-Remaining", &standing.remaining.to_string());
    headers.push("X-RateLimit-Window", cap.window.name());
    headers.push("X-RateLimit-Tier", Tier::Shopper.name());
    if let Some(Refusal::RateLimited(full)) = refusal {
        push_policy(headers, full.tier, full.cap, 0, full.retry_after);
        return;
    }
    push_policy(
        headers,
        Tier::Shopper,
        cap,
        standing.remaining,
        standing.reset,
    );
    if let Some(text) = new_pass {
        headers.push(pass::HEADER, text);
    }
}

/// Adds `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11).
fn push_policy(headers: &mut Headers, tier: Tier, cap: Cap, remaining: u32, reset: u32) {
    let name = tier.name();
    let (quota, window) = (cap.count, cap.window.seconds());
    headers.push(
        "RateLimit-Policy",
        &format!("\"{name}\";q={quota};w={window}"),
    );
    headers.push("RateLimit", &format!("\"{name}\";r={remaining};t={reset}"));
}
