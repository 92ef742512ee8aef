//! The settings: either all are valid, or every mistake is reported at once.
//!
//! The worker does not run with a mistake in its settings.

use std::fmt;

use crate::limits::{Budget, Limits};
use crate::origin::{self, AllowList};
use crate::secret::Secret;

/// A setting that the merchant makes, in wrangler.toml or as a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The upstream's API key.
    ApiKey,
    /// The next API key, while a rotation runs.
    ApiKeyNext,
    /// The upstream's base URL.
    BaseUrl,
    /// Another base URL of the same upstream.
    FallbackUrl,
    /// The origins whose pages may call.
    AllowedOrigins,
    /// The limits of one shopper.
    ShopperLimits,
    /// The limits on shoppers who are new to one network.
    NewcomerLimits,
    /// The limits of one network.
    NetworkLimits,
    /// The most times that a chat may be sent upstream.
    UpstreamAttempts,
}

/// What the platform holds under a setting's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// Nothing.
    Missing,
    /// Something that is not text.
    NotText,
    /// A text.
    Text(String),
}

/// A setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The setting that is missing or wrong.
    pub setting: Setting,
    /// What is wrong, in words that never quote the value.
    pub reason: String,
}

/// The settings of a worker that can run.
#[derive(Debug)]
pub struct Config {
    /// The upstream's API key.
    pub api_key: Secret,
    /// The next API key, while a rotation runs.
    pub api_key_next: Option<Secret>,
    /// The upstream's base URL, without a slash at its end.
    pub base_url: String,
    /// Another base URL of the same upstream.
    pub fallback_url: Option<String>,
    /// The budgets.
    pub limits: Limits,
    /// The most times that a chat may be sent upstream.
    pub upstream_attempts: u32,
}

/// The mistakes in settings that the worker cannot run with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misconfigured(pub Vec<Mistake>);

const PUBLISHED_URL: &str = "https://api.youromi.com/v1";
const PUBLISHED_FALLBACK: &str = "https://nxgsc3wl3l.execute-api.us-east-1.amazonaws.com/prod/v1";

const KEY_PREFIX: &str = "ak_concierge_";
const KEY_HEX_DIGITS: usize = 48;

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 9] = [
        Self::ApiKey,
        Self::ApiKeyNext,
        Self::BaseUrl,
        Self::FallbackUrl,
        Self::AllowedOrigins,
        Self::ShopperLimits,
        Self::NewcomerLimits,
        Self::NetworkLimits,
        Self::UpstreamAttempts,
    ];

    /// Returns the name under which the merchant makes the setting.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "CONCIERGE_API_KEY",
            Self::ApiKeyNext => "CONCIERGE_API_KEY_NEXT",
            Self::BaseUrl => "CONCIERGE_BASE_URL",
            Self::FallbackUrl => "CONCIERGE_FALLBACK_URL",
            Self::AllowedOrigins => "ALLOWED_ORIGINS",
            Self::ShopperLimits => "SHOPPER_LIMITS",
            Self::NewcomerLimits => "NEWCOMER_LIMITS",
            Self::NetworkLimits => "NETWORK_LIMITS",
            Self::UpstreamAttempts => "UPSTREAM_ATTEMPTS",
        }
    }
}

/// Reads all settings, and returns the allow-list and the configuration.
///
/// The allow-list holds every entry that can be read, so that a page may read the error. The
/// configuration is an error unless every setting is valid.
pub fn read(raw: impl Fn(Setting) -> Raw) -> (AllowList, Result<Config, Misconfigured>) {
    let mut reader = Reader {
        raw,
        mistakes: Vec::new(),
    };
    let origins = reader.allowed_origins();
    let api_key = reader.required(Setting::ApiKey, parse_key);
    let api_key_next = reader.optional(Setting::ApiKeyNext, parse_key);
    let base_url = reader.with_default(Setting::BaseUrl, PUBLISHED_URL, parse_base_url);
    let fallback_url = reader.fallback_url(base_url.as_deref());
    let shopper = reader.with_default(
        Setting::ShopperLimits,
        "6/minute, 40/hour, 100/day",
        Budget::parse,
    );
    let newcomer = reader.with_default(
        Setting::NewcomerLimits,
        "10/minute, 60/hour, 200/day",
        Budget::parse,
    );
    let network = reader.with_default(
        Setting::NetworkLimits,
        "20/minute, 200/hour, 600/day",
        Budget::parse,
    );
    let attempts = reader.with_default(Setting::UpstreamAttempts, "3", parse_attempts);
    let mistakes = reader.mistakes;
    let config = match (api_key, base_url, shopper, newcomer, network, attempts) {
        (
            Some(api_key),
            Some(base_url),
            Some(shopper),
            Some(newcomer),
            Some(network),
            Some(upstream_attempts),
        ) if mistakes.is_empty() => {
            Ok(Config {
                // A next key that equals the current one is a rotation that has ended.
                api_key_next: api_key_next.filter(|next| *next != api_key),
                api_key,
                base_url,
                fallback_url,
                limits: Limits {
                    shopper,
                    newcomer,
                    network,
                },
                upstream_attempts,
            })
        }
        _ => Err(Misconfigured(mistakes)),
    };
    (origins, config)
}

