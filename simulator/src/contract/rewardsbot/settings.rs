//! The readings of the contract that a run can choose between.

use serde::{Deserialize, Serialize};

/// The switches, for the help text.
pub const HELP: &str = "  --rewardsbot-page-size N     the products on a page [default: 4]
  --rewardsbot-lifetime MS     how long pages can be asked for [default: 900000]
  --rewardsbot-expired         gone or not-found: the answer for an expired page
  --rewardsbot-sources N       the sources of found products [default: 2]
";

/// The answer for an expired page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expired {
    Gone,
    NotFound,
}

/// The switches.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub page_size: usize,
    /// The milliseconds for which the pages of a chat can be asked for.
    pub lifetime: u64,
    pub expired: Expired,
    pub sources: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page_size: 4,
            lifetime: 900_000,
            expired: Expired::Gone,
            sources: 2,
        }
    }
}
