//! The webhooks that have been logged recently.

use std::collections::VecDeque;

/// The most deliveries that are remembered. The oldest are dropped.
pub const MAX_DELIVERIES: usize = 64;

/// The signatures of recent deliveries.
#[derive(Debug, Default)]
pub struct Deliveries(VecDeque<String>);

impl Deliveries {
    /// Remembers a delivery by its signature, and returns whether it is new.
    pub fn is_new(&mut self, signature: &str) -> bool {
        if self.0.iter().any(|known| known == signature) {
            return false;
        }
        if self.0.len() >= MAX_DELIVERIES {
            self.0.pop_front();
        }
        self.0.push_back(signature.to_owned());
        true
    }
}
