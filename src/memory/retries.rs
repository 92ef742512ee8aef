//! A budget for retries that all requests of an isolate share, after gRPC's retry throttling
//! (gRFC A6): an upstream that fails is not asked several times as often because it fails.

/// In tenths of a token.
const FULL: u32 = 100;
const FAILURE: u32 = 10;
const SUCCESS: u32 = 1;

/// The tokens that are left, in tenths.
#[derive(Debug)]
pub struct Retries(u32);

impl Default for Retries {
    fn default() -> Self {
        Self(FULL)
    }
}

impl Retries {
    /// An attempt has failed: it takes a token.
    pub fn failed(&mut self) {
        self.0 = self.0.saturating_sub(FAILURE);
    }

    /// A chat was answered: it gives a tenth of a token back.
    pub fn succeeded(&mut self) {
        self.0 = FULL.min(self.0 + SUCCESS);
    }

    /// Whether there may be a retry: while more than half of the tokens are left.
    pub fn allowed(&self) -> bool {
        self.0 > FULL / 2
    }
}
