//! What the worker promises, one module per promise. No test knows the platform, the time or the
//! network.

// A test that cannot go on panics, and the message says why.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod app_proxy;
mod assistant;
mod attempts;
mod chats;
mod data_points;
mod deny_cache;
mod exchanges;
mod gate;
mod house;
mod log;
mod networks;
mod omi;
mod origins;
mod passes;
mod placements;
mod queries;
mod refunds;
mod refusals;
mod relays;
mod replies;
mod rewards;
mod sealed_ids;
mod sessions;
mod settings;
mod support;
mod timestamps;
mod tokens;
mod translations;
mod upstream_errors;
mod upstream_memory;
mod upstream_requests;
mod usage;
mod verified;
mod windows;
mod write_behind;
