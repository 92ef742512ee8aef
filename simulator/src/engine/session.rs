//! The conversations in memory. When the memory is full, the least recently used one is dropped.

use std::collections::{BTreeMap, HashMap};

use crate::catalogue::products::{Catalogue, Product};
use crate::engine::reply::{self, Reply};
use crate::engine::turn::{Conversation, Hints};

/// The most conversations kept.
const KEPT: usize = 5_000;

struct Session {
    last_used: u64,
    conversation: Conversation,
}

/// Conversations by session id.
#[derive(Default)]
pub struct Sessions {
    by_id: HashMap<String, Session>,
    by_use: BTreeMap<u64, String>,
    uses: u64,
}

impl Sessions {
    /// Answers a prompt in a conversation, and remembers the turn.
    pub fn turn<'a>(
        &mut self,
        catalogue: &'a Catalogue,
        id: &str,
        prompt: &str,
        hints: Hints,
    ) -> Reply<'a> {
        let (after, reply) = reply::to(catalogue, &self.get(id), prompt, hints);
        self.put(id, after);
        reply
    }

    /// Returns the products that fit a conversation beyond those of its last answer, best first.
    pub fn beyond<'a>(&self, catalogue: &'a Catalogue, id: &str) -> Vec<&'a Product> {
        reply::beyond(catalogue, &self.get(id))
    }

    /// Returns the state of a conversation.
    pub fn get(&self, id: &str) -> Conversation {
        self.by_id
            .get(id)
            .map(|session| session.conversation.clone())
            .unwrap_or_default()
    }

    /// Stores the state of a conversation after a turn.
    pub fn put(&mut self, id: &str, conversation: Conversation) {
        self.uses += 1;
        let session = Session {
            last_used: self.uses,
            conversation,
        };
        if let Some(before) = self.by_id.insert(id.to_owned(), session) {
            self.by_use.remove(&before.last_used);
        }
        self.by_use.insert(self.uses, id.to_owned());
        if self.by_id.len() > KEPT
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.by_id.remove(&oldest);
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::field_reassign_with_default)]
    use super::*;

    fn after(turns: usize) -> Conversation {
        let mut conversation = Conversation::default();
        conversation.turns = turns;
        conversation
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let mut sessions = Sessions::default();
        for number in 0..KEPT {
            sessions.put(&number.to_string(), after(1));
        }
        sessions.put("0", after(2));
        sessions.put("new", after(1));
        assert_eq!(sessions.get("0").turns, 2, "used again");
        assert_eq!(sessions.get("1").turns, 0, "gone");
        assert_eq!(sessions.get("2").turns, 1);
        assert_eq!(sessions.get("new").turns, 1);
        assert_eq!((sessions.by_id.len(), sessions.by_use.len()), (KEPT, KEPT));
    }

    #[test]
    fn clearing_forgets_all() {
        let mut sessions = Sessions::default();
        sessions.put("a", after(3));
        sessions.clear();
        assert_eq!(sessions.get("a").turns, 0);
    }
}
