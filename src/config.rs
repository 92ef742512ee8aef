//! The configuration: either all settings are valid, or every mistake is reported at once.
//!
//! The worker does not run with a mistake in its settings.

mod signing;

pub use signing::Signing;

use std::ops::RangeInclusive;

use crate::app_proxy::{self, AppProxy};
use crate::assistants::{Assistant, omi};
use crate::contract::route::Route;
use crate::limits::{Budget, Limits};
use crate::origin::AllowList;
use crate::placement::{self, Placement};
use crate::secret::Secret;
use crate::settings::{Misconfigured, Raw, Reader, Setting, base_url};
use crate::token::TokenKey;
use crate::usage::Facts;

/// The settings of a worker that can run.
#[derive(Debug)]
pub struct Config {
    /// The assistant that answers, with its own settings.
    pub assistant: Assistant,
    /// The upstream's API key, if the assistant has one.
    pub api_key: Option<Secret>,
    /// The next API key, while a rotation runs.
    pub api_key_next: Option<Secret>,
    /// What the signing keys are derived from.
    pub signing: Signing,
    /// The upstream's base URL, without a slash at its end.
    pub base_url: String,
    /// Another base URL of the same upstream.
    pub fallback_url: Option<String>,
    /// The origins whose pages may call.
    pub origins: AllowList,
    /// The budgets.
    pub limits: Limits,
    /// Whether the budgets are only tried out: they count, and refuse no chat.
    pub dry_run: bool,
    /// Where the limiter objects are.
    pub placement: Placement,
    /// Whether a dataset gets a data point of each chat.
    pub analytics: bool,
    /// The most times that a chat may be sent upstream.
    pub upstream_attempts: u32,
    /// What the tokens of verified shoppers are signed with, if there are any.
    pub token_key: Option<TokenKey>,
    /// Shopify's App Proxy, if it passes requests on.
    pub app_proxy: Option<AppProxy>,
    /// omi.me, if anything of it is switched on.
    pub omi: Option<omi::Settings>,
    /// What the merchant's own requests are allowed by. Without it there are none, and nothing is counted
    /// for them.
    pub admin_token: Option<Secret>,
}

impl Config {
    /// Returns whether requests of this route can be answered.
    pub fn offers(&self, route: Route) -> bool {
        match route.omi_scope() {
            Some(_) => self.omi.as_ref().is_some_and(|omi| omi.offer(route)),
            None => self.assistant.capabilities().offer(route),
        }
    }

    /// Returns what a report says of the deployment beside the counts.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            assistant: self.assistant.name(),
            dry_run: self.dry_run,
            version: env!("CARGO_PKG_VERSION"),
            day_cap: self.assistant.day_cap(),
        }
    }

    /// Returns what a page is told about the deployment.
    pub fn capabilities(&self) -> String {
        let omi = self.omi.as_ref().map(omi::Settings::capabilities);
        let assistant = &self.assistant;
        assistant
            .capabilities()
            .to_json(assistant.name(), omi.unwrap_or_default())
    }
}

const MAX_ATTEMPTS: u32 = 4;
/// The fewest and the most characters of a Shopify app's secret. Whoever sees a signed query can try
/// out shorter ones.
const APP_SECRET_CHARS: RangeInclusive<usize> = 16..=256;
/// The fewest and the most characters of an admin token.
const ADMIN_TOKEN_CHARS: RangeInclusive<usize> = 32..=256;
/// The requests of the merchant from one network. A page that refreshes itself takes twelve a minute.
const ADMIN_LIMITS: &str = "60/minute, 1000/hour";

/// Reads all settings, and returns the allow-list and the configuration.
///
/// The allow-list holds every entry that can be read, so that a page may read the error. The
/// configuration is an error unless every setting is valid.
pub fn read(raw: impl Fn(Setting) -> Raw) -> (AllowList, Result<Config, Misconfigured>) {
    let mut reader = Reader::new(&raw);
    let origins = allowed_origins(&mut reader);
    let config = complete(&mut reader, origins.clone());
    (origins, reader.finish(config))
}

