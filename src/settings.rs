//! The settings that a merchant makes, how they are read, and the mistakes in them.
//!
//! All mistakes are collected, so that they can be reported at once. None quotes a value.

mod base_url;

pub use base_url::base_url;

use std::fmt;

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
    /// Which assistant answers.
    Assistant,
    /// The key that signs, where it is not the upstream's API key.
    SigningKey,
    /// The next signing key, while a rotation runs.
    SigningKeyNext,
    /// How the assistant's key is sent.
    AssistantAuth,
    /// The chatbot at Homie.
    HomieChatbotId,
    /// The branch of the store at Homie.
    HomieStore,
    /// Where Homie's events are.
    HomieEvents,
    /// The rewards program at RewardsBot.
    RewardsProgram,
    /// The shop's domain at Omniops.
    OmniopsDomain,
    /// Which of the two contracts Omniops keeps.
    OmniopsDialect,
    /// What Omniops signs its webhooks with.
    OmniopsWebhookSecret,
    /// The limits of one verified shopper.
    VerifiedLimits,
    /// What the tokens of verified shoppers are signed with.
    ShopperTokenKey,
    /// What Shopify signs the requests of its App Proxy with.
    ShopifyAppSecret,
    /// The next such secret, while a rotation runs.
    ShopifyAppSecretNext,
    /// The shop at Shopify.
    ShopifyShop,
    /// The app at omi.me.
    OmiAppId,
    /// The app's key there.
    OmiAppKey,
    /// What of omi.me is switched on.
    OmiCapabilities,
    /// The limits of one shopper there.
    OmiLimits,
    /// omi.me's base URL.
    OmiBaseUrl,
    /// Whether the assistant is given the shopper's memories.
    OmiContext,
    /// Whether the limits are only tried out.
    LimitsDryRun,
    /// The dataset that gets a data point of each chat. It is a binding, and no text.
    Analytics,
    /// Where new limiter objects should be.
    LimiterLocation,
    /// Which jurisdiction the limiter objects never leave.
    LimiterJurisdiction,
    /// What the merchant's own requests are allowed by.
    AdminToken,
    /// The objects that count what the worker does. They are a binding, and no text.
    Usage,
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

/// The mistakes in settings that the worker cannot run with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misconfigured(pub Vec<Mistake>);

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 37] = [
        Self::ApiKey,
        Self::ApiKeyNext,
        Self::BaseUrl,
        Self::FallbackUrl,
        Self::AllowedOrigins,
        Self::ShopperLimits,
        Self::NewcomerLimits,
        Self::NetworkLimits,
        Self::UpstreamAttempts,
        Self::Assistant,
        Self::SigningKey,
        Self::SigningKeyNext,
        Self::AssistantAuth,
        Self::HomieChatbotId,
        Self::HomieStore,
        Self::HomieEvents,
        Self::RewardsProgram,
        Self::OmniopsDomain,
        Self::OmniopsDialect,
        Self::OmniopsWebhookSecret,
        Self::VerifiedLimits,
        Self::ShopperTokenKey,
        Self::ShopifyAppSecret,
        Self::ShopifyAppSecretNext,
        Self::ShopifyShop,
        Self::OmiAppId,
        Self::OmiAppKey,
        Self::OmiCapabilities,
        Self::OmiLimits,
        Self::OmiBaseUrl,
        Self::OmiContext,
        Self::LimitsDryRun,
        Self::Analytics,
        Self::LimiterLocation,
        Self::LimiterJurisdiction,
        Self::AdminToken,
        Self::Usage,
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
            Self::Assistant => "ASSISTANT",
            Self::SigningKey => "SIGNING_KEY",
            Self::SigningKeyNext => "SIGNING_KEY_NEXT",
            Self::AssistantAuth => "ASSISTANT_AUTH",
            Self::HomieChatbotId => "HOMIE_CHATBOT_ID",
            Self::HomieStore => "HOMIE_STORE",
            Self::HomieEvents => "HOMIE_EVENTS",
            Self::RewardsProgram => "REWARDS_PROGRAM",
            Self::OmniopsDomain => "OMNIOPS_DOMAIN",
            Self::OmniopsDialect => "OMNIOPS_DIALECT",
            Self::OmniopsWebhookSecret => "OMNIOPS_WEBHOOK_SECRET",
            Self::VerifiedLimits => "VERIFIED_LIMITS",
            Self::ShopperTokenKey => "SHOPPER_TOKEN_KEY",
            Self::ShopifyAppSecret => "SHOPIFY_APP_SECRET",
            Self::ShopifyAppSecretNext => "SHOPIFY_APP_SECRET_NEXT",
            Self::ShopifyShop => "SHOPIFY_SHOP",
            Self::OmiAppId => "OMI_APP_ID",
            Self::OmiAppKey => "OMI_APP_KEY",
            Self::OmiCapabilities => "OMI_CAPABILITIES",
            Self::OmiLimits => "OMI_LIMITS",
            Self::OmiBaseUrl => "OMI_BASE_URL",
            Self::OmiContext => "OMI_CONTEXT",
            Self::LimitsDryRun => "LIMITS_DRY_RUN",
            Self::Analytics => "ANALYTICS",
            Self::LimiterLocation => "LIMITER_LOCATION",
            Self::LimiterJurisdiction => "LIMITER_JURISDICTION",
            Self::AdminToken => "ADMIN_TOKEN",
            Self::Usage => "USAGE",
        }
    }
}

