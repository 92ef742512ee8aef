//! The configuration: either all settings are valid, or every mistake is reported at once.
//!
//! The worker does not run with a mistake in its settings.

use crate::limits::{Budget, Limits};
use crate::origin::AllowList;
use crate::secret::Secret;
use crate::settings::{Misconfigured, Raw, Reader, Setting, base_url};

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

const PUBLISHED_URL: &str = "https://api.youromi.com/v1";
const PUBLISHED_FALLBACK: &str = "https://nxgsc3wl3l.execute-api.us-east-1.amazonaws.com/prod/v1";

const KEY_PREFIX: &str = "ak_concierge_";
const KEY_HEX_DIGITS: usize = 48;

/// Reads all settings, and returns the allow-list and the configuration.
///
/// The allow-list holds every entry that can be read, so that a page may read the error. The
/// configuration is an error unless every setting is valid.
pub fn read(raw: impl Fn(Setting) -> Raw) -> (AllowList, Result<Config, Misconfigured>) {
    let mut reader = Reader::new(&raw);
    let origins = allowed_origins(&mut reader);
    let config = complete(&mut reader);
    (origins, reader.finish(config))
}

/// Returns the configuration, or `None` if a setting that it needs is missing or wrong.
fn complete(reader: &mut Reader<'_>) -> Option<Config> {
    let api_key = reader.required(Setting::ApiKey, parse_key);
    let api_key_next = reader.optional(Setting::ApiKeyNext, parse_key);
    let base_url = reader.with_default(Setting::BaseUrl, PUBLISHED_URL, base_url);
    let fallback_url = fallback_url(reader, base_url.as_deref());
    let limits = limits(reader);
    let attempts = reader.with_default(Setting::UpstreamAttempts, "3", parse_attempts);
    let api_key = api_key?;
    Some(Config {
        // A next key that equals the current one is a rotation that has ended.
        api_key_next: api_key_next.filter(|next| *next != api_key),
        api_key,
        base_url: base_url?,
        fallback_url,
        limits: limits?,
        upstream_attempts: attempts?,
    })
}

fn limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let mut budget = |setting, default| reader.with_default(setting, default, Budget::parse);
    let shopper = budget(Setting::ShopperLimits, "6/minute, 40/hour, 100/day");
    let newcomer = budget(Setting::NewcomerLimits, "10/minute, 60/hour, 200/day");
    let network = budget(Setting::NetworkLimits, "20/minute, 200/hour, 600/day");
    Some(Limits {
        shopper: shopper?,
        newcomer: newcomer?,
        network: network?,
    })
}

fn allowed_origins(reader: &mut Reader<'_>) -> AllowList {
    let list = reader.required(Setting::AllowedOrigins, |text| Ok(AllowList::parse(text)));
    let (origins, bad) = list.unwrap_or_default();
    for entry in bad {
        reader.mistake(
            Setting::AllowedOrigins,
            format!("entry {} {}", entry.place, entry.reason),
        );
    }
    origins
}

/// Returns the fallback URL, if there is one.
///
/// Unlike the other settings, this one may be set to nothing, which means no fallback. It has a
/// default only with the default base URL. Whoever names another upstream, such as a staging one
/// or one on this machine, must not find production behind it.
fn fallback_url(reader: &mut Reader<'_>, primary: Option<&str>) -> Option<String> {
    match reader.raw(Setting::FallbackUrl) {
        Raw::Missing => (primary == Some(PUBLISHED_URL)).then(|| PUBLISHED_FALLBACK.to_owned()),
        _ => reader.optional(Setting::FallbackUrl, base_url),
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