/// Returns the configuration, or `None` if a setting that it needs is missing or wrong.
fn complete(reader: &mut Reader<'_>, origins: AllowList) -> Option<Config> {
    let assistant = Assistant::read(reader);
    let keys = assistant
        .as_ref()
        .map(|assistant| api_keys(reader, assistant));
    let signing = Signing::read(reader, keys.as_ref());
    let urls = assistant
        .as_ref()
        .and_then(|assistant| urls(reader, assistant));
    let limits = limits(reader);
    let dry_run = reader.switch(Setting::LimitsDryRun);
    let placement = Placement {
        hint: reader.optional(Setting::LimiterLocation, &placement::parse_hint),
        jurisdiction: reader.optional(Setting::LimiterJurisdiction, &placement::parse_jurisdiction),
    };
    let analytics = reader.binding(Setting::Analytics);
    let least = assistant.as_ref().map_or(1, Assistant::least_requests);
    let attempts = reader.with_default(Setting::UpstreamAttempts, "3", &|text| {
        parse_attempts(text, least)
    });
    let token_key = reader.optional(Setting::ShopperTokenKey, &TokenKey::parse);
    let app_proxy = app_proxy(reader);
    let omi = omi::Settings::read(reader);
    let admin_token = admin_token(reader);
    let has_context = |assistant: &Assistant| *assistant == Assistant::SalesAssociate;
    if !assistant.as_ref().is_none_or(has_context)
        && omi.as_ref().is_some_and(omi::Settings::is_context)
    {
        let reason = "is on, but only sales-associate has a context";
        reader.mistake(Setting::OmiContext, reason);
    }
    let (api_key, api_key_next) = keys?;
    let (base_url, fallback_url) = urls?;
    Some(Config {
        assistant: assistant?,
        api_key,
        api_key_next,
        signing: signing?,
        base_url,
        fallback_url,
        origins,
        limits: limits?,
        dry_run: dry_run?,
        placement,
        analytics,
        upstream_attempts: attempts?,
        token_key,
        app_proxy,
        omi,
        admin_token,
    })
}

/// Returns the admin token, or `None` if it is not set or not right.
///
/// Its requests are limited, but its length alone makes it worth no guess.
fn admin_token(reader: &mut Reader<'_>) -> Option<Secret> {
    let token = reader.optional(Setting::AdminToken, &|text| {
        plain_secret(text, ADMIN_TOKEN_CHARS)
    });
    let has_objects = reader.binding(Setting::Usage);
    if token.is_some() && !has_objects && !reader.has_mistake(Setting::Usage) {
        let reason = "is missing: ADMIN_TOKEN needs this binding in wrangler.toml";
        reader.mistake(Setting::Usage, reason);
    }
    token
}

/// Returns Shopify's App Proxy, or `None` if it is not set up or not right.
fn app_proxy(reader: &mut Reader<'_>) -> Option<AppProxy> {
    let parse = |text: &str| plain_secret(text, APP_SECRET_CHARS);
    let secret = reader.optional(Setting::ShopifyAppSecret, &parse);
    let next = reader.optional(Setting::ShopifyAppSecretNext, &parse);
    let shop = reader.optional(Setting::ShopifyShop, &app_proxy::parse_shop);
    // Each of them is of no use without the others.
    for (setting, is_missing) in [
        (Setting::ShopifyAppSecret, shop.is_some() || next.is_some()),
        (Setting::ShopifyShop, secret.is_some()),
    ] {
        if is_missing && !reader.is_set(setting) {
            reader.mistake(setting, "is missing: the App Proxy needs it");
        }
    }
    Some(AppProxy {
        secret: secret?,
        next,
        shop: shop?,
    })
}

