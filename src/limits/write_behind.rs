//! One limiter's ledger, and when it is stored.
//!
//! It is written at once where nothing was written in the last second, else at the end of that
//! second: a crash can forget at most that second, and a busy limiter costs one row a second instead
//! of one a chat. An alarm, set with the first admission, drops what no window needs any more.

use std::collections::VecDeque;

use super::Limits;
use super::ledger::{LATEST, Ledger};
use super::protocol::{Answer, Decision, Question, Standing};

/// The time between two writes, in milliseconds.
pub const WRITE_INTERVAL: u64 = 1_000;

/// For how long an admission may be refunded, in milliseconds.
pub const RECEIPT_LIFE: u64 = 60_000;
/// The most refunds of a limiter in a minute.
pub const MOST_REFUNDS: usize = 10;
/// The most receipts that a limiter knows; the oldest go.
pub const MOST_RECEIPTS: usize = 256;

const MINUTE: u64 = 60_000;
/// The format of a snapshot.
const SNAPSHOT_FORMAT: u8 = 2;
/// The same with the time since when the clock is behind, while it is.
const FORMAT_WITH_CLOCK: u8 = 3;

/// The ledger in memory, and what is known of the one in storage.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct WriteBehind {
    ledger: Ledger,
    /// When the pending alarm goes off.
    alarm: Option<u64>,
    /// When the ledger was last written.
    written: Option<u64>,
    /// Whether a flush has been asked for.
    flush_pending: bool,
    /// What may be refunded. It is not stored: a restarted object knows no receipt.
    receipts: VecDeque<Receipt>,
    /// When there was a refund, in the last minute.
    refunds: VecDeque<u64>,
}

/// One admission that may be refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Receipt {
    /// A random number that came with the chat.
    number: u32,
    shopper: u32,
    /// When the chat was admitted.
    at: u64,
}

/// What the object has to do with its storage, its alarm and its timer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StorageOps {
    /// Store this snapshot, without holding back the answer.
    pub write: Option<Vec<u8>>,
    /// Set the alarm to this time, in milliseconds since 1970.
    pub wake_at: Option<u64>,
    /// Call `flush` in so many milliseconds.
    pub flush_in: Option<u64>,
    /// Delete all that is stored.
    pub clear: bool,
}

impl WriteBehind {
    /// The write_behind that stored this snapshot, or none where none did.
    pub fn restore(snapshot: &[u8]) -> Option<Self> {
        let (format, bytes) = snapshot.split_first()?;
        let (alarm, bytes) = bytes.split_first_chunk()?;
        let alarm = u64::from_be_bytes(*alarm);
        let (behind_since, ledger) = match *format {
            SNAPSHOT_FORMAT => (&[0; 8], bytes),
            FORMAT_WITH_CLOCK => bytes.split_first_chunk()?,
            _ => return None,
        };
        let behind_since = u64::from_be_bytes(*behind_since);
        if alarm > LATEST || behind_since > LATEST {
            return None;
        }
        let mut ledger = Ledger::read(ledger)?;
        ledger.behind_since = Some(behind_since).filter(|since| *since > 0);
        Some(Self {
            ledger,
            alarm: Some(alarm),
            ..Self::default()
        })
    }

    /// Answers a question.
    pub fn answer(
        &mut self,
        question: Question,
        limits: &Limits,
        now: u64,
    ) -> (Answer, StorageOps) {
        match question {
            Question::Admit {
                shopper,
                newcomer,
                receipt,
            } => {
                let (decision, ops) = self.admit(limits, shopper, newcomer, receipt, now);
                (Answer::Decision(decision), ops)
            }
            Question::CountRetry => {
                let (counted, ops) = self.admit_retry(limits, now);
                (Answer::RetryCounted(counted), ops)
            }
            Question::Refund { shopper, receipt } => {
                let (standing, ops) = self.refund(limits, shopper, receipt, now);
                (Answer::Refunded(standing), ops)
            }
        }
    }

    /// Decides one chat, which may be refunded under this random number. A refusal leaves no
    /// ops: it counts nothing, and writes nothing but a change of the clock.
    pub fn admit(
        &mut self,
        limits: &Limits,
        shopper: u32,
        newcomer: bool,
        receipt: u32,
        now: u64,
    ) -> (Decision, StorageOps) {
        let decision = self.ledger.admit(limits, shopper, newcomer, now);
        let admitted = decision.exceeded.is_none();
        if admitted {
            self.keep_receipt(receipt, shopper);
        }
        (decision, self.store(admitted, limits, now))
    }

