//! concierge-proxy: a Cloudflare Worker between a storefront page and the concierge API.
//!
//! What can be decided is plain Rust in the modules below; `edge` alone knows the platform.
//! Imports run one way, from the bottom of this list to its top.

pub mod arrival;
pub mod headers;
pub mod log;
pub mod media_type;
pub mod secret;

pub mod config;
pub mod keys;
pub mod limits;
pub mod network;
pub mod origin;
pub mod pass;
pub mod refusal;
pub mod session;

pub mod chat;

pub mod assistants;

pub mod gate;
pub mod reply;

#[cfg(target_arch = "wasm32")]
mod edge;
