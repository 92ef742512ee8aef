//! The limits on chats.
//!
//! A budget is a list of caps over rolling windows. Three budgets bound every chat of a shopper whom
//! nobody knows, and one bounds those of a verified shopper.

pub mod ledger;
pub mod protocol;
pub mod receipts;
pub mod write_behind;

/// The largest cap, chosen so that no budget outgrows what an object can hold.
pub const MAX_CAP: u32 = 20_000;

/// The longest time that an isolate remembers a refusal, in milliseconds.
pub const REMEMBERED_MS: u64 = 5_000;

/// How long something may be under way, in milliseconds. After that nobody learns what became of it.
pub const PENDING_MS: u64 = 60_000;

/// How often something may be asked for under one idempotency key.
pub const ONCE: Cap = Cap {
    count: 1,
    window: Window::Day,
};

/// The length of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// 1 second.
    Second,
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds.
    Day,
}

/// The most admissions in any period as long as the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// The number of admissions.
    pub count: u32,
    /// The window that the count applies to.
    pub window: Window,
}

/// Caps that all hold at once, the shortest window first.
///
/// Each window occurs at most once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    caps: Vec<Cap>,
    headline: Cap,
}

/// All budgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The chats of one shopper.
    pub shopper: Budget,
    /// The chats of one verified shopper.
    pub verified: Budget,
    /// What one verified shopper may ask of omi.me, where that is switched on.
    pub omi: Option<Budget>,
    /// The requests of the merchant from one network, where they are switched on.
    pub admin: Option<Budget>,
    /// The shoppers who are new to one network.
    pub newcomer: Budget,
    /// All chats of one network.
    pub network: Budget,
}

/// Which budget is the shopper's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// That of a shopper whom nobody knows.
    Shopper,
    /// That of a verified shopper.
    Verified,
    /// That of a verified shopper at omi.me.
    Omi,
    /// That of a network for requests of the merchant.
    Admin,
}

/// Whose budget a cap belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// One shopper's budget.
    Shopper,
    /// The budget of one network for new shoppers.
    Newcomer,
    /// The whole budget of one network.
    Network,
    /// What is asked for under one idempotency key: it was done in the last day.
    Done,
    /// The same, while nobody knows whether it was done.
    Pending,
}

impl Window {
    /// Every window, the shortest first.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// Returns the name used in settings, headers and bodies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// Returns the window of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.name() == name)
    }

    /// Returns the length in seconds.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Returns the length in milliseconds.
    pub const fn millis(self) -> u64 {
        self.seconds() as u64 * 1_000
    }
}

impl Tier {
    /// Every tier, in the order of their numbers, which begin with 1.
    const ALL: [Self; 5] = [
        Self::Shopper,
        Self::Newcomer,
        Self::Network,
        Self::Done,
        Self::Pending,
    ];

    /// Returns the number that crosses the call into the object.
    const fn number(self) -> u32 {
        self as u32 + 1
    }

    /// Returns the tier of this number.
    fn of(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.number() == number)
    }

    /// Returns the name used in headers, bodies and log lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Newcomer => "newcomer",
            Self::Network => "network",
            Self::Done => "done",
            Self::Pending => "pending",
        }
    }
}

impl Budget {
    /// Reads a budget such as `6/minute, 40/hour, 100/day`.
    ///
    /// # Errors
    ///
    /// Returns what is wrong, in words that follow the setting's name and never quote its value.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut caps: Vec<Cap> = Vec::new();
        for (index, entry) in text.split(',').enumerate() {
            let place = index + 1;
            let cap = Cap::parse(entry.trim()).map_err(|reason| format!("cap {place} {reason}"))?;
            if caps.iter().any(|other| other.window == cap.window) {
                return Err(format!("cap {place} repeats a window"));
            }
            let shorter = caps.iter().filter(|other| other.window < cap.window);
            caps.insert(shorter.count(), cap);
        }
        let headline = caps
            .iter()
            .find(|cap| cap.window == Window::Hour)
            .or(caps.last())
            .copied()
            .ok_or("has no cap")?;
        Ok(Self { caps, headline })
    }

    /// Returns the budget with twice the counts, up to the largest cap.
    pub fn doubled(&self) -> Self {
        let double = |cap: &Cap| Cap {
            count: (cap.count * 2).min(MAX_CAP),
            ..*cap
        };
        Self {
            caps: self.caps.iter().map(double).collect(),
            headline: double(&self.headline),
        }
    }

    /// Returns the caps, the shortest window first.
    pub fn caps(&self) -> &[Cap] {
        &self.caps
    }

    /// Returns the cap whose state a client is told.
    ///
    /// That is the cap of the hour, or of the longest window if there is none for the hour.
    pub fn headline(&self) -> Cap {
        self.headline
    }
}

impl Cap {
    fn parse(entry: &str) -> Result<Self, String> {
        let (count, window) = entry
            .split_once('/')
            .ok_or("does not have the form 40/hour")?;
        let digits = count.trim();
        let count = digits
            .parse::<u32>()
            .ok()
            .filter(|count| (1..=MAX_CAP).contains(count) && count.to_string() == digits)
            .ok_or_else(|| format!("has a count that is not a number from 1 to {MAX_CAP}"))?;
        let window = Window::named(window.trim())
            .ok_or("has a window other than second, minute, hour or day")?;
        Ok(Self { count, window })
    }
}

impl Limits {
    /// Returns the shopper's own budget.
    pub fn own(&self, own: Own) -> &Budget {
        match own {
            Own::Shopper => &self.shopper,
            Own::Verified => &self.verified,
            Own::Omi => self.omi.as_ref().unwrap_or(&self.verified),
            Own::Admin => self.admin.as_ref().unwrap_or(&self.verified),
        }
    }

    /// Returns the longest window of all budgets.
    ///
    /// An older admission no longer decides anything.
    pub fn horizon(&self) -> Window {
        // An idempotency key is remembered for a day.
        let once = self.omi.as_ref().map(|_| &ONCE);
        let budgets = [&self.shopper, &self.verified, &self.newcomer, &self.network];
        budgets
            .into_iter()
            .chain(&self.omi)
            .chain(&self.admin)
            .filter_map(|budget| budget.caps.last())
            .chain(once)
            .map(|cap| cap.window)
            .max()
            .unwrap_or(Window::Day)
    }
}
