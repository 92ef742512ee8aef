//! The settings of a run.

use std::net::{IpAddr, Ipv4Addr};

use crate::contract::api::Api;
use crate::contract::assistant::Assistant;
use crate::contract::sales_associate::keys::Keys;
use crate::contract::switches::Changes;
use crate::server::record::KEEP;

/// The assistants of a run, and where each of them is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Serve {
    /// One assistant at the root of the run's port.
    One(Assistant),
    /// Each of these at the root of a port of its own.
    Each(Vec<(Assistant, u16)>),
    /// All assistants on the run's port, each under a path with its name.
    All,
}

/// The settings of a run.
pub struct Options {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on. 0 takes a free port.
    pub port: u16,
    /// The assistants to serve.
    pub serve: Serve,
    /// The issued keys of the Sales Associate, including refused ones.
    pub keys: Keys,
    /// The switches that are set, by assistant.
    pub switches: Switched,
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
            serve: Serve::One(Assistant::SalesAssociate),
            keys: Keys::default(),
            switches: Switched::default(),
            storefront: "https://www.example.com".to_owned(),
            faults: false,
            keep: KEEP,
            verbose: false,
        }
    }
}

impl Options {
    /// Returns the assistants to serve, each with its port.
    pub fn assistants(&self) -> Vec<(Assistant, u16)> {
        match &self.serve {
            Serve::One(assistant) => vec![(*assistant, self.port)],
            Serve::Each(list) => list.clone(),
            Serve::All => Assistant::ALL.map(|own| (own, self.port)).to_vec(),
        }
    }
}

/// The switches that a run sets, by assistant.
#[derive(Clone, Default)]
pub struct Switched(Vec<(Assistant, Changes)>);

impl Switched {
    /// Sets a switch from texts. Returns the reason if there is no such switch or value.
    pub fn set(&mut self, assistant: Assistant, name: &str, text: &str) -> Result<(), String> {
        // Numbers and truth values are read as JSON. Everything else is a text.
        let value = serde_json::from_str(text)
            .ok()
            .filter(|value: &serde_json::Value| value.is_number() || value.is_boolean());
        let mut changes = self.of(assistant);
        changes.insert(name.to_owned(), value.unwrap_or_else(|| text.into()));
        Api::new(assistant, &Keys::default(), &changes)?;
        self.0.retain(|(own, _)| *own != assistant);
        self.0.push((assistant, changes));
        Ok(())
    }

    /// Returns the switches that are set for an assistant.
    pub(crate) fn of(&self, assistant: Assistant) -> Changes {
        let found = self.0.iter().find(|(own, _)| *own == assistant);
        found
            .map(|(_, changes)| changes.clone())
            .unwrap_or_default()
    }
}
