//! What is stored of all people, in the order in which it came.

use std::collections::VecDeque;

use serde_json::{Value, json};

/// The most conversations, and the most memories, of all people. The oldest are dropped first.
const KEPT: usize = 20_000;

/// A conversation.
pub struct Conversation {
    pub uid: String,
    pub id: String,
    pub text: String,
    pub created: String,
    pub started: String,
    pub finished: String,
    /// The place, or null.
    pub geolocation: Value,
    /// The time at which the work on it is done, in milliseconds since 1970.
    pub done_ms: u64,
}

impl Conversation {
    /// Returns whether there is nothing in it. The contract has no rule, so one word is nothing.
    pub fn is_discarded(&self) -> bool {
        self.text.split_whitespace().nth(1).is_none()
    }

    /// Returns the status. The contract names none.
    pub fn status(&self, now_ms: u64) -> &'static str {
        match now_ms >= self.done_ms {
            true => "completed",
            false => "processing",
        }
    }
}

/// A memory.
pub struct Memory {
    pub uid: String,
    pub id: String,
    pub content: String,
    pub created: String,
    /// The tags, or null if it came without.
    pub tags: Value,
}

/// The conversations and memories of all people.
#[derive(Default)]
pub struct Stored {
    conversations: VecDeque<Conversation>,
    memories: VecDeque<Memory>,
}

impl Stored {
    pub fn add_conversation(&mut self, conversation: Conversation) {
        add(&mut self.conversations, conversation);
    }

    pub fn add_memory(&mut self, memory: Memory) {
        add(&mut self.memories, memory);
    }

    /// Returns the conversations of a person, the newest first.
    pub fn conversations(&self, uid: &str) -> impl Iterator<Item = &Conversation> {
        let newest_first = self.conversations.iter().rev();
        newest_first.filter(move |conversation| conversation.uid == uid)
    }

    /// Returns the memories of a person, the newest first.
    pub fn memories(&self, uid: &str) -> impl Iterator<Item = &Memory> {
        let newest_first = self.memories.iter().rev();
        newest_first.filter(move |memory| memory.uid == uid)
    }

    /// Returns everything, the oldest first.
    pub fn to_json(&self) -> Value {
        let conversations: Vec<Value> = self
            .conversations
            .iter()
            .map(|own| json!({ "uid": own.uid, "id": own.id, "text": own.text }))
            .collect();
        let memories: Vec<Value> = self
            .memories
            .iter()
            .map(|own| json!({ "uid": own.uid, "id": own.id, "content": own.content }))
            .collect();
        json!({ "conversations": conversations, "memories": memories })
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn add<T>(list: &mut VecDeque<T>, thing: T) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(thing);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first() {
        let mut stored = Stored::default();
        for number in 0..=KEPT {
            stored.add_memory(Memory {
                uid: "a".to_owned(),
                id: number.to_string(),
                content: String::new(),
                created: String::new(),
                tags: Value::Null,
            });
        }
        let ids: Vec<&str> = stored.memories("a").map(|own| own.id.as_str()).collect();
        assert_eq!((ids.first(), ids.last()), (Some(&"20000"), Some(&"1")));
        assert_eq!(ids.len(), KEPT);
    }
}
