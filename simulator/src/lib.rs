//! The concierge API as its published contract describes it, served on a local port.
//!
//! With [`Options::faults`] it also breaks that contract on demand, in the ways networks and
//! servers do, and keeps a record of what reached it.

mod answer;
mod app;
mod catalogue;
mod chat;
mod contract;
mod control;
mod delivery;
mod engine;
mod errors;
mod faults;
mod keys;
mod lexicon;
mod money;
mod pictures;
mod prose;
mod published;
mod quota;
mod ranking;
mod reading;
mod record;
mod sabotage;
mod server;
mod session;

pub use crate::keys::{KEY_FORM, KEY_PREFIX, Key, KeyError, Keys, State, Tier};
pub use crate::server::{Options, Simulator};
