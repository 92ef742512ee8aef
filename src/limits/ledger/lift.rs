//! What a merchant lifts: admissions that no longer count against a shopper or a network.

use std::collections::VecDeque;

use super::{Kind, Ledger};
use crate::limits::{Limits, Tier};

impl Ledger {
    /// Takes the admissions off a budget, and returns how many there were.
    ///
    /// - Of the shopper's own budget, all chats of the shoppers who are meant. They still count in the
    ///   network's budget: they were sent. A shopper who has only a session id is a newcomer again, so their
    ///   place is freed, too.
    /// - Of the newcomers' budget, the places of all newcomers.
    /// - Of the network's budget, everything that counts here, and those places.
    ///
    /// What was asked for under an idempotency key is not forgotten with a shopper.
    pub fn lift(
        &mut self,
        limits: &Limits,
        tier: Tier,
        is_meant: impl Fn(u32) -> bool,
        now: u64,
    ) -> usize {
        let now = self.tick(now);
        self.prune(limits.horizon().millis(), now);
        match tier {
            Tier::Shopper | Tier::Done | Tier::Pending => self.lift_shoppers(is_meant),
            Tier::Newcomer => self.lift_newcomers(),
            Tier::Network => {
                let places = self.places_alone.len();
                self.lift_newcomers();
                self.shoppers.clear();
                std::mem::take(&mut self.admissions).len() + places
            }
        }
    }

    fn lift_shoppers(&mut self, is_meant: impl Fn(u32) -> bool) -> usize {
        let meant: Vec<u32> = self
            .shoppers
            .extract_if(|shopper, _| is_meant(*shopper))
            .map(|(shopper, _)| shopper)
            .collect();
        let mut lifted = 0;
        for admission in &mut self.admissions {
            if admission.kind == Kind::Retry || !meant.contains(&admission.shopper) {
                continue;
            }
            if admission.kind == Kind::Newcomer {
                let place = self.newcomers.partition_point(|at| *at < admission.at);
                self.newcomers.remove(place);
            }
            (admission.shopper, admission.kind) = (0, Kind::Retry);
            lifted += 1;
        }
        lifted
    }

    fn lift_newcomers(&mut self) -> usize {
        for admission in &mut self.admissions {
            if admission.kind == Kind::Newcomer {
                admission.kind = Kind::Chat;
            }
        }
        self.places_alone = VecDeque::new();
        std::mem::take(&mut self.newcomers).len()
    }
}
