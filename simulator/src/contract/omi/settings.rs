//! The readings of the contract that a run can choose between.

use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer, Serialize};

use crate::contract::switches::list;

/// The switches, for the help text.
pub const HELP: &str = "  --omi-app ID                 the only app there is
  --omi-keys KEY,KEY           the keys of the app
  --omi-people UID,UID         the people who enabled the app [default: everybody]
  --omi-capabilities NAME,NAME those of the app: create_conversations, create_memories,
                               read_conversations, read_memories [default: all]
  --omi-nulls                  omitted or present: what becomes of a field that is null
  --omi-text-null              optional or required: whether memories alone need a text of null
  --omi-statuses               commas or repeated: how several statuses are asked for
  --omi-conversations          published or source: the fields of a listed conversation
  --omi-answers                at-once or when-done: when a new conversation is answered
  --omi-work MS                the time until a new conversation is listed [default: 0]
  --omi-conversation-limit N   the new conversations of a person in an hour [default: 10]
  --omi-memory-limit N         the writes of memories of a person in an hour [default: 60]
";

/// A capability of an app. Each endpoint needs one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    CreateConversations,
    CreateMemories,
    ReadConversations,
    ReadMemories,
}

/// What becomes of a field that is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nulls {
    Omitted,
    Present,
}

/// Whether `text` has to be there as null when only memories are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextNull {
    /// As published.
    Optional,
    /// As the public source does.
    Required,
}

/// How several statuses are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statuses {
    /// In one parameter, as published.
    Commas,
    /// In a parameter for each, as the public source does.
    Repeated,
}

/// The fields of a listed conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversations {
    /// With `text`, and with `start_time` and `end_time` in segments.
    Published,
    /// Without `text`, and with `start` and `end` in segments.
    Source,
}

/// When a new conversation is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// Before the work on it, as published.
    AtOnce,
    /// After the work on it, as the public source does.
    WhenDone,
}

/// The switches.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub app: String,
    #[serde(deserialize_with = "list")]
    pub keys: Vec<String>,
    /// The people who enabled the app. Empty if everybody did.
    #[serde(deserialize_with = "list")]
    pub people: Vec<String>,
    #[serde(deserialize_with = "capabilities")]
    pub capabilities: Vec<Capability>,
    pub nulls: Nulls,
    pub text_null: TextNull,
    pub statuses: Statuses,
    pub conversations: Conversations,
    pub answers: Answers,
    /// The milliseconds of work on a new conversation.
    pub work: u64,
    pub conversation_limit: u64,
    pub memory_limit: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            app: "omi-app-of-the-simulator".to_owned(),
            keys: vec!["omi-key-of-the-simulator".to_owned()],
            people: Vec::new(),
            capabilities: vec![
                Capability::CreateConversations,
                Capability::CreateMemories,
                Capability::ReadConversations,
                Capability::ReadMemories,
            ],
            nulls: Nulls::Omitted,
            text_null: TextNull::Optional,
            statuses: Statuses::Commas,
            conversations: Conversations::Published,
            answers: Answers::AtOnce,
            work: 0,
            conversation_limit: 10,
            memory_limit: 60,
        }
    }
}

/// Reads a list of capabilities. A single text has commas between their names.
fn capabilities<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Capability>, D::Error> {
    let names = list(deserializer)?.into_iter();
    names
        .map(|name| Capability::deserialize(name.into_deserializer()))
        .collect()
}
