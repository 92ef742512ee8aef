//! The networks and the shoppers that asked most often.

use super::Sample;
use super::sketch::Sketch;

/// The networks and the shoppers that sent the most chats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Busiest {
    pub(super) networks: Sketch,
    pub(super) shoppers: Sketch,
}

impl Busiest {
    /// Returns empty sketches of at most this many entries.
    pub(super) const fn new(capacity: usize) -> Self {
        Self {
            networks: Sketch::new(capacity),
            shoppers: Sketch::new(capacity),
        }
    }

    /// Counts a request, if it is a chat. A limiter of a verified shopper is no network's.
    pub(super) fn note(&mut self, sample: &Sample) {
        let Some(key) = sample.who.filter(|_| sample.is_chat) else {
            return;
        };
        if !sample.verified {
            self.networks.note((key.0, <_>::default()));
        }
        self.shoppers.note(key);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.networks.merge(&other.networks);
        self.shoppers.merge(&other.shoppers);
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        self.networks.write(false, bytes);
        self.shoppers.write(true, bytes);
    }

    pub(super) fn read(capacity: usize, bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            networks: Sketch::read(capacity, false, bytes)?,
            shoppers: Sketch::read(capacity, true, bytes)?,
        })
    }
}
