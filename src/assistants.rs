//! The assistant APIs that the proxy can stand in front of.
//!
//! Each API has a file of its own with the same functions, and an arm in each match below. One of
//! them speaks the page's contract, and its answers pass unchanged. The others are translated.

mod call;
mod homie;
pub mod omi;
mod omniops;
mod reading;
mod request;
mod rewardsbot;
mod sales_associate;
mod sse;

pub use crate::attempts::Deadlines;
pub use call::{Call, Ids, Judgement, Operation, Reading, UpstreamError};
pub use reading::Links;
pub use request::{Destination, UpstreamRequest};

use crate::contract::answer::Object;
use crate::contract::route::Route;
use crate::log::Entry;
use crate::secret::Secret;
use crate::settings::{Reader, Setting};

/// The assistant's name, as `ASSISTANT` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The Sales Associate API, v1.
    SalesAssociate,
    /// The Homie AI chat API, 0.0.1.
    Homie,
    /// Liquid Rewards' RewardsBot.
    RewardsBot,
    /// The Omniops chat API, v0.1.0.
    Omniops,
}

/// Which assistant is behind the proxy, with its own settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assistant {
    /// The Sales Associate API, v1.
    SalesAssociate,
    /// The Homie AI chat API, 0.0.1.
    Homie(homie::Settings),
    /// Liquid Rewards' RewardsBot.
    RewardsBot(rewardsbot::Settings),
    /// The Omniops chat API, v0.1.0.
    Omniops(omniops::Settings),
}

/// What an assistant can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether its answers come in parts.
    pub streaming: bool,
    /// Whether it keeps what was said.
    pub history: bool,
    /// Whether it has more products than an answer holds.
    pub pages: bool,
    /// Whether a refinement is more to it than a prompt.
    pub refinements: bool,
    /// Whether shoppers can sign up for rewards.
    pub signup: bool,
}

/// How a key of an assistant is read.
pub type ReadKey = fn(&str) -> Result<Secret, String>;

impl Name {
    const ALL: [Self; 4] = [
        Self::SalesAssociate,
        Self::Homie,
        Self::RewardsBot,
        Self::Omniops,
    ];

    const fn text(self) -> &'static str {
        match self {
            Self::SalesAssociate => "sales-associate",
            Self::Homie => "homie",
            Self::RewardsBot => "rewardsbot",
            Self::Omniops => "omniops",
        }
    }

    /// Returns the settings that only this assistant has.
    const fn settings(self) -> &'static [Setting] {
        match self {
            Self::SalesAssociate => &[],
            Self::Homie => homie::SETTINGS,
            Self::RewardsBot => rewardsbot::SETTINGS,
            Self::Omniops => omniops::SETTINGS,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|name| name.text() == text);
        named.ok_or_else(|| format!("must be {}", Self::ALL.map(Self::text).join(" or ")))
    }
}

