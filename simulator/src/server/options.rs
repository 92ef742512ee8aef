//! The settings of a run.

use std::net::{IpAddr, Ipv4Addr};

use crate::contract::keys::Keys;
use crate::server::record::KEEP;

/// The settings of a run.
pub struct Options {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The keys that are let in, or turned away for a reason.
    pub keys: Keys,
    /// The base of product page addresses, without a slash at its end.
    pub storefront: String,
    /// Whether faults, the record and the other control paths exist.
    pub faults: bool,
    /// How many requests stay on record.
    pub keep: usize,
    /// Whether every request leaves a line on stderr.
    pub verbose: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8790,
            keys: Keys::default(),
            storefront: "https://www.example.com".to_owned(),
            faults: false,
            keep: KEEP,
            verbose: false,
        }
    }
}