/// Reads settings, and collects the mistakes in them.
pub struct Reader<'a> {
    raw: &'a dyn Fn(Setting) -> Raw,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    /// Begins to read what the platform holds for each setting.
    pub fn new(raw: &'a dyn Fn(Setting) -> Raw) -> Self {
        Self {
            raw,
            mistakes: Vec::new(),
        }
    }

    /// Returns what the platform holds for a setting.
    pub fn raw(&self, setting: Setting) -> Raw {
        (self.raw)(setting)
    }

    /// Returns whether the platform holds anything for a setting but white space.
    pub fn is_set(&self, setting: Setting) -> bool {
        match self.raw(setting) {
            Raw::Missing => false,
            Raw::NotText => true,
            Raw::Text(text) => !text.trim().is_empty(),
        }
    }

    /// Returns the value of `complete`, unless there were mistakes.
    ///
    /// # Errors
    ///
    /// Returns all mistakes.
    pub fn finish<T>(self, complete: Option<T>) -> Result<T, Misconfigured> {
        complete
            .filter(|_| self.mistakes.is_empty())
            .ok_or(Misconfigured(self.mistakes))
    }

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

    /// Returns the setting, or `None` if it is not set or wrong.
    pub fn optional<T>(
        &mut self,
        setting: Setting,
        parse: &dyn Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(setting)?;
        self.parsed(setting, &text, parse)
    }

    /// Returns the setting, or its default if it is not set, or `None` if it is wrong.
    pub fn with_default<T>(
        &mut self,
        setting: Setting,
        default: &str,
        parse: &dyn Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(setting).unwrap_or_else(|| default.to_owned());
        self.parsed(setting, &text, parse)
    }

    /// Returns whether there is a binding of this name. A text in its place is a mistake.
    pub fn binding(&mut self, setting: Setting) -> bool {
        let raw = self.raw(setting);
        if matches!(&raw, Raw::Text(text) if !text.trim().is_empty()) {
            self.mistake(setting, "must be a binding");
        }
        raw == Raw::NotText
    }

    /// Returns whether the setting is on. It is off by default. Returns `None` if it is wrong.
    pub fn switch(&mut self, setting: Setting) -> Option<bool> {
        self.with_default(setting, "off", &|text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err("must be on or off".to_owned()),
        })
    }

    /// Returns the setting, or `None` if it is missing or wrong.
    pub fn required<T>(
        &mut self,
        setting: Setting,
        parse: &dyn Fn(&str) -> Result<T, String>,
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

    fn parsed<T>(
        &mut self,
        setting: Setting,
        text: &str,
        parse: &dyn Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(text)
            .map_err(|reason| self.mistake(setting, &reason))
            .ok()
    }

    /// Returns whether a setting is missing or wrong, as far as it has been read.
    pub fn has_mistake(&self, setting: Setting) -> bool {
        self.mistakes
            .iter()
            .any(|mistake| mistake.setting == setting)
    }

    /// Adds a mistake.
    pub fn mistake(&mut self, setting: Setting, reason: &str) {
        self.mistakes.push(Mistake {
            setting,
            reason: reason.to_owned(),
        });
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting.name(), self.reason)
    }
}