impl Assistant {
    /// Reads which assistant it is, and its settings. Returns `None` if there is no such assistant.
    ///
    /// A mistake in its own settings is no reason for that: the key and the URLs that it needs are
    /// read, too, so that their mistakes are reported at once.
    ///
    /// A setting of another assistant is a mistake: it shows that the wrong one is chosen.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let default = Name::SalesAssociate.text();
        let chosen = reader.with_default(Setting::Assistant, default, &Name::parse)?;
        for other in Name::ALL.into_iter().filter(|name| *name != chosen) {
            for setting in other.settings() {
                if reader.is_set(*setting) {
                    let (other, chosen) = (other.text(), chosen.text());
                    reader.mistake(
                        *setting,
                        &format!("is for {other}, but ASSISTANT is {chosen}"),
                    );
                }
            }
        }
        match chosen {
            Name::SalesAssociate => Some(Self::SalesAssociate),
            Name::Homie => Some(Self::Homie(homie::Settings::read(reader))),
            Name::RewardsBot => Some(Self::RewardsBot(rewardsbot::Settings::read(reader))),
            Name::Omniops => Some(Self::Omniops(omniops::Settings::read(reader))),
        }
    }

    /// Returns how the assistant's key is read, or `None` if it has none.
    pub const fn read_key(&self) -> Option<ReadKey> {
        match self {
            Self::SalesAssociate => Some(sales_associate::read_key),
            Self::Homie(_) => Some(reading::read_key),
            Self::RewardsBot(_) => None,
            Self::Omniops(settings) if settings.has_key() => Some(reading::read_key),
            Self::Omniops(_) => None,
        }
    }

    /// Returns the published base URL, and the published fallback.
    pub const fn published_urls(&self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::SalesAssociate => sales_associate::PUBLISHED_URLS,
            Self::Homie(_) => homie::PUBLISHED_URLS,
            Self::RewardsBot(_) => rewardsbot::PUBLISHED_URLS,
            Self::Omniops(_) => omniops::PUBLISHED_URLS,
        }
    }

    /// Returns how many requests a store has a day, by how many it has an hour, as far as that is
    /// published.
    pub const fn day_cap(&self) -> fn(u32) -> Option<u32> {
        match self {
            Self::SalesAssociate => sales_associate::day_cap,
            Self::Homie(_) | Self::RewardsBot(_) | Self::Omniops(_) => |_| None,
        }
    }

    /// Returns the least number of requests that a chat may need.
    pub const fn least_requests(&self) -> u32 {
        match self {
            Self::Homie(_) => homie::LEAST_REQUESTS,
            Self::SalesAssociate | Self::RewardsBot(_) | Self::Omniops(_) => 1,
        }
    }

    /// Returns how long the assistant may take.
    pub const fn deadlines(&self) -> Deadlines {
        match self {
            Self::SalesAssociate | Self::Homie(_) | Self::RewardsBot(_) => Deadlines::USUAL,
            Self::Omniops(settings) => settings.deadlines(),
        }
    }

    /// Returns what the assistant can do.
    pub const fn capabilities(&self) -> Capabilities {
        match self {
            Self::SalesAssociate => sales_associate::CAPABILITIES,
            Self::Homie(settings) => settings.capabilities(),
            Self::RewardsBot(settings) => settings.capabilities(),
            Self::Omniops(settings) => settings.capabilities(),
        }
    }

    /// Returns the assistant's name, as `ASSISTANT` has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SalesAssociate => Name::SalesAssociate.text(),
            Self::Homie(_) => Name::Homie.text(),
            Self::RewardsBot(_) => Name::RewardsBot.text(),
            Self::Omniops(_) => Name::Omniops.text(),
        }
    }

    /// Returns the secret that its webhooks are signed with, if there are any.
    pub const fn webhook_secret(&self) -> Option<&Secret> {
        match self {
            Self::SalesAssociate | Self::Homie(_) | Self::RewardsBot(_) => None,
            Self::Omniops(settings) => settings.webhook_secret(),
        }
    }

    /// Returns the log entry for what a webhook brings, or `None` if there are no webhooks.
    pub fn webhook(&self, body: &[u8]) -> Option<Entry> {
        match self {
            Self::SalesAssociate | Self::Homie(_) | Self::RewardsBot(_) => None,
            Self::Omniops(_) => Some(omniops::Settings::webhook(body)),
        }
    }

    /// Returns the code that stands for the assistant in sealed texts.
    pub const fn code(&self) -> u8 {
        match self {
            Self::SalesAssociate => 1,
            Self::Homie(_) => 2,
            Self::RewardsBot(_) => 3,
            Self::Omniops(_) => 4,
        }
    }

    /// Returns the call for an operation, in a conversation or in a new one.
    ///
    /// Returns `None` if the assistant does not offer the operation, or speaks the page's contract.
    pub fn call(
        &self,
        operation: Operation,
        ids: &Ids,
        conversation: Option<String>,
    ) -> Option<Call> {
        match self {
            Self::SalesAssociate => None,
            Self::Homie(settings) => {
                let call = settings.call(operation, ids, conversation)?;
                Some(Call::Homie(call.into()))
            }
            Self::RewardsBot(settings) => {
                let call = settings.call(&operation, ids, conversation)?;
                Some(Call::RewardsBot(call.into()))
            }
            Self::Omniops(settings) => {
                let call = settings.call(operation, ids, conversation)?;
                Some(Call::Omniops(call.into()))
            }
        }
    }
}

impl Capabilities {
    /// Returns what a page is told about the assistant of this name, and of what is remembered.
    pub fn to_json(self, name: &str, omi: &[&str]) -> String {
        let mut object = Object::begin();
        object.text("assistant", name);
        for (name, yes) in [
            ("streaming", self.streaming),
            ("history", self.history),
            ("pages", self.pages),
            ("refinements", self.refinements),
            ("signup", self.signup),
        ] {
            object.raw(name, if yes { "true" } else { "false" });
        }
        if !omi.is_empty() {
            object.texts("omi", omi);
        }
        object.end()
    }

    /// Returns whether requests of this route can be answered.
    pub const fn offer(self, route: Route) -> bool {
        match route {
            Route::Chat => true,
            Route::Products => self.pages,
            Route::History => self.history,
            Route::SignUp | Route::Clicks => self.signup,
            Route::CreateMemories
            | Route::Memories
            | Route::CreateConversation
            | Route::Conversations => false,
        }
    }
}
