//! What a ledger has to say, by keeping every admission and counting them all each time.

use concierge_proxy::limits::{Budget, Limits};

/// Whose cap, how many, in how many milliseconds.
pub type Full = (&'static str, u32, u64);

pub struct Model {
    limits: Limits,
    admissions: Vec<(u64, u32, bool)>,
    clock: u64,
    /// When the clock was first behind.
    behind_since: Option<u64>,
}

impl Model {
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            admissions: Vec::new(),
            clock: 0,
            behind_since: None,
        }
    }

    /// The caps that refuse this chat now.
    pub fn full(&mut self, shopper: u32, newcomer: bool, now: u64) -> Vec<Full> {
        self.follow(now);
        self.full_at(shopper, newcomer, self.clock)
    }

    pub fn record(&mut self, shopper: u32, newcomer: bool, now: u64) {
        self.follow(now);
        let newcomer = newcomer && !self.knows(shopper, self.clock);
        self.admissions.push((self.clock, shopper, newcomer));
    }

    /// A clock that has been behind by more than a second for a minute was ahead before: nothing
    /// can have happened later than it says.
    fn follow(&mut self, now: u64) {
        if self.clock.saturating_sub(now) <= 1_000 {
            self.behind_since = None;
        } else {
            let since = self.behind_since.filter(|since| now >= *since);
            self.behind_since = since.or(Some(now));
            if since.is_some_and(|since| now - since >= 60_000) {
                for (at, _, _) in &mut self.admissions {
                    *at = now.min(*at);
                }
                self.clock = now;
                self.behind_since = None;
            }
        }
        self.clock = self.clock.max(now);
        // What was once too old stays so, though the clock goes back.
        let (clock, horizon) = (self.clock, self.limits.horizon().millis());
        self.admissions.retain(|(at, _, _)| at + horizon > clock);
    }

    /// Whether any window that is kept has a chat of this shopper.
    pub fn knows(&self, shopper: u32, now: u64) -> bool {
        let now = self.clock.max(now);
        let horizon = self.limits.horizon().millis();
        let mut admissions = self.admissions.iter();
        admissions.any(|(at, who, _)| *who == shopper && at + horizon > now)
    }

    /// The smallest wait in whole seconds after which the chat is admitted.
    pub fn wait(&self, shopper: u32, newcomer: bool, now: u64) -> u32 {
        let now = self.clock.max(now);
        self.ends()
            .into_iter()
            .filter(|end| *end > now)
            .map(|end| seconds(end - now))
            .find(|wait| {
                let then = now + u64::from(*wait) * 1_000;
                self.full_at(shopper, newcomer, then).is_empty()
            })
            .expect("a time at which it is admitted")
    }

    /// The caps that are the last to be full before the chat is admitted after that wait.
    pub fn last_to_free(&self, shopper: u32, newcomer: bool, now: u64) -> Vec<Full> {
        let then = self.clock.max(now) + u64::from(self.wait(shopper, newcomer, now)) * 1_000;
        self.ends()
            .into_iter()
            .rev()
            .filter(|end| *end <= then)
            .map(|end| self.full_at(shopper, newcomer, end - 1))
            .find(|full| !full.is_empty())
            .expect("a time at which it is refused")
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
        // A clock that was set back may have put more into one window than its cap.
        let used = u32::try_from(inside.len()).unwrap();
        (headline.count.saturating_sub(used), reset)
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
        if newcomer && !self.knows(shopper, now) {
            check("newcomer", &self.limits.newcomer, &|_, new| new);
        }
        full
    }
}

fn seconds(millis: u64) -> u32 {
    u32::try_from(millis.div_ceil(1_000)).unwrap()
}