    fn keep_receipt(&mut self, number: u32, shopper: u32) {
        if self.receipts.len() >= MOST_RECEIPTS {
            self.receipts.pop_front();
        }
        self.receipts.push_back(Receipt {
            number,
            shopper,
            at: self.ledger.clock(),
        });
    }

    /// Decides another request upstream for a chat that is counted already.
    pub fn admit_retry(&mut self, limits: &Limits, now: u64) -> (bool, StorageOps) {
        let admitted = self.ledger.admit_retry(limits, now);
        (admitted, self.store(admitted, limits, now))
    }

    /// Refunds an admission: once, within its time, and so many a minute. Returns how
    /// the shopper stands then, or none where nothing was refunded.
    pub fn refund(
        &mut self,
        limits: &Limits,
        shopper: u32,
        receipt: u32,
        now: u64,
    ) -> (Option<Standing>, StorageOps) {
        let standing = self.redeem(limits, shopper, receipt, now);
        (standing, self.store(standing.is_some(), limits, now))
    }

    fn redeem(
        &mut self,
        limits: &Limits,
        shopper: u32,
        receipt: u32,
        now: u64,
    ) -> Option<Standing> {
        let ended = |known: &mut Receipt| known.at + RECEIPT_LIFE <= now;
        while self.receipts.pop_front_if(ended).is_some() {}
        let over = |at: &mut u64| *at + MINUTE <= now;
        while self.refunds.pop_front_if(over).is_some() {}
        if self.refunds.len() >= MOST_REFUNDS {
            return None;
        }
        let asked = |known: &Receipt| known.number == receipt && known.shopper == shopper;
        let place = self.receipts.iter().position(asked)?;
        let Receipt { at, .. } = self.receipts.remove(place)?;
        let standing = self.ledger.refund(&limits.shopper, shopper, at, now)?;
        self.refunds.push_back(now);
        Some(standing)
    }

    /// Has a ledger that has changed written: at once, or at the end of a second that had a write.
    fn store(&mut self, mut changed: bool, limits: &Limits, now: u64) -> StorageOps {
        // A restarted object has to know of it, or it would begin to doubt the clock anew.
        if self.ledger.take_clock_changed() {
            changed = true;
            self.refunds.retain(|at| *at <= now);
        }
        if !changed || self.flush_pending {
            return StorageOps::default();
        }
        match self.age(now) {
            Some(age) if age < WRITE_INTERVAL => {
                self.flush_pending = true;
                StorageOps {
                    flush_in: Some(WRITE_INTERVAL - age),
                    ..StorageOps::default()
                }
            }
            _ => self.write(limits.horizon().millis(), now),
        }
    }

    /// The time for the flush has come.
    pub fn flush(&mut self, horizon: u64, now: u64) -> StorageOps {
        if !self.flush_pending {
            return StorageOps::default();
        }
        self.write(horizon, now)
    }

    /// The alarm has gone off: drops what no window needs, and everything where nothing is left.
    pub fn alarm(&mut self, horizon: u64, now: u64) -> StorageOps {
        self.alarm = None;
        self.ledger.expire(horizon, now);
        if !self.ledger.is_empty() {
            return self.write(horizon, now);
        }
        self.written = None;
        self.flush_pending = false;
        StorageOps {
            clear: true,
            ..StorageOps::default()
        }
    }

    /// How long ago the ledger was written. A clock that was set back makes it 0.
    fn age(&self, now: u64) -> Option<u64> {
        self.written.map(|written| now.saturating_sub(written))
    }

    fn write(&mut self, horizon: u64, now: u64) -> StorageOps {
        self.written = Some(now);
        self.flush_pending = false;
        // An alarm whose time is long over has been lost; one that is farther off than any window
        // is long was set by a clock that ran ahead.
        let soon = now.max(self.ledger.clock()) + horizon;
        let pending = self
            .alarm
            .filter(|time| *time + WRITE_INTERVAL > now && *time <= soon);
        let alarm = pending
            .or(self.ledger.expires_at(horizon))
            .unwrap_or(now + horizon);
        self.alarm = Some(alarm);
        let mut snapshot = vec![SNAPSHOT_FORMAT];
        snapshot.extend(alarm.to_be_bytes());
        if let Some(since) = self.ledger.behind_since {
            snapshot.splice(..1, [FORMAT_WITH_CLOCK]);
            snapshot.extend(since.to_be_bytes());
        }
        self.ledger.write(&mut snapshot);
        StorageOps {
            write: Some(snapshot),
            wake_at: pending.is_none().then_some(alarm),
            ..StorageOps::default()
        }
    }
}
