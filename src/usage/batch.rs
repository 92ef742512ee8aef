//! What an isolate has counted and not yet sent.

use super::{Sample, Store};

/// The samples of an isolate since it last sent some.
#[derive(Debug, Default)]
pub struct Batch {}

/// What is sent, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The name of the day's object.
    pub object: String,
    /// What [`Keeper::report`](super::Keeper::report) takes.
    pub bytes: Vec<u8>,
}

impl Batch {
    /// How long samples are gathered before they are sent, in milliseconds.
    pub const PAUSE_MS: u64 = 5_000;

    /// Counts a request that has ended.
    ///
    /// Returns whether a flush has to be scheduled, [`Self::PAUSE_MS`] from now. That is so for the
    /// first sample since the last flush, and if the scheduled flush is ten seconds late.
    pub fn note(&mut self, _sample: &Sample, _now: u64) -> bool {
        false
    }

    /// Takes what has been counted, or returns `None` if nothing has.
    ///
    /// It is sent together with what the assistant last said of the store's hour.
    pub fn take(&mut self, _store: Option<Store>) -> Option<Delivery> {
        None
    }
}
