//! A caller of Omi.

use serde_json::{Value, json};
use simulator::Assistant;

use super::{Reply, Server};

pub const KEY: (&str, &str) = ("authorization", "Bearer omi-key-of-the-simulator");

/// Returns the path of an endpoint, such as `user/memories`, for the simulator's app.
pub fn path(place: &str, query: &str) -> String {
    format!("/v2/integrations/omi-app-of-the-simulator/{place}?{query}")
}

pub fn text(text: &str) -> Value {
    json!({ "text": text })
}

/// A simulator of Omi with these switches, and its caller.
pub struct Omi(pub Server);

impl Omi {
    pub fn new(switches: &[(&str, &str)]) -> Self {
        Self(Server::playing(Assistant::Omi, switches))
    }

    /// Writes for a person. `kind` is `conversations` or `memories`.
    pub fn write(&self, kind: &str, uid: &str, body: &Value) -> Reply {
        let path = path(&format!("user/{kind}"), &format!("uid={uid}"));
        self.0.call("POST", &path, &[KEY], body)
    }

    /// Writes, and fails unless the answer is an empty object.
    pub fn accept(&self, kind: &str, uid: &str, body: &Value) {
        let reply = self.write(kind, uid, body);
        assert_eq!(reply.status, Some(200), "{}", reply.text());
        assert_eq!(reply.json(), json!({}));
    }

    /// Asks for a list of a person. `query` follows the person, such as `&limit=1`.
    pub fn read(&self, kind: &str, uid: &str, query: &str) -> Reply {
        let path = path(kind, &format!("uid={uid}{query}"));
        self.0.get(&path, &[KEY])
    }

    /// Returns a list of a person.
    pub fn list(&self, kind: &str, uid: &str, query: &str) -> Vec<Value> {
        let reply = self.read(kind, uid, query);
        assert_eq!(reply.status, Some(200), "{}", reply.text());
        let body = reply.json();
        assert_eq!(body.as_object().unwrap().len(), 1);
        body[kind].as_array().unwrap().clone()
    }

    /// Returns a text field of each entry of a list.
    pub fn texts(&self, kind: &str, uid: &str, query: &str, field: &str) -> Vec<String> {
        let list = self.list(kind, uid, query);
        list.iter()
            .map(|entry| entry[field].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Fails unless a reply is an error with this status and a text in `detail`.
pub fn assert_refused(reply: &Reply, status: u16, what: &str) {
    assert_eq!(reply.status, Some(status), "{what}");
    let body = reply.json();
    assert!(body["detail"].is_string(), "{what}: {body}");
    assert_eq!(body.as_object().unwrap().len(), 1);
}
