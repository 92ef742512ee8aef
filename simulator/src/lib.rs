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
mod entry;
mod errors;
mod faults;
mod keys;
mod lexicon;
mod lock;
mod money;
mod options;
mod orders;
mod pictures;
mod prose;
mod published;
mod quota;
mod ranking;
mod reading;
mod record;
mod route;
mod sabotage;
mod server;
mod session;
mod stream;
mod turn;

pub use crate::faults::names as fault_names;
pub use crate::keys::{KEY_FORM, KEY_PREFIX, Key, KeyError, Keys, State};
pub use crate::options::Options;
pub use crate::quota::Tier;
pub use crate::record::{KEEP, MAX_KEEP};
pub use crate::server::Simulator;
