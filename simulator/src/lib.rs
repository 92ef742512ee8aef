//! A simulator of the concierge API. It serves the published contract on a local port.
//!
//! With [`Options::faults`] it also breaks the contract on demand, in the ways that networks and
//! servers do. It then keeps a record of the requests that reached it.
//!
//! The simulator has five parts. Each imports only from itself and from the parts above it in this
//! list. No files import each other in a circle.

mod lock;

/// The catalogue: the products, the words for them, and their pictures.
mod catalogue {
    pub mod lexicon;
    pub mod pictures;
    pub mod products;
}

/// The recommendation engine. It turns a prompt into products and text, and knows no HTTP or JSON.
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

/// The faults: their names, the requests that they apply to, and their effect on an answer.
mod faults {
    pub mod fault;
    pub mod orders;
    pub mod sabotage;
    pub mod stream;
}

/// The running server: its state, its request handling, and the record of requests.
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
