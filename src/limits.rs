//! The limits on chats.
//!
//! A budget is a list of caps over rolling windows. Three budgets bound every chat.

pub mod ledger;
pub mod protocol;
pub mod receipts;
pub mod write_behind;

/// The largest cap, chosen so that no budget outgrows what an object can hold.
pub const MAX_CAP: u32 = 20_000;

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

/// The three budgets that a chat counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The chats of one shopper.
    pub shopper: Budget,
    /// The shoppers who are new to one network.
    pub newcomer: Budget,
    /// All chats of one network.
    pub network: Budget,
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
    /// Returns the name used in headers, bodies and log lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Newcomer => "newcomer",
            Self::Network => "network",
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
    /// Returns the longest window of all budgets.
    ///
    /// An older admission no longer decides anything.
    pub fn horizon(&self) -> Window {
        [&self.shopper, &self.newcomer, &self.network]
            .into_iter()
            .filter_map(|budget| budget.caps.last())
            .map(|cap| cap.window)
            .max()
            .unwrap_or(Window::Day)
    }
}
