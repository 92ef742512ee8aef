//! The concierge API as its published contract describes it, served on a local port.
//!
//! With [`Options::faults`] it also breaks that contract on demand, in the ways networks and
//! servers do, and keeps a record of what reached it.
//!
//! There are five parts. Each imports only from itself and from those above it in this list, and
//! no files import each other in a circle.

mod lock;

/// What is on sale: the products, the words for them, and their pictures.
mod catalogue {
    pub mod lexicon;
    pub mod pictures;
    pub mod products;
}

/// The recommendation engine: a prompt in, products and words out. It knows neither HTTP nor JSON.
mod engine {
    pub mod money;
    pub mod phrases;
    pub mod prose;
    pub mod ranking;
    pub mod reading;
    pub mod reply;
    pub mod session;
    pub mod turn;
}

/// The published contract: requests, answers, errors, keys and rate limits.
mod contract {
    pub mod answer;
    pub mod errors;
    pub mod keys;
    pub mod published;
    pub mod quota;
    pub mod request;
}

/// What goes wrong on demand: the faults, who meets which one, and what each does to an answer.
mod faults {
    pub mod fault;
    pub mod orders;
    pub mod sabotage;
    pub mod stream;
}

/// The running server: its state, the way of a request through it, and the record of requests.
mod server {
    pub mod app;
    pub mod chat;
    pub mod control;
    pub mod delivery;
    pub mod entry;
    pub mod listener;
    pub mod options;
    pub mod record;
    pub mod route;
}

pub use crate::contract::keys::{KEY_FORM, KEY_PREFIX, Key, KeyError, Keys, State};
pub use crate::contract::quota::Tier;
pub use crate::faults::fault::names as fault_names;
pub use crate::server::listener::Simulator;
pub use crate::server::options::Options;
pub use crate::server::record::{KEEP, MAX_KEEP};
