//! A budget for retries that all requests of an isolate share, after gRPC's retry throttling
//! (gRFC A6): an upstream that fails is not asked several times as often because it fails.

use crate::network::Block;

/// In tenths of a token.
const FULL: u32 = 100;
const FAILURE: u32 = 10;
const SUCCESS: u32 = 1;
/// So many failures of one block in a row leave its tokens: half of them, as for all.
const OWN: u32 = 4;

/// What is left, and who failed last.
#[derive(Debug)]
pub struct Retries {
    /// In tenths of a token.
    tokens: u32,
    last: Option<Block>,
    /// How often that block has failed in a row, with no answer between.
    in_a_row: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            tokens: FULL,
            last: None,
            in_a_row: 0,
        }
    }
}

impl Retries {
    /// An attempt for this block has failed. It takes a token, unless the last one was taken by the
    /// same block: what one party's prompts do must not cost all others their retries.
    pub fn failed(&mut self, block: Block) {
        if self.last != Some(block) {
            self.last = Some(block);
            self.in_a_row = 0;
            self.tokens = self.tokens.saturating_sub(FAILURE);
        }
        self.in_a_row += 1;
    }

    /// A chat was answered: it gives a tenth of a token back.
    pub fn succeeded(&mut self) {
        self.tokens = FULL.min(self.tokens + SUCCESS);
        self.in_a_row = 0;
    }

    /// Whether there may be a retry for this block: while more than half of the tokens are left, and
    /// of its own.
    pub fn allowed(&self, block: Block) -> bool {
        let own = self.last == Some(block) && self.in_a_row > OWN;
        self.tokens > FULL / 2 && !own
    }
}
