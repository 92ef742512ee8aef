//! The state that the connections share.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::catalogue::products::Catalogue;
use crate::contract::api::Api;
use crate::contract::assistant::Assistant;
use crate::faults::orders::Turns;
use crate::faults::switch::Switch;
use crate::server::options::Options;
use crate::server::record::Record;

/// The state of a running simulator.
pub struct App {
    pub storefront: String,
    pub catalogue: Catalogue,
    pub apis: Vec<Api>,
    /// The state of a run with faults. `None` in other runs.
    pub control: Option<Control>,
    /// The clock, in milliseconds since 1970.
    pub now_ms: fn() -> u64,
    pub verbose: bool,
}

impl App {
    pub fn new(options: &Options) -> io::Result<Self> {
        let apis = options
            .assistants()
            .into_iter()
            .map(|(assistant, _)| {
                let changes = options.switches.of(assistant);
                Api::new(assistant, &options.keys, &changes).map_err(io::Error::other)
            })
            .collect::<io::Result<_>>()?;
        Ok(Self {
            storefront: options.storefront.clone(),
            catalogue: Catalogue::load()?,
            apis,
            control: options.faults.then(|| Control::new(now_ms, options.keep)),
            now_ms,
            verbose: options.verbose,
        })
    }

    pub fn api(&self, assistant: Assistant) -> Option<&Api> {
        self.apis.iter().find(|api| api.assistant() == assistant)
    }
}

/// The additional state of a run with faults.
pub struct Control {
    pub switch: Switch,
    /// The position of each session in the sequences that its hints request.
    pub turns: Mutex<Turns>,
    pub record: Arc<Record>,
}

impl Control {
    /// Creates the state. `keep` is the number of requests that stay on record.
    pub fn new(now_ms: fn() -> u64, keep: usize) -> Self {
        Self {
            switch: Switch::default(),
            turns: Mutex::default(),
            record: Record::new(now_ms, keep),
        }
    }
}

/// Returns the milliseconds since 1970 in UTC.
fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as u64)
}
