//! A good request to each endpoint of each assistant.

use serde_json::{Value, json};
use simulator::Assistant;

use super::homie::{CHATBOT, KEY, SHOP_PAGE};
use super::omi;
use super::{CHAT, INTERNAL, Reply, Server};

const BEARER: (&str, &str) = ("authorization", "Bearer omniops-key-of-the-simulator");
const DOMAIN: (&str, &str) = ("x-domain", "www.example.com");

/// A request that is answered well.
pub struct Call {
    pub assistant: Assistant,
    pub endpoint: &'static str,
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Value,
    pub status: u16,
}

impl Call {
    fn new(
        assistant: Assistant,
        endpoint: &'static str,
        (method, path): (&'static str, &str),
        headers: &[(&'static str, &'static str)],
        body: Value,
        status: u16,
    ) -> Self {
        Self {
            assistant,
            endpoint,
            method,
            path: path.to_owned(),
            headers: headers.to_vec(),
            body,
            status,
        }
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.assistant, self.endpoint)
    }

    pub fn send(&self, server: &Server) -> Reply {
        server.call(self.method, &self.path, &self.headers, &self.body)
    }

    /// Sends it while this fault is set for its endpoint alone.
    pub fn hurt(&self, server: &Server, fault: &str) -> Reply {
        server.order(&json!({
            "fault": fault,
            "assistant": self.assistant.name(),
            "endpoint": self.endpoint,
        }));
        let reply = self.send(server);
        server.no_fault();
        reply
    }
}

/// Returns a request to each endpoint that answers with a body of its own.
///
/// The server plays this one assistant. Homie's events are left out, because they do not end.
pub fn calls(server: &Server, assistant: Assistant) -> Vec<Call> {
    let new = |endpoint, place: (&'static str, &str), headers: &[_], body, status| {
        Call::new(assistant, endpoint, place, headers, body, status)
    };
    match assistant {
        Assistant::SalesAssociate => {
            let headers = [("x-api-key", INTERNAL)];
            let body = json!({ "prompt": "vases", "session_id": "s" });
            vec![new("chat", ("POST", CHAT), &headers, body, 200)]
        }
        Assistant::Homie => {
            let create = json!({ "chatbotId": CHATBOT });
            let made = server.call("POST", "/v1/chats", &[KEY], &create).json();
            let path = format!("/v1/chats/{}/messages", made["id"].as_str().unwrap());
            let body = json!({ "message": "vases", "currentUrl": SHOP_PAGE });
            server.call("POST", &path, &[KEY], &body);
            vec![
                new("create", ("POST", "/v1/chats"), &[KEY], create, 201),
                new("message", ("POST", &path), &[KEY], body, 201),
                new("history", ("GET", &path), &[KEY], Value::Null, 200),
            ]
        }
        Assistant::RewardsBot => {
            let chat = json!({ "chat": "vases" });
            let made = server.call("POST", "/chat/c", &[], &chat).json();
            let session = made["pagination"]["session_id"].as_str().unwrap();
            let page = format!("/inventory/ranking-sessions/c/{session}/pages/0");
            vec![
                new("chat", ("POST", "/chat/c"), &[], chat, 200),
                new("pages", ("GET", &page), &[], Value::Null, 200),
                new("clicks", ("POST", "/clickthrough/c"), &[], click("c"), 202),
                new("signup", ("POST", "/signup/c"), &[], signup(), 202),
            ]
        }
        Assistant::Omniops => {
            server.switch(&json!({ "omniops": { "minute": 100_000, "second": 100_000 } }));
            let body = json!({ "message": "vases", "conversationId": "c" });
            server.call("POST", "/api/chat", &[BEARER, DOMAIN], &body);
            let history = "/api/conversations/c/messages";
            vec![
                new("chat", ("POST", "/api/chat"), &[BEARER, DOMAIN], body, 200),
                new("history", ("GET", history), &[], Value::Null, 200),
            ]
        }
        Assistant::Omi => {
            server.switch(
                &json!({ "omi": { "conversation-limit": 100_000, "memory-limit": 100_000 } }),
            );
            let body = json!({ "text": "She likes vases." });
            let paths = [
                ("create-conversations", "POST", "user/conversations"),
                ("create-memories", "POST", "user/memories"),
                ("read-conversations", "GET", "conversations"),
                ("read-memories", "GET", "memories"),
            ];
            let calls = paths.map(|(endpoint, method, place)| {
                let body = match method {
                    "POST" => body.clone(),
                    _ => Value::Null,
                };
                let path = omi::path(place, "uid=ada");
                new(endpoint, (method, &path), &[omi::KEY], body, 200)
            });
            for call in &calls {
                call.send(server);
            }
            calls.into()
        }
    }
}

/// Returns a click in this conversation.
pub fn click(conversation: &str) -> Value {
    json!({
        "program": "shop",
        "email": "ada@example.com",
        "convo_id": conversation,
        "presentation_id": "p1",
        "click_id": "k1",
        "click_datetime": "2026-05-05T12:00:00Z",
    })
}

pub fn signup() -> Value {
    json!({ "program": "shop", "email": "ada@example.com", "utm": { "source": "page" } })
}
