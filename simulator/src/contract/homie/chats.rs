//! The chats in memory: who made them, their messages, and who listens to their events.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::contract::kept::Kept;

/// A chat.
pub struct Chat {
    pub chatbot: String,
    pub user: Option<String>,
    pub messages: Vec<Value>,
    listeners: Vec<UnboundedSender<Bytes>>,
}

impl Chat {
    pub fn new(chatbot: String, user: Option<String>) -> Self {
        Self {
            chatbot,
            user,
            messages: Vec::new(),
            listeners: Vec::new(),
        }
    }

    /// Returns the events from now on.
    pub fn listen(&mut self) -> (UnboundedSender<Bytes>, UnboundedReceiver<Bytes>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners.push(sender.clone());
        (sender, receiver)
    }

    /// Sends an event to all who listen. Forgets those who have left.
    pub fn tell(&mut self, event: &Bytes) {
        self.listeners
            .retain(|listener| listener.send(event.clone()).is_ok());
    }

    /// Ends the streams of all who listen.
    pub fn hang_up(&mut self) {
        self.listeners.clear();
    }

    fn listening(&self) -> usize {
        let open = self.listeners.iter().filter(|l| !l.is_closed());
        open.count()
    }
}

/// Returns all chats, for a test.
pub fn to_json(chats: &Kept<Chat>) -> Value {
    chats
        .iter()
        .map(|(id, chat)| {
            json!({
                "id": id,
                "chatbotId": chat.chatbot,
                "userId": chat.user,
                "messages": chat.messages.len(),
                "listeners": chat.listening(),
            })
        })
        .collect()
}
