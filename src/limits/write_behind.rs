//! The write-behind of one limiter's ledger, which decides when the ledger is stored.
//!
//! The ledger is written at once if nothing was written in the last second. Otherwise it is written
//! at the end of that second. So a crash can lose at most that second, and a busy limiter costs one
//! row a second instead of one a chat. An alarm, set with the first admission, drops what no window
//! needs any more.

use super::ledger::{LATEST, Ledger};
use super::protocol::{Account, Answer, Decision, Question, Standing, at_omi};
use super::receipts::Receipts;
use super::{Limits, Tier};
use crate::keys::LOG_HASH_BYTES;
use crate::storage::StorageOps;

/// The time between two writes, in milliseconds.
pub const WRITE_INTERVAL_MS: u64 = 1_000;

/// The format of a snapshot.
const SNAPSHOT_FORMAT: u8 = 2;
/// The same format, with the time since which the clock is behind.
///
/// It is used only while the clock is behind.
const FORMAT_WITH_CLOCK: u8 = 3;

/// The ledger in memory, and what is known of the one in storage.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct WriteBehind {
    ledger: Ledger,
    /// When the pending alarm goes off.
    alarm: Option<u64>,
    /// When the ledger was last written.
    written: Option<u64>,
    /// Whether a flush is pending.
    flush_pending: bool,
    /// The admissions that may be refunded.
    ///
    /// They are not stored, so a restarted object knows no receipt.
    receipts: Receipts,
}

impl WriteBehind {
    /// Returns the write-behind that stored this snapshot, or `None` if none did.
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

