//! The assistant APIs that the proxy can stand in front of.
//!
//! Each API has a file of its own with the same functions, and an arm in each match below. One of
//! them speaks the page's contract, and its answers pass unchanged. The others are translated.

mod homie;
mod reading;
mod request;
mod rewardsbot;
mod sales_associate;

pub use reading::Links;
pub use request::{Destination, UpstreamRequest};

use crate::attempts::Outcome;
use crate::contract::answer::{Answer, Message, Object, Page};
use crate::contract::chat::Turn;
use crate::contract::rewards::{Click, SignUp};
use crate::contract::route::Route;
use crate::head::ResponseHead;
use crate::keys::UPSTREAM_ID_BYTES;
use crate::media_type::MediaType;
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
}

/// A request of a page on its way to the assistant, and what is known of the conversation.
#[derive(Debug, PartialEq, Eq)]
pub enum Call {
    /// To the Sales Associate API, with this body.
    SalesAssociate(String),
    /// To the Homie AI chat API.
    Homie(Box<homie::Call>),
    /// To RewardsBot.
    RewardsBot(Box<rewardsbot::Call>),
}

/// What a page asks of an assistant that is translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// The next turn of a conversation.
    Chat(Turn),
    /// The page of products that has these ids.
    Products(Vec<String>),
    /// What was said in the conversation.
    History,
    /// The shopper's sign-up for rewards.
    SignUp(SignUp),
    /// The shopper's click on a product.
    Click(Click),
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

/// What an upstream may be given to tell shoppers, conversations and requests apart.
///
/// Whoever does not know the signing key cannot guess the first two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// Stands for the shopper.
    pub shopper: [u8; UPSTREAM_ID_BYTES],
    /// Stands for a new conversation of the shopper.
    pub conversation: [u8; UPSTREAM_ID_BYTES],
    /// Our id of the request.
    pub request: String,
    /// When the request arrived (RFC 3339).
    pub time: String,
}

/// What to do with an upstream's answer, as far as its head tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is a chat. Its body goes to the browser unchanged, under this content type.
    Pass(MediaType),
    /// It is an answer that has to be read and translated.
    ReadAnswer,
    /// It says that the upstream has taken what it was told.
    Accepted,
    /// It is an error, and its body may say which one.
    ReadError,
    /// It is not a chat, and its body does not matter.
    End(Outcome),
}

/// A translated answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The answer to a chat.
    Chat(Answer),
    /// A page of products.
    Products(Page),
    /// What was said in a conversation.
    History(Vec<Message>),
    /// The upstream has taken what it was told.
    Accepted,
    /// Only a part. The next request belongs to the same chat, and is sent at once.
    Continue,
}

/// An upstream's error after it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamError {
    /// What it means for the attempt.
    pub outcome: Outcome,
    /// The upstream's own id of the request, if it sent a UUID.
    pub request_id: Option<String>,
}

/// How a key of an assistant is read.
pub type ReadKey = fn(&str) -> Result<Secret, String>;

impl Name {
    const ALL: [Self; 3] = [Self::SalesAssociate, Self::Homie, Self::RewardsBot];

    const fn text(self) -> &'static str {
        match self {
            Self::SalesAssociate => "sales-associate",
            Self::Homie => "homie",
            Self::RewardsBot => "rewardsbot",
        }
    }

    /// Returns the settings that only this assistant has.
    const fn settings(self) -> &'static [Setting] {
        match self {
            Self::SalesAssociate => &[],
            Self::Homie => homie::SETTINGS,
            Self::RewardsBot => rewardsbot::SETTINGS,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|name| name.text() == text);
        named.ok_or_else(|| format!("must be {}", Self::ALL.map(Self::text).join(" or ")))
    }
}

