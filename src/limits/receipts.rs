//! The receipts of recent admissions, each of which is good for one refund.
//!
//! A refund undoes a count, so it must not be worth provoking: receipts are few, short-lived and
//! good once, and refunds are rationed.

use std::collections::VecDeque;

/// How long an admission may be refunded, in milliseconds.
pub const RECEIPT_LIFE_MS: u64 = 60_000;
/// The most refunds of a limiter in a minute.
pub const MAX_REFUNDS: usize = 10;
/// The most receipts that a limiter knows. The oldest are dropped.
pub const MAX_RECEIPTS: usize = 256;

const MINUTE_MS: u64 = 60_000;

/// What may be refunded, and what was.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// In the order of the admissions.
    open: VecDeque<Receipt>,
    /// The times of the refunds in the last minute.
    refunds: VecDeque<u64>,
}

/// One admission that may be refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Receipt {
    /// A random number that came with the chat.
    number: u32,
    shopper: u32,
    /// When the chat was admitted, in milliseconds since 1970.
    admitted: u64,
}

impl Receipts {
    /// Keeps the receipt of an admission.
    pub fn keep(&mut self, number: u32, shopper: u32, admitted: u64) {
        if self.open.len() >= MAX_RECEIPTS {
            self.open.pop_front();
        }
        self.open.push_back(Receipt {
            number,
            shopper,
            admitted,
        });
    }

    /// Takes a shopper's receipt, and returns the time of its admission.
    ///
    /// Returns `None` if there is no such receipt, if it is older than `RECEIPT_LIFE_MS`, or if
    /// there were `MAX_REFUNDS` in the last minute.
    pub fn redeem(&mut self, number: u32, shopper: u32, now: u64) -> Option<u64> {
        let ended = |receipt: &mut Receipt| receipt.admitted + RECEIPT_LIFE_MS <= now;
        while self.open.pop_front_if(ended).is_some() {}
        let is_over = |at: &mut u64| *at + MINUTE_MS <= now;
        while self.refunds.pop_front_if(is_over).is_some() {}
        if self.is_rationed() {
            return None;
        }
        let is_asked = |receipt: &Receipt| receipt.number == number && receipt.shopper == shopper;
        let place = self.open.iter().position(is_asked)?;
        self.open.remove(place).map(|receipt| receipt.admitted)
    }

    /// Returns whether there were `MAX_REFUNDS` in the last minute, as of the last redemption.
    pub fn is_rationed(&self) -> bool {
        self.refunds.len() >= MAX_REFUNDS
    }

    /// Counts a refund that was made.
    pub fn count_refund(&mut self, now: u64) {
        self.refunds.push_back(now);
    }

    /// Forgets the refunds of a time that has not come yet, after the clock was set back.
    pub fn forget_refunds_after(&mut self, now: u64) {
        self.refunds.retain(|at| *at <= now);
    }
}