    /// Answers a question. `name` returns a shopper's name in log lines.
    pub fn answer(
        &mut self,
        question: Question,
        limits: &Limits,
        name: &dyn Fn(u32) -> [u8; LOG_HASH_BYTES],
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
            Question::AdmitVerified(account) => {
                let (decision, ops) = self.admit_verified(limits, account, now);
                (Answer::Decision(decision), ops)
            }
            Question::RefundVerified(account) => {
                let (standing, ops) = self.refund_verified(limits, account, now);
                (Answer::Refunded(standing), ops)
            }
            Question::Free(account) => (Answer::Noted, self.note(limits, account, false, now)),
            Question::Done(account) => (Answer::Noted, self.note(limits, account, true, now)),
            Question::CountRetry => {
                let (counted, ops) = self.admit_retry(limits, now);
                (Answer::RetryCounted(counted), ops)
            }
            Question::Refund { shopper, receipt } => {
                let (standing, ops) = self.refund(limits, shopper, receipt, now);
                (Answer::Refunded(standing), ops)
            }
            Question::Lift { name: meant, tier } => {
                let is_meant = |shopper| name(shopper) == meant;
                let (lifted, ops) = self.lift(limits, tier, &is_meant, now);
                (Answer::Lifted(lifted), ops)
            }
        }
    }

    /// Decides one chat, which may be refunded under this receipt.
    ///
    /// A refusal counts nothing, and its storage ops write nothing but a change of the clock.
    pub fn admit(
        &mut self,
        limits: &Limits,
        shopper: u32,
        newcomer: bool,
        receipt: u32,
        now: u64,
    ) -> (Decision, StorageOps) {
        let decision = self.ledger.admit(limits, shopper, newcomer, now);
        let ops = self.decided(&decision, limits, shopper, receipt, now);
        (decision, ops)
    }

    /// Decides a request of a verified shopper, which may be refunded.
    pub fn admit_verified(
        &mut self,
        limits: &Limits,
        account: Account,
        now: u64,
    ) -> (Decision, StorageOps) {
        let decision = self.ledger.admit_verified(limits, account, now);
        let ops = self.decided(&decision, limits, account.shopper, account.receipt, now);
        (decision, ops)
    }

    fn decided(
        &mut self,
        decision: &Decision,
        limits: &Limits,
        shopper: u32,
        receipt: u32,
        now: u64,
    ) -> StorageOps {
        let admitted = decision.exceeded.is_none();
        if admitted {
            self.receipts.keep(receipt, shopper, self.ledger.clock());
        }
        self.store(admitted, limits, now)
    }

    /// Decides another request upstream for a chat that is already counted.
    pub fn admit_retry(&mut self, limits: &Limits, now: u64) -> (bool, StorageOps) {
        let admitted = self.ledger.admit_retry(limits, now);
        (admitted, self.store(admitted, limits, now))
    }

    /// Refunds an admission, and returns the shopper's standing after that.
    ///
    /// Returns `None` if nothing was refunded, because the receipt does not allow it.
    pub fn refund(
        &mut self,
        limits: &Limits,
        shopper: u32,
        receipt: u32,
        now: u64,
    ) -> (Option<Standing>, StorageOps) {
        let redeemed = self.receipts.redeem(receipt, shopper, now);
        let standing = redeemed
            .and_then(|admitted| self.ledger.refund(&limits.shopper, shopper, admitted, now));
        if standing.is_some() {
            self.receipts.count_refund(now);
        }
        (standing, self.store(standing.is_some(), limits, now))
    }

    /// Refunds a request of a verified shopper, and frees its idempotency key.
    ///
    /// Receipts are lost with the object's memory. A key is stored and good once, so it is a receipt
    /// itself, within the same ration.
    pub fn refund_verified(
        &mut self,
        limits: &Limits,
        account: Account,
        now: u64,
    ) -> (Option<Standing>, StorageOps) {
        let Account {
            shopper,
            own,
            receipt,
            once,
        } = account;
        let budget = limits.own(own);
        let admitted_once = self.ledger.admitted_once(once);
        let redeemed = self.receipts.redeem(receipt, shopper, now);
        let redeemed = redeemed.or(admitted_once.filter(|_| !self.receipts.is_rationed()));
        let is_freed = self.ledger.free(budget, once, now);
        let standing =
            redeemed.and_then(|admitted| self.ledger.refund(budget, shopper, admitted, now));
        if standing.is_some() {
            self.receipts.count_refund(now);
        }
        let changed = is_freed || standing.is_some();
        (standing, self.store(changed, limits, now))
    }

    /// Notes what became of something that was asked for under an idempotency key.
    pub fn note(
        &mut self,
        limits: &Limits,
        account: Account,
        is_done: bool,
        now: u64,
    ) -> StorageOps {
        if is_done {
            self.ledger.note_done(account.once, now);
        } else {
            self.ledger.free(limits.own(account.own), account.once, now);
        }
        self.store(true, limits, now)
    }

    /// Takes admissions off a budget, and returns how many.
    ///
    /// Of a shopper's own budget, it takes those of the shopper who is meant, wherever they count.
    pub fn lift(
        &mut self,
        limits: &Limits,
        tier: Tier,
        is_meant: &dyn Fn(u32) -> bool,
        now: u64,
    ) -> (u32, StorageOps) {
        let counts_for = |shopper| is_meant(shopper) || is_meant(at_omi(shopper));
        let lifted = self.ledger.lift(limits, tier, counts_for, now);
        let ops = self.store(lifted > 0, limits, now);
        (u32::try_from(lifted).unwrap_or(u32::MAX), ops)
    }

    /// Returns the storage ops for a ledger that may have changed.
    ///
    /// A changed ledger is written at once, or at the end of a second that had a write.
    fn store(&mut self, mut changed: bool, limits: &Limits, now: u64) -> StorageOps {
        // A restarted object must know of the change, or it would begin to doubt the clock again.
        if self.ledger.take_clock_changed() {
            changed = true;
            self.receipts.forget_refunds_after(now);
        }
        if !changed || self.flush_pending {
            return StorageOps::default();
        }
        match self.age(now) {
            Some(age) if age < WRITE_INTERVAL_MS => {
                self.flush_pending = true;
                StorageOps {
                    flush_in: Some(WRITE_INTERVAL_MS - age),
                    ..StorageOps::default()
                }
            }
            _ => self.write(limits.horizon().millis(), now),
        }
    }

    /// Writes the ledger if a flush is pending.
    pub fn flush(&mut self, horizon: u64, now: u64) -> StorageOps {
        if !self.flush_pending {
            return StorageOps::default();
        }
        self.write(horizon, now)
    }

    /// Drops what no window needs, when the alarm goes off.
    ///
    /// Deletes everything that is stored if nothing is left.
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

    /// Returns how long ago the ledger was written, or `None` if it never was.
    ///
    /// The age is 0 if the clock was set back.
    fn age(&self, now: u64) -> Option<u64> {
        self.written.map(|written| now.saturating_sub(written))
    }

    fn write(&mut self, horizon: u64, now: u64) -> StorageOps {
        self.written = Some(now);
        self.flush_pending = false;
        // An alarm that is long overdue has been lost. An alarm that is further off than the
        // longest window was set by a clock that ran ahead.
        let soon = now.max(self.ledger.clock()) + horizon;
        let pending = self
            .alarm
            .filter(|time| *time + WRITE_INTERVAL_MS > now && *time <= soon);
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
