//! What was read of shoppers' memories for their conversations, so that it is read once for each.

use std::collections::VecDeque;

/// The most conversations that are remembered. The oldest are dropped.
pub const MAX_CONVERSATIONS: usize = 64;
/// How long what was read is good, in milliseconds.
pub const LIFE_MS: u64 = 3_600_000;
/// How long nothing is read again after that has failed, in milliseconds.
pub const PAUSE_MS: u64 = 60_000;

/// What was read for the recent conversations.
#[derive(Default)]
pub struct Recollections(VecDeque<Recollection>);

struct Recollection {
    name: String,
    /// Each memory as JSON, or nothing if they could not be read.
    memories: Vec<String>,
    until: u64,
}

// What a person wanted to be remembered is never printed.
impl std::fmt::Debug for Recollections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recollections(***)")
    }
}

impl Recollections {
    /// Returns what was read for a conversation, if it is still good.
    ///
    /// The name is that of the conversation and of the person. The time is in milliseconds since
    /// 1970.
    pub fn of(&self, name: &str, now: u64) -> Option<&[String]> {
        let is_asked = |other: &&Recollection| other.name == name && now < other.until;
        let found = self.0.iter().find(is_asked)?;
        Some(&found.memories)
    }

    /// Remembers what was read, or `None` if it could not be read.
    pub fn keep(&mut self, name: String, memories: Option<Vec<String>>, now: u64) {
        let life = if memories.is_some() {
            LIFE_MS
        } else {
            PAUSE_MS
        };
        self.0.retain(|other| other.name != name);
        if self.0.len() >= MAX_CONVERSATIONS {
            // What could not be read is the least loss.
            let failed = self.0.iter().position(|other| other.memories.is_empty());
            self.0.remove(failed.unwrap_or_default());
        }
        self.0.push_back(Recollection {
            name,
            memories: memories.unwrap_or_default(),
            until: now + life,
        });
    }
}
