//! What one isolate holds for all its requests: the gate, opened once, and what it remembers.

use crate::config::{Raw, Setting};
use crate::gate::Gate;
use crate::limits::Window;
use crate::memory::Memory;

/// The state that requests share.
#[derive(Debug)]
pub struct Isolate {
    /// The gate of this deployment.
    pub gate: Gate,
    /// What it remembers.
    pub memory: Memory,
}

impl Isolate {
    /// Begins with what the platform holds for each setting.
    pub fn open(raw: impl Fn(Setting) -> Raw) -> Self {
        Self {
            gate: Gate::open(raw),
            memory: Memory::default(),
        }
    }

    /// Returns for how long an admission counts, in milliseconds: the longest window of the
    /// settings. While those are wrong it is the longest there is, so that nothing is forgotten.
    pub fn horizon(&self) -> u64 {
        self.gate
            .proxy()
            .map_or(Window::Day, |proxy| proxy.config.limits.horizon())
            .millis()
    }
}
