//! What the shop's chats came to: how many, how they ended, how long they took, and whom a limit stops.
//!
//! Every request that ends is a [`Sample`]. An isolate gathers samples in a [`Batch`], and sends it to
//! the object of the day, which keeps a [`Keeper`]. A day takes the same space however many chats it
//! has: there are counters, histograms and sketches, and no row for a chat.

mod batch;
mod blocks;
mod busiest;
mod codec;
pub mod counts;
pub mod day;
mod forecast;
mod gathered;
pub mod histogram;
pub mod keeper;
mod metrics;
pub mod outcome;
mod range;
pub mod recent;
mod report;
pub mod sketch;

pub use batch::{Batch, Delivery};
pub use blocks::{blocks, find};
pub use keeper::Keeper;
pub use metrics::metrics;
pub use range::Range;
pub use recent::Refused;
pub use report::report;

use crate::keys::LOG_HASH_BYTES;
use crate::limits::{Tier, Window};
use crate::network::LimiterName;

/// What is counted of one request when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Our id, as in `X-Request-Id`.
    pub request_id: [u8; 16],
    /// Whether it was a chat, and not another operation of a page.
    pub is_chat: bool,
    /// `ok`, the refusal's code, or `shopper_left`.
    pub outcome: &'static str,
    /// The status of the reply.
    pub status: u16,
    /// The time from the arrival to the beginning of the reply, in milliseconds.
    pub total_ms: u64,
    /// The part of `total_ms` that was spent waiting for the limiter.
    pub limiter_ms: Option<u64>,
    /// The part of `total_ms` from the first request upstream to the last head or failure.
    pub upstream_ms: Option<u64>,
    /// The status of the upstream's error.
    pub upstream_status: Option<u16>,
    /// How many requests went upstream.
    pub upstream_requests: u32,
    /// How many of them brought neither an answer nor a part of one.
    pub upstream_errors: u32,
    /// Whether the shopper's budget got the request back.
    pub refunded: bool,
    /// Whether the merchant knows the shopper.
    pub verified: bool,
    /// Whether the shopper is new to the network.
    pub newcomer: bool,
    /// The cap that refuses the request or, in a dry run, would have.
    pub full: Option<FullCap>,
    /// Whether our own limits are only tried out.
    pub dry_run: bool,
    /// The limiter, and the shopper's name in log lines, if it is known who asks.
    pub who: Option<(LimiterName, [u8; LOG_HASH_BYTES])>,
}

/// A cap that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FullCap {
    /// The budget that the cap belongs to.
    pub budget: Budget,
    /// The window that is full, if it is known.
    pub window: Option<Window>,
    /// How many admissions the window allows, or 0 if that is not known.
    pub limit: u32,
    /// The seconds until a retry may help.
    pub retry_after: u32,
}

/// Whose budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// One shopper's.
    Shopper,
    /// That of one network for new shoppers.
    Newcomer,
    /// The whole one of a network.
    Network,
    /// The store's own, which the assistant keeps.
    Store,
}

/// What the assistant last said of the store's hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Store {
    /// The requests that an hour allows.
    pub cap: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// When it said so, in milliseconds since 1970.
    pub at: u64,
}

/// What a report says beside the counts.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The assistant's name, as `ASSISTANT` has it.
    pub assistant: &'a str,
    /// Whether our own limits are only tried out.
    pub dry_run: bool,
    /// The worker's version.
    pub version: &'a str,
    /// What the assistant's contract allows a store a day, by its hourly cap.
    pub day_cap: fn(u32) -> Option<u32>,
}

impl Store {
    /// Returns whether what the assistant said of its hour is still true.
    pub const fn is_current(&self, now: u64) -> bool {
        now.saturating_sub(self.at) < Window::Hour.millis()
    }
}

impl Budget {
    /// Every budget, as bytes number them.
    pub const ALL: [Self; 4] = [Self::Shopper, Self::Newcomer, Self::Network, Self::Store];

    /// Returns the name used in bodies, metrics and log lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Newcomer => "newcomer",
            Self::Network => "network",
            Self::Store => "store",
        }
    }

    /// Returns the budget as a limiter knows it, or `None` if no limiter does.
    pub const fn tier(self) -> Option<Tier> {
        match self {
            Self::Shopper => Some(Tier::Shopper),
            Self::Newcomer => Some(Tier::Newcomer),
            Self::Network => Some(Tier::Network),
            Self::Store => None,
        }
    }

    /// Returns the budget of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|budget| budget.name() == name)
    }
}

impl From<Tier> for Budget {
    fn from(tier: Tier) -> Self {
        match tier {
            // What was asked for under an idempotency key is a shopper's own.
            Tier::Shopper | Tier::Done | Tier::Pending => Self::Shopper,
            Tier::Newcomer => Self::Newcomer,
            Tier::Network => Self::Network,
        }
    }
}
