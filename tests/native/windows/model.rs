//! What a ledger has to say, by keeping every admission for ever and counting them all each time.

use concierge_proxy::limits::{Budget, Limits};

/// Whose cap, how many, in how many milliseconds.
pub type Full = (&'static str, u32, u64);

pub struct Model {
    limits: Limits,
    admissions: Vec<(u64, u32, bool)>,
    clock: u64,
}

impl Model {
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            admissions: Vec::new(),
            clock: 0,
        }
    }

    /// The caps that refuse this chat now.
    pub fn full(&mut self, shopper: u32, newcomer: bool, now: u64) -> Vec<Full> {
        self.clock = self.clock.max(now);
        self.full_at(shopper, newcomer, self.clock)
    }

    pub fn record(&mut self, shopper: u32, newcomer: bool, now: u64) {
        self.clock = self.clock.max(now);
        self.admissions.push((self.clock, shopper, newcomer));
    }

    /// The smallest wait after which the chat is admitted, in whole seconds.
    pub fn wait(&self, shopper: u32, newcomer: bool, now: u64) -> u32 {
        let now = self.clock.max(now);
        let wait = self
            .ends()
            .into_iter()
            .filter(|end| *end > now)
            .find(|end| self.full_at(shopper, newcomer, *end).is_empty());
        seconds(wait.expect("a time at which it is admitted") - now)
    }

    /// The caps that are still full a millisecond before the chat is admitted.
    pub fn last_to_free(&self, shopper: u32, newcomer: bool, now: u64) -> Vec<Full> {
        let now = self.clock.max(now);
        let end = self
            .ends()
            .into_iter()
            .filter(|end| *end > now)
            .find(|end| self.full_at(shopper, newcomer, *end).is_empty())
            .expect("a time at which it is admitted");
        self.full_at(shopper, newcomer, end - 1)
    }

    /// What the shopper has left of the headline cap, and when one more comes back.
    pub fn standing(&self, shopper: u32, now: u64) -> (u32, u32) {
        let now = self.clock.max(now);
        let headline = self.limits.shopper.headline();
        let window = headline.window.millis();
        let inside: Vec<u64> = self
            .admissions
            .iter()
            .filter(|(at, who, _)| *who == shopper && now - at < window)
            .map(|(at, _, _)| *at)
            .collect();
        let reset = inside
            .iter()
            .min()
            .map_or(0, |oldest| seconds(oldest + window - now));
        (headline.count - u32::try_from(inside.len()).unwrap(), reset)
    }

    /// All times at which something falls out of a window, the earliest first.
    fn ends(&self) -> Vec<u64> {
        let windows = [1_000, 60_000, 3_600_000, 86_400_000];
        let mut ends: Vec<u64> = self
            .admissions
            .iter()
            .flat_map(|(at, _, _)| windows.map(|window| at + window))
            .collect();
        ends.sort_unstable();
        ends
    }

    fn full_at(&self, shopper: u32, newcomer: bool, now: u64) -> Vec<Full> {
        let mut full = Vec::new();
        let mut check = |tier, budget: &Budget, counts: &dyn Fn(u32, bool) -> bool| {
            for cap in budget.caps() {
                let window = cap.window.millis();
                let inside = self
                    .admissions
                    .iter()
                    .filter(|(at, who, new)| counts(*who, *new) && at + window > now)
                    .count();
                if inside >= cap.count as usize {
                    full.push((tier, cap.count, window));
                }
            }
        };
        check("shopper", &self.limits.shopper, &|who, _| who == shopper);
        check("network", &self.limits.network, &|_, _| true);
        if newcomer {
            check("newcomer", &self.limits.newcomer, &|_, new| new);
        }
        full
    }
}

fn seconds(millis: u64) -> u32 {
    u32::try_from(millis.div_ceil(1_000)).unwrap()
}
