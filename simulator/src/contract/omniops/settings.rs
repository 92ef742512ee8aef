//! The readings of the contract that a run can choose between.

use serde::{Deserialize, Serialize};

use crate::contract::switches::list;

/// The switches, for the help text.
pub const HELP: &str =
    "  --omniops-dialect            documented or as-built: the fields, the errors and the access
  --omniops-answers            bare or wrapped: whether answers stand in {success, data, timestamp}
  --omniops-keys KEY,KEY       the keys that are accepted (documented)
  --omniops-domains NAME,NAME  the domains that are configured
  --omniops-reset              seconds or milliseconds: the unit of X-RateLimit-Reset
  --omniops-minute N           the requests of a domain in a minute [default: 100]
  --omniops-second N           the requests of a domain in a second [default: 20]
";

/// The fields, the errors and the access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// As the reference says.
    Documented,
    /// As the public source does.
    AsBuilt,
}

/// Whether answers stand in an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    Bare,
    Wrapped,
}

/// The unit of `X-RateLimit-Reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    Seconds,
    Milliseconds,
}

/// The switches.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub dialect: Dialect,
    pub answers: Answers,
    #[serde(deserialize_with = "list")]
    pub keys: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub domains: Vec<String>,
    pub reset: Reset,
    pub minute: u64,
    pub second: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: Dialect::Documented,
            answers: Answers::Bare,
            keys: vec!["omniops-key-of-the-simulator".to_owned()],
            domains: vec!["www.example.com".to_owned()],
            reset: Reset::Milliseconds,
            minute: 100,
            second: 20,
        }
    }
}
