//! The readings of the contract that a run can choose between.

use serde::{Deserialize, Serialize};

use crate::contract::switches::{list, uuid};

/// The switches, for the help text.
pub const HELP: &str = "  --homie-chatbot UUID         the only chatbot there is
  --homie-keys KEY,KEY         the keys that are accepted
  --homie-link                 uri or url: the field with the page of a product
  --homie-auth                 x-api-key, bearer or either: where the key stands
  --homie-events               chat, messages, both or none: the event paths that exist
  --homie-unknown              not-found or forbidden: the answer for an unknown chat or chatbot
  --homie-history              both or answers: the messages that the history has
  --homie-data                 json or text: the data of an event
  --homie-names, --homie-ids   true or false: whether events have a name, or an id
  --homie-comments             true or false: whether comments stand between the events
  --homie-typing, --homie-tools
                               true or false: whether typing, or the use of tools, is an event
  --homie-torn                 true or false: whether events come in pieces of characters and lines
  --homie-last                 empty or whole: the content of the event that completes a message
  --homie-end                  open, close or at-once: whether the stream ends after a message, or
                               before it has said anything
  --homie-outcome              completed or failed: what becomes of each message
  --homie-pace MS              the pause before each event [default: 5]
";

/// The field with the page of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    Uri,
    Url,
}

/// Where the key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    XApiKey,
    Bearer,
    Either,
}

/// The event paths that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Events {
    /// `/v1/chats/{chatId}/events`.
    Chat,
    /// `/v1/chats/{chatId}/messages/events`.
    Messages,
    Both,
    None,
}

/// The answer for an unknown chat or chatbot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    NotFound,
    Forbidden,
}

/// The messages that the history has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum History {
    Both,
    Answers,
}

/// The data of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Data {
    Json,
    Text,
}

/// The content of the event that completes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Last {
    Empty,
    Whole,
}

/// What the stream does after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    Open,
    Close,
    AtOnce,
}

/// What becomes of each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Completed,
    Failed,
}

/// The switches.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(deserialize_with = "uuid")]
    pub chatbot: String,
    #[serde(deserialize_with = "list")]
    pub keys: Vec<String>,
    pub link: Link,
    pub auth: Auth,
    pub events: Events,
    pub unknown: Unknown,
    pub history: History,
    pub data: Data,
    pub names: bool,
    pub ids: bool,
    pub comments: bool,
    pub typing: bool,
    pub tools: bool,
    pub torn: bool,
    pub last: Last,
    pub end: End,
    pub outcome: Outcome,
    pub pace: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            chatbot: "5e1f0c7a-3b2d-4c68-9a40-7d6e2b91f053".to_owned(),
            keys: vec!["homie-key-of-the-simulator".to_owned()],
            link: Link::Uri,
            auth: Auth::XApiKey,
            events: Events::Chat,
            unknown: Unknown::NotFound,
            history: History::Both,
            data: Data::Json,
            names: false,
            ids: false,
            comments: false,
            typing: true,
            tools: true,
            torn: false,
            last: Last::Empty,
            end: End::Open,
            outcome: Outcome::Completed,
            pace: 5,
        }
    }
}
