//! The settings of a run.

use std::net::{IpAddr, Ipv4Addr};

use crate::contract::keys::Keys;
use crate::server::record::KEEP;

/// The settings of a run.
pub struct Options {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on. 0 takes a free port.
    pub port: u16,
    /// The issued keys, including refused ones.
    pub keys: Keys,
    /// The base URL of product pages, without a trailing slash.
    pub storefront: String,
    /// Whether faults, the record and the other control paths exist.
    pub faults: bool,
    /// The number of requests that stay on record.
    pub keep: usize,
    /// Whether to write a line to stderr for every request.
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
