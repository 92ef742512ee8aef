//! What one isolate holds for all its requests: the gate, opened once, and the memory.

use crate::gate::Gate;
use crate::limits::Window;
use crate::memory::Memory;
use crate::placement::Placement;
use crate::settings::{Raw, Setting};
use crate::usage::{Batch, Delivery};

/// The state that requests share.
#[derive(Debug)]
pub struct Isolate {
    /// The gate of this deployment.
    pub gate: Gate,
    /// What the isolate remembers.
    pub memory: Memory,
    /// What is counted and not delivered yet.
    pub batch: Batch,
}

impl Isolate {
    /// Opens the gate with what the platform holds for each setting, and begins with an empty
    /// memory.
    pub fn open(raw: impl Fn(Setting) -> Raw) -> Self {
        Self {
            gate: Gate::open(raw),
            memory: Memory::default(),
            batch: Batch::default(),
        }
    }

    /// Returns where the limiter objects are.
    pub fn placement(&self) -> Placement {
        let proxy = self.gate.proxy();
        proxy.map_or_else(|_| Placement::default(), |proxy| proxy.config.placement)
    }

    /// Takes what was counted since the last time, or returns `None` if nothing was.
    pub fn take_usage(&mut self) -> Option<Delivery> {
        self.batch.take(self.memory.key_slots.store())
    }

    /// Returns how long an admission counts, in milliseconds.
    ///
    /// That is the longest window of the settings. While the settings are wrong, it is the longest
    /// window that exists, so nothing is forgotten.
    pub fn horizon(&self) -> u64 {
        self.gate
            .proxy()
            .map_or(Window::Day, |proxy| proxy.config.limits.horizon())
            .millis()
    }
}
