//! The API keys: their form, tier, origins and state.

use std::fmt;
use std::str::FromStr;

use crate::contract::sales_associate::quota::Tier;

/// The prefix of every key.
pub const KEY_PREFIX: &str = "ak_concierge_";
const HEX_DIGITS: usize = 48;

/// A description of a key's form, for messages.
pub const KEY_FORM: &str = "ak_concierge_ followed by 48 hexadecimal digits";

/// Whether requests with a key are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Requests are accepted.
    Enabled,
    /// Requests are refused because the key was switched off.
    Disabled,
    /// Requests are refused because the key's metadata is incomplete.
    Misconfigured,
}

/// An issued key. It has no `Debug`, so it cannot end up in a log.
#[derive(Clone)]
pub struct Key {
    text: String,
    /// The tier. It sets the caps.
    pub tier: Tier,
    /// The origins that CORS allows.
    pub origins: Vec<String>,
    /// Whether it is accepted.
    pub state: State,
}

impl Key {
    /// Creates a key that is refused. Its tier and origins do not matter.
    pub fn closed(text: &str, state: State) -> Result<Self, KeyError> {
        Ok(Self {
            text: well_formed(text)?,
            tier: Tier::Trial,
            origins: Vec::new(),
            state,
        })
    }

    /// Returns whether this key lists the origin.
    pub fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }
}

impl FromStr for Key {
    type Err = KeyError;

    /// Parses `KEY:TIER[:ORIGIN,ORIGIN...]`.
    ///
    /// Only the first two colons are separators, because origins contain colons.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(3, ':');
        let key = well_formed(parts.next().unwrap_or_default())?;
        let tier = match parts.next() {
            Some("trial") => Tier::Trial,
            Some("production") => Tier::Production,
            Some("internal") => Tier::Internal,
            _ => return Err(KeyError::Tier),
        };
        let origins = parts
            .next()
            .map(|list| list.split(',').map(origin).collect())
            .unwrap_or_else(|| Ok(Vec::new()))?;
        Ok(Self {
            text: key,
            tier,
            origins,
            state: State::Enabled,
        })
    }
}

/// The reason why a key is invalid. No message contains the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// It does not have the form of a key.
    Form,
    /// Its tier is missing or unknown.
    Tier,
    /// This text is not an origin.
    Origin(String),
    /// The same key was given before.
    Twice,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => write!(f, "the key is not {KEY_FORM}"),
            Self::Tier => {
                f.write_str("the key must be followed by :trial, :production or :internal")
            }
            Self::Origin(origin) => write!(
                f,
                "'{origin}' is not an origin such as https://www.example.com (scheme and host, no path)"
            ),
            Self::Twice => f.write_str("the same key is given twice"),
        }
    }
}

impl std::error::Error for KeyError {}

fn well_formed(text: &str) -> Result<String, KeyError> {
    match text.strip_prefix(KEY_PREFIX) {
        Some(hex) if hex.len() == HEX_DIGITS && hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Ok(text.to_owned())
        }
        _ => Err(KeyError::Form),
    }
}

fn origin(text: &str) -> Result<String, KeyError> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(text.to_owned())
        }
        _ => Err(KeyError::Origin(text.to_owned())),
    }
}

/// All issued keys. Other modules identify a key by its place in the list.
#[derive(Clone, Default)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Adds a key. Fails if the key is already in the list.
    pub fn add(&mut self, key: Key) -> Result<(), KeyError> {
        if self.find(&key.text).is_some() {
            return Err(KeyError::Twice);
        }
        self.0.push(key);
        Ok(())
    }

    /// Returns the key with this text, and its place in the list.
    pub fn find(&self, text: &str) -> Option<(usize, &Key)> {
        self.0.iter().enumerate().find(|(_, key)| key.text == text)
    }

    /// Returns whether any key lists this origin. A preflight has no key to be more exact.
    pub fn any_allows(&self, origin: &str) -> bool {
        self.0.iter().any(|key| key.allows(origin))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "ak_concierge_0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn origins_keep_their_colons() {
        let key: Key = format!("{TEXT}:production:https://a.example,http://localhost:8787")
            .parse()
            .unwrap();
        assert_eq!(key.tier, Tier::Production);
        assert_eq!(key.origins, ["https://a.example", "http://localhost:8787"]);
        assert!(key.allows("http://localhost:8787"));
        assert!(!key.allows("http://localhost"));
    }

    #[test]
    fn mistakes_are_named_without_the_key() {
        let wrong = |text: &str| text.parse::<Key>().err().unwrap();
        assert_eq!(wrong("ak_concierge_12:trial"), KeyError::Form);
        assert_eq!(wrong(&TEXT.replace('0', "g")), KeyError::Form);
        assert_eq!(wrong(TEXT), KeyError::Tier);
        assert_eq!(wrong(&format!("{TEXT}:gold")), KeyError::Tier);
        for bad in ["a.example", "https://", "https://a.example/", ""] {
            assert_eq!(
                wrong(&format!("{TEXT}:trial:{bad}")),
                KeyError::Origin(bad.to_owned())
            );
        }
    }

    #[test]
    fn no_key_twice() {
        let mut keys = Keys::default();
        keys.add(format!("{TEXT}:trial").parse().unwrap()).unwrap();
        let again = Key::closed(TEXT, State::Disabled).ok().unwrap();
        assert_eq!(keys.add(again), Err(KeyError::Twice));
    }
}
