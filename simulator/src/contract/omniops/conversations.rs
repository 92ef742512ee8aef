//! The conversations in memory: their session and their messages.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::shop::Shop;

/// A conversation.
pub struct Conversation {
    /// The session that began it. The documented dialect has none.
    pub session: Option<String>,
    pub created: String,
    pub messages: Vec<Value>,
}

impl Conversation {
    pub fn new(session: Option<String>, shop: Shop<'_>) -> Self {
        Self {
            session,
            created: shop.now(),
            messages: Vec::new(),
        }
    }

    /// Adds a message of this role.
    pub fn add(&mut self, role: &str, content: &str, shop: Shop<'_>) {
        self.messages.push(json!({
            "id": Uuid::new_v4().to_string(),
            "role": role,
            "content": content,
            "created_at": shop.now(),
            "metadata": { "model": "internal-model-of-the-day" },
        }));
    }

    /// Returns whether a request for the history may see it. Without a session, every request may.
    pub fn shows_to(&self, session: Option<&str>) -> bool {
        session.is_none_or(|session| self.session.as_deref() == Some(session))
    }
}
