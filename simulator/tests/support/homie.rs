//! A caller of Homie.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::Assistant;

use super::{Reply, Server};

pub const KEY: (&str, &str) = ("x-api-key", "homie-key-of-the-simulator");
pub const CHATBOT: &str = "5e1f0c7a-3b2d-4c68-9a40-7d6e2b91f053";
pub const USER: &str = "9b1f4e2d-6cb2-4f10-9ec0-1234567890ab";
pub const SHOP_PAGE: &str = "https://shop.example/vases";

/// A simulator of Homie with these switches, and its caller.
pub struct Homie(pub Server);

impl Homie {
    pub fn new(switches: &[(&str, &str)]) -> Self {
        Self(Server::playing(Assistant::Homie, switches))
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.0.call("POST", path, &[KEY], body)
    }

    pub fn get(&self, path: &str) -> Reply {
        self.0.get(path, &[KEY])
    }

    /// Creates a chat. Returns its id.
    pub fn create(&self) -> String {
        let reply = self.post(
            "/v1/chats",
            &json!({ "chatbotId": CHATBOT, "userId": USER }),
        );
        assert_eq!(reply.status, Some(201));
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    pub fn message(&self, chat: &str, text: &str) -> Reply {
        let body = json!({ "message": text, "currentUrl": SHOP_PAGE });
        self.post(&format!("/v1/chats/{chat}/messages"), &body)
    }

    /// Sends a message. Returns the body of the good answer.
    pub fn say(&self, chat: &str, text: &str) -> Value {
        let reply = self.message(chat, text);
        assert_eq!(reply.status, Some(201), "{}", reply.text());
        reply.json()
    }

    /// Opens the events of a chat, and waits until they are open.
    pub fn listen(&self, chat: &str) -> TcpStream {
        let before = self.listeners(chat);
        let path = format!("/v1/chats/{chat}/events");
        let stream = self.0.open("GET", &path, &[KEY], b"");
        let end = Instant::now() + Duration::from_secs(3);
        while self.listeners(chat) <= before {
            assert!(Instant::now() < end, "the events do not open");
            std::thread::sleep(Duration::from_millis(2));
        }
        stream
    }

    /// Returns how many listen to the events of a chat.
    pub fn listeners(&self, chat: &str) -> u64 {
        let state = self.0.control("state");
        let chats = state["homie"]["chats"].as_array().unwrap();
        let own = chats.iter().find(|own| own["id"] == chat);
        own.unwrap()["listeners"].as_u64().unwrap()
    }

    /// Sends a message while its events are open. Returns the events and the answer.
    ///
    /// The switch `end` must be `close`, or a fault must end the events.
    pub fn overhear(&self, chat: &str, text: &str) -> (Reply, Reply) {
        let stream = self.listen(chat);
        let answer = self.message(chat, text);
        (Reply::read(stream, Duration::from_secs(1)), answer)
    }
}
