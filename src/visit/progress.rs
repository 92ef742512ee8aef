//! How far a visit has come upstream.

use super::ANSWER_DEADLINE_MS;
use super::ending::Stop;
use crate::attempts::{Attempts, DEADLINE_MS};
use crate::gate::Attempt;
use crate::log::Try;
use crate::memory::Claim;
use crate::refusal::Refusal;

/// What is learnt of the upstream on the way.
#[derive(Debug, Default)]
pub(super) struct Upstream {
    pub(super) attempts: Option<Attempts>,
    /// What the chat looks at for all others.
    pub(super) claim: Claim,
    /// The one that is under way.
    pub(super) attempt: Option<Attempt>,
    /// When the first one was sent.
    pub(super) began: u64,
    /// When the next one is to be sent.
    pub(super) waits_until: u64,
    /// From the first request to the last answer's head.
    pub(super) ms: Option<u64>,
    /// The head of the error that is read.
    pub(super) error_head: String,
    /// What the last error came under.
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
    /// What the chat has come to so far.
    pub(super) refusal: Option<Refusal>,
    /// A good answer, while it is read.
    pub(super) answer: Option<(u16, &'static str)>,
    /// When it has to be whole.
    pub(super) answer_due: u64,
    pub(super) tries: Vec<Try>,
}

impl Upstream {
    /// How long the attempts may still take, in milliseconds.
    pub(super) fn left(&self, now: u64) -> u64 {
        let deadline = self
            .attempts
            .as_ref()
            .map_or(0, |attempts| attempts.deadline);
        // A clock that was set back makes nothing longer than it may be.
        deadline.saturating_sub(now).min(DEADLINE_MS)
    }

    /// How long the pause before the next attempt still is, in milliseconds.
    pub(super) fn wait_left(&self, now: u64) -> u64 {
        self.waits_until.saturating_sub(now).min(self.left(now))
    }

    /// How long the answer may still take, in milliseconds.
    pub(super) fn answer_left(&self, now: u64) -> u64 {
        self.answer_due.saturating_sub(now).min(ANSWER_DEADLINE_MS)
    }

    /// Whether the chat looks for all others, and has not reached what it looks at.
    pub(super) fn goes_on(&self) -> bool {
        let attempts = self.attempts.as_ref();
        self.claim.looks() && attempts.is_some_and(|attempts| !attempts.reached())
    }

    /// What the chat came to.
    pub(super) fn stop(&mut self) -> Stop {
        self.refusal.take().unwrap_or(Refusal::InternalError).into()
    }

    pub(super) fn note_try(&mut self, ended: &'static str) {
        if let Some(attempts) = &self.attempts {
            self.tries.push(Try {
                url: attempts.route.name(),
                key: attempts.slot.name(),
                ended,
            });
        }
    }
}
