//! concierge-proxy: a Cloudflare Worker between a storefront page and the concierge API.
//!
//! Every decision is plain Rust in the modules below. Only `edge` knows the platform. A module
//! imports only from those above it in this list.

pub mod headers;
pub mod json;
pub mod log;
pub mod media_type;
pub mod secret;
pub mod storage;
pub mod timestamp;
pub mod varint;

pub mod analytics;

pub mod keys;
pub mod limits;
pub mod origin;
pub mod placement;

pub mod app_proxy;
pub mod token;

pub mod head;

pub mod network;
pub mod settings;

pub mod usage;

pub mod pass;
pub mod refusal;

pub mod account;

pub mod contract;
pub mod entropy;
pub mod sealed;
pub mod session;

pub mod admin;

pub mod identity;

pub mod memory;

pub mod attempts;

pub mod assistants;
pub mod config;
pub mod reply;

pub mod relay;

pub mod proxy;

pub mod gate;

pub mod isolate;

pub mod exchange;

#[cfg(target_arch = "wasm32")]
mod edge;
