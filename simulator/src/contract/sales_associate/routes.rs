//! The endpoint's paths, and what the record keeps of a request to it.

use hyper::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use crate::contract::answer::Answer;
use crate::contract::fields::Fields;
use crate::contract::note::{Note, Route, text_of};

/// The two documented paths of the endpoint.
const CHAT_PATHS: [&str; 2] = ["/v1/concierge/chat", "/staging/v1/concierge/chat"];
/// The name of the hint in the context that requests a fault.
const FAULT_HINT: &str = "simulator_fault";

pub const ENDPOINTS: &[&str] = &["chat"];

pub const FIELDS: Fields = Fields {
    replies: &["message"],
    texts: &[
        "message",
        "title",
        "vendor",
        "description",
        "follow_up",
        "text",
    ],
    links: &["image", "url"],
    prices: &["price"],
    nullable: &[
        "vendor",
        "description",
        "price",
        "image",
        "url",
        "available",
        "intent",
    ],
    lists: &["products"],
};

pub fn find(method: &Method, path: &str) -> Option<Route> {
    CHAT_PATHS.contains(&path).then(|| Route {
        endpoint: "chat",
        is_chat: method == Method::POST,
    })
}

pub fn note(body: &[u8]) -> Note {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let context = body.get("context");
    Note {
        conversation: text_of(&body, "session_id").filter(|id| !id.is_empty()),
        text: text_of(&body, "prompt"),
        hint: context.and_then(|context| context.get(FAULT_HINT)).cloned(),
    }
}

/// Answers a request to a path that the API does not have.
pub fn stray() -> Answer {
    Answer::gateway(StatusCode::FORBIDDEN, "Missing Authentication Token")
}

pub fn too_large() -> Answer {
    Answer::gateway(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long")
}

/// Adds the headers that a gateway sends. They must not reach a page.
pub fn dressed(answer: Answer) -> Answer {
    let id = Uuid::new_v4();
    let short = id.simple().to_string();
    answer
        .with("server", "awselb/2.0")
        .with("x-amzn-requestid", &id.to_string())
        .with("x-amz-apigw-id", short.get(..15).unwrap_or_default())
        .with("via", "1.1 sales-associate-gateway (CloudFront)")
        .and(
            "set-cookie",
            &format!("AWSALB={short}; Expires=Fri, 31 Dec 2027 23:59:59 GMT; Path=/"),
        )
}
