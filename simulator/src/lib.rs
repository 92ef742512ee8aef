//! A simulator of the assistants' APIs, and of omi.me's data import, which is played like one. It
//! serves their published contracts on local ports.
//!
//! With [`Options::faults`] it also breaks the contracts on demand, in the ways that networks and
//! servers do. It then keeps a record of the requests that reached it.
//!
//! A further assistant is one more folder of the contract, and its arm in each match in
//! `contract/assistant.rs` and `contract/api.rs`.
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

/// The published contracts: requests, answers, errors, access and limits of each assistant.
mod contract {
    pub mod answer;
    pub mod api;
    pub mod assistant;
    pub mod fields;
    pub mod kept;
    pub mod live;
    pub mod note;
    pub mod point;
    pub mod request;
    pub mod shop;
    pub mod sse;
    pub mod switches;
    pub mod time;

    pub mod sales_associate {
        pub mod api;
        pub mod errors;
        pub mod keys;
        pub mod published;
        pub mod quota;
        pub mod request;
        pub mod routes;
    }

    pub mod homie {
        pub mod api;
        pub mod chats;
        pub mod errors;
        pub mod events;
        pub mod published;
        pub mod requests;
        pub mod routes;
        pub mod settings;
    }

    pub mod rewardsbot {
        pub mod api;
        pub mod errors;
        pub mod published;
        pub mod ranking;
        pub mod requests;
        pub mod routes;
        pub mod settings;
    }

    pub mod omniops {
        pub mod api;
        pub mod conversations;
        pub mod errors;
        pub mod limits;
        pub mod published;
        pub mod requests;
        pub mod routes;
        pub mod settings;
    }

    pub mod omi {
        pub mod api;
        pub mod errors;
        pub mod limits;
        pub mod published;
        pub mod requests;
        pub mod routes;
        pub mod sentences;
        pub mod settings;
        pub mod stored;
        pub mod writes;
    }
}

/// The faults: their names, the requests that they apply to, and their effect on an answer.
mod faults {
    pub mod fault;
    pub mod hostile;
    pub mod named;
    pub mod orders;
    pub mod sabotage;
    pub mod stream;
    pub mod switch;
}

/// The running server: its state, its request handling, and the record of requests.
mod server {
    pub mod app;
    pub mod control;
    pub mod delivery;
    pub mod encounter;
    pub mod entry;
    pub mod listener;
    pub mod options;
    pub mod record;
    pub mod route;
    pub mod site;
    pub mod steps;
}

pub use crate::contract::assistant::Assistant;
pub use crate::contract::sales_associate::keys::{
    KEY_FORM, KEY_PREFIX, Key, KeyError, Keys, State,
};
pub use crate::contract::sales_associate::quota::Tier;
pub use crate::faults::named::names as fault_names;
pub use crate::server::listener::Simulator;
pub use crate::server::options::{Options, Serve, Switched};
pub use crate::server::record::{KEEP, MAX_KEEP};