struct Reader<F> {
    raw: F,
    mistakes: Vec<Mistake>,
}

impl<F: Fn(Setting) -> Raw> Reader<F> {
    /// Returns the setting's text without surrounding white space, or `None` if it is empty.
    fn text(&mut self, setting: Setting) -> Option<String> {
        match (self.raw)(setting) {
            Raw::Missing => None,
            Raw::NotText => {
                self.mistake(setting, "must be a string");
                None
            }
            Raw::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        }
    }

    fn optional<T>(
        &mut self,
        setting: Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(setting)?;
        self.parsed(setting, &text, parse)
    }

    fn with_default<T>(
        &mut self,
        setting: Setting,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(setting).unwrap_or_else(|| default.to_owned());
        self.parsed(setting, &text, parse)
    }

    fn required<T>(
        &mut self,
        setting: Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let before = self.mistakes.len();
        let Some(text) = self.text(setting) else {
            if self.mistakes.len() == before {
                self.mistake(setting, "is missing");
            }
            return None;
        };
        self.parsed(setting, &text, parse)
    }

    fn allowed_origins(&mut self) -> AllowList {
        let list = self.required(Setting::AllowedOrigins, |text| Ok(AllowList::parse(text)));
        let (origins, bad) = list.unwrap_or_default();
        for entry in bad {
            self.mistake(
                Setting::AllowedOrigins,
                format!("entry {} {}", entry.place, entry.reason),
            );
        }
        origins
    }

    /// Returns the fallback URL, if there is one.
    ///
    /// Unlike the other settings, this one may be set to nothing, which means no fallback. It has a
    /// default only with the default base URL. Whoever names another upstream, such as a staging
    /// one or one on this machine, must not find production behind it.
    fn fallback_url(&mut self, base_url: Option<&str>) -> Option<String> {
        match (self.raw)(Setting::FallbackUrl) {
            Raw::Missing => {
                (base_url == Some(PUBLISHED_URL)).then(|| PUBLISHED_FALLBACK.to_owned())
            }
            _ => self.optional(Setting::FallbackUrl, parse_base_url),
        }
    }

    fn parsed<T>(
        &mut self,
        setting: Setting,
        text: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(text)
            .map_err(|reason| self.mistake(setting, reason))
            .ok()
    }

    fn mistake(&mut self, setting: Setting, reason: impl Into<String>) {
        self.mistakes.push(Mistake {
            setting,
            reason: reason.into(),
        });
    }
}

/// Reads a key of the published form.
fn parse_key(text: &str) -> Result<Secret, String> {
    let hex = text
        .strip_prefix(KEY_PREFIX)
        .filter(|hex| hex.len() == KEY_HEX_DIGITS)
        .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match hex {
        Some(_) => Ok(Secret::new(text)),
        None => Err(format!(
            "must be {KEY_PREFIX} followed by {KEY_HEX_DIGITS} hex digits"
        )),
    }
}

/// Reads the most times that a chat may be sent upstream.
///
/// The published contract asks for at most 2 to 3 retries.
fn parse_attempts(text: &str) -> Result<u32, String> {
    match text {
        "1" => Ok(1),
        "2" => Ok(2),
        "3" => Ok(3),
        "4" => Ok(4),
        _ => Err("must be a number from 1 to 4".to_owned()),
    }
}

/// Reads a base URL: an origin and a path, to which the endpoint's path is added.
fn parse_base_url(text: &str) -> Result<String, String> {
    if text.contains(['?', '#']) {
        return Err("has a query or a fragment".to_owned());
    }
    let (_, rest) = origin::split_scheme(text)?;
    let path_start = rest
        .find('/')
        .map_or(text.len(), |at| text.len() - rest.len() + at);
    let (origin, path) = (text.get(..path_start), text.get(path_start..));
    let (origin, path) = (origin.unwrap_or_default(), path.unwrap_or_default());
    let origin = origin::serialise(origin)?;
    let path = path.trim_end_matches('/');
    // No query, fragment, escape or dot segment is allowed. So what is set is what is requested.
    let plain = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    if !path.is_empty() && !path.split('/').skip(1).all(plain) {
        return Err(
            "has a path with an empty or dot segment, or with other characters than letters, \
                    digits and -._~"
                .to_owned(),
        );
    }
    Ok(format!("{origin}{path}"))
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting.name(), self.reason)
    }
}