impl Assistant {
    /// Reads which assistant it is, and its settings. Returns `None` if one is missing or wrong.
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
            Name::Homie => homie::Settings::read(reader).map(Self::Homie),
            Name::RewardsBot => Some(Self::RewardsBot(rewardsbot::Settings::read(reader))),
        }
    }

    /// Returns how the assistant's key is read, or `None` if it has none.
    pub const fn read_key(&self) -> Option<ReadKey> {
        match self {
            Self::SalesAssociate => Some(sales_associate::read_key),
            Self::Homie(_) => Some(homie::read_key),
            Self::RewardsBot(_) => None,
        }
    }

    /// Returns the published base URL, and the published fallback.
    pub const fn published_urls(&self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::SalesAssociate => sales_associate::PUBLISHED_URLS,
            Self::Homie(_) => homie::PUBLISHED_URLS,
            Self::RewardsBot(_) => rewardsbot::PUBLISHED_URLS,
        }
    }

    /// Returns the least number of requests that a chat may need.
    pub const fn least_requests(&self) -> u32 {
        match self {
            Self::SalesAssociate | Self::RewardsBot(_) => 1,
            Self::Homie(_) => homie::LEAST_REQUESTS,
        }
    }

    /// Returns what the assistant can do.
    pub const fn capabilities(&self) -> Capabilities {
        match self {
            Self::SalesAssociate => sales_associate::CAPABILITIES,
            Self::Homie(_) => homie::CAPABILITIES,
            Self::RewardsBot(settings) => settings.capabilities(),
        }
    }

    /// Returns the assistant's name, as `ASSISTANT` has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SalesAssociate => Name::SalesAssociate.text(),
            Self::Homie(_) => Name::Homie.text(),
            Self::RewardsBot(_) => Name::RewardsBot.text(),
        }
    }

    /// Returns the code that stands for the assistant in sealed texts.
    pub const fn code(&self) -> u8 {
        match self {
            Self::SalesAssociate => 1,
            Self::Homie(_) => 2,
            Self::RewardsBot(_) => 3,
        }
    }
}

impl Call {
    /// Returns the next request.
    pub fn request(&self, target: &Destination<'_>) -> UpstreamRequest {
        match self {
            Self::SalesAssociate(body) => sales_associate::request(body, target),
            Self::Homie(call) => call.request(target),
            Self::RewardsBot(call) => call.request(target),
        }
    }

    /// Returns what an answer is, as far as its head tells.
    pub fn judge(&self, head: &ResponseHead) -> Judgement {
        match self {
            Self::SalesAssociate(_) => sales_associate::judge(head),
            Self::Homie(call) => call.judge(head),
            Self::RewardsBot(call) => call.judge(head),
        }
    }

    /// Returns what an error is.
    ///
    /// `body` is `None` if it could not be read.
    pub fn read_error(&self, head: &ResponseHead, body: Option<&[u8]>) -> UpstreamError {
        match self {
            Self::SalesAssociate(_) => sales_associate::read_error(head, body),
            // Its errors are judged by their heads alone.
            Self::Homie(_) | Self::RewardsBot(_) => UpstreamError {
                outcome: reading::malformed(),
                request_id: None,
            },
        }
    }

    /// Translates an answer.
    ///
    /// # Errors
    ///
    /// Returns the outcome of the attempt if the answer is not of the documented form.
    pub fn read_answer(&mut self, body: &[u8], links: Links) -> Result<Reading, Outcome> {
        match self {
            // Its answers pass.
            Self::SalesAssociate(_) => Err(reading::malformed()),
            Self::Homie(call) => call.read_answer(body, links),
            Self::RewardsBot(call) => call.read_answer(body, links),
        }
    }

    /// Returns the upstream's own id of the conversation, as far as it is known.
    pub fn conversation(&self) -> Option<&str> {
        match self {
            Self::SalesAssociate(_) => None,
            Self::Homie(call) => call.conversation(),
            Self::RewardsBot(call) => call.conversation(),
        }
    }

    /// Forgets a conversation that the upstream does not know any more.
    pub fn forget_conversation(&mut self) {
        match self {
            // Their conversations are never gone.
            Self::SalesAssociate(_) | Self::RewardsBot(_) => {}
            Self::Homie(call) => call.forget_conversation(),
        }
    }
}

impl Assistant {
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
        }
    }
}

impl Capabilities {
    /// Returns what a page is told about the assistant of this name.
    pub fn to_json(self, name: &str) -> String {
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
        object.end()
    }

    /// Returns whether requests of this route can be answered.
    pub const fn offer(self, route: Route) -> bool {
        match route {
            Route::Chat => true,
            Route::Products => self.pages,
            Route::History => self.history,
            Route::SignUp | Route::Clicks => self.signup,
        }
    }
}

impl Ids {
    /// Returns the shopper's id in the form of a random UUID (RFC 9562, section 5.4).
    fn shopper_uuid(&self) -> String {
        let uuid = uuid::Builder::from_random_bytes(self.shopper).into_uuid();
        let mut buffer = uuid::Uuid::encode_buffer();
        uuid.hyphenated().encode_lower(&mut buffer).to_owned()
    }

    /// Returns the new conversation's id as 32 hex digits.
    fn conversation_hex(&self) -> String {
        let uuid = uuid::Uuid::from_bytes(self.conversation);
        let mut buffer = uuid::Uuid::encode_buffer();
        uuid.simple().encode_lower(&mut buffer).to_owned()
    }
}