fn plain_secret(text: &str, chars: RangeInclusive<usize>) -> Result<Secret, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && chars.contains(&text.len()) {
        return Ok(Secret::new(text));
    }
    let (least, most) = (chars.start(), chars.end());
    Err(format!(
        "must be {least} to {most} visible ASCII characters"
    ))
}

/// Returns the current and the next API key, as far as they are set.
fn api_keys(reader: &mut Reader<'_>, assistant: &Assistant) -> (Option<Secret>, Option<Secret>) {
    let Some(read_key) = assistant.read_key() else {
        for setting in [Setting::ApiKey, Setting::ApiKeyNext] {
            if reader.is_set(setting) {
                reader.mistake(setting, "is set, but this assistant has no key");
            }
        }
        return (None, None);
    };
    let current = reader.required(Setting::ApiKey, &read_key);
    let next = reader.optional(Setting::ApiKeyNext, &read_key);
    // A next key that equals the current one is a rotation that has ended.
    let next = next.filter(|next| current.as_ref() != Some(next));
    (current, next)
}

/// Returns the base URL, and the fallback URL if there is one.
fn urls(reader: &mut Reader<'_>, assistant: &Assistant) -> Option<(String, Option<String>)> {
    let (published, published_fallback) = assistant.published_urls();
    let primary = match published {
        Some(url) => reader.with_default(Setting::BaseUrl, url, &base_url),
        None => reader.required(Setting::BaseUrl, &base_url),
    };
    // Unlike the other settings, this one may be set to nothing, which means no fallback. It has a
    // default only with the default base URL. Whoever names another upstream, such as a staging one
    // or one on this machine, must not find production behind it.
    let fallback = match reader.raw(Setting::FallbackUrl) {
        Raw::Missing if primary.as_deref() == published => published_fallback.map(str::to_owned),
        Raw::Missing => None,
        _ => reader.optional(Setting::FallbackUrl, &base_url),
    };
    Some((primary?, fallback))
}

fn limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let mut budget = |setting, default| reader.with_default(setting, default, &Budget::parse);
    let shopper = budget(Setting::ShopperLimits, "6/minute, 40/hour, 100/day");
    let newcomer = budget(Setting::NewcomerLimits, "10/minute, 60/hour, 200/day");
    let network = budget(Setting::NetworkLimits, "20/minute, 200/hour, 600/day");
    let verified = if reader.is_set(Setting::VerifiedLimits) {
        reader.optional(Setting::VerifiedLimits, &Budget::parse)
    } else {
        shopper.as_ref().map(Budget::doubled)
    };
    let omi = reader.with_default(Setting::OmiLimits, "10/hour, 60/day", &Budget::parse);
    let has_omi = reader.is_set(Setting::OmiAppId);
    Some(Limits {
        omi: omi.filter(|_| has_omi),
        admin: if reader.is_set(Setting::AdminToken) {
            Budget::parse(ADMIN_LIMITS).ok()
        } else {
            None
        },
        shopper: shopper?,
        verified: verified?,
        newcomer: newcomer?,
        network: network?,
    })
}

fn allowed_origins(reader: &mut Reader<'_>) -> AllowList {
    let list = reader.required(Setting::AllowedOrigins, &|text| Ok(AllowList::parse(text)));
    let (origins, bad) = list.unwrap_or_default();
    for entry in bad {
        reader.mistake(
            Setting::AllowedOrigins,
            &format!("entry {} {}", entry.place, entry.reason),
        );
    }
    origins
}

/// Reads the most times that a chat may be sent upstream.
///
/// The published contract of the Sales Associate API asks for at most 2 to 3 retries.
fn parse_attempts(text: &str, least: u32) -> Result<u32, String> {
    let digit = text.chars().next().and_then(|first| first.to_digit(10));
    digit
        .filter(|digit| text.len() == 1 && (least..=MAX_ATTEMPTS).contains(digit))
        .ok_or_else(|| format!("must be a number from {least} to {MAX_ATTEMPTS}"))
}
