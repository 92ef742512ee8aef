//! The checks of access, body and query, in both dialects.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::contract::omniops::errors::{Kind, Mistake};
use crate::contract::omniops::settings::{Dialect, Settings};
use crate::contract::request::Request;

/// The longest message as built, in characters.
const MAX_MESSAGE: usize = 5_000;
/// The messages of a history, if the request does not say.
const USUAL_LIMIT: usize = 50;
const MAX_LIMIT: usize = 100;

/// A chat that passed the checks.
#[derive(Debug)]
pub struct Chat {
    pub message: String,
    pub conversation: Option<String>,
    pub session: Option<String>,
}

/// Returns the domain of a request. Fails if it has no access.
pub fn domain(settings: &Settings, request: &Request<'_>) -> Result<String, Mistake> {
    let domain = match settings.dialect {
        Dialect::Documented => {
            let key = request.bearer();
            if !key.is_some_and(|key| settings.keys.iter().any(|own| own == key)) {
                let message = "Invalid or missing API key";
                return Err(Mistake::new(Kind::Auth, message, Value::Null));
            }
            request.header("x-domain").map(str::to_owned)
        }
        Dialect::AsBuilt => {
            let body = object(request.body)?;
            let domain = body.get("domain").and_then(Value::as_str);
            domain.map(str::to_owned)
        }
    };
    let known = |domain: &String| settings.domains.iter().any(|own| own == domain);
    match domain.filter(|domain| settings.dialect == Dialect::AsBuilt || known(domain)) {
        Some(domain) if !domain.is_empty() => Ok(domain),
        _ => {
            let message = "The domain is not configured";
            Err(Mistake::new(Kind::Domain, message, Value::Null))
        }
    }
}

/// Checks the body of a chat.
pub fn chat(dialect: Dialect, body: &[u8]) -> Result<Chat, Mistake> {
    let fields = object(body)?;
    let text = |name: &str| {
        let text = fields.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let given = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    let mut wrong = Vec::new();
    let (conversation_name, longest) = match dialect {
        Dialect::Documented => ("conversationId", usize::MAX),
        Dialect::AsBuilt => ("conversation_id", MAX_MESSAGE),
    };
    let message = text("message").filter(|message| message.chars().count() <= longest);
    if message.is_none() {
        wrong.push(json!({ "path": ["message"], "message": "Required, 1 to 5000 characters" }));
    }
    let conversation = text(conversation_name);
    let is_uuid = |id: &String| Uuid::try_parse(id).is_ok();
    let valid = dialect == Dialect::Documented || conversation.as_ref().is_none_or(is_uuid);
    if !valid || (conversation.is_none() && given(conversation_name)) {
        wrong.push(json!({ "path": [conversation_name], "message": "Invalid id" }));
    }
    let session = match dialect {
        Dialect::Documented => None,
        Dialect::AsBuilt => text("session_id"),
    };
    if dialect == Dialect::AsBuilt && session.is_none() {
        wrong.push(json!({ "path": ["session_id"], "message": "Required" }));
    }
    match message {
        Some(message) if wrong.is_empty() => Ok(Chat {
            message,
            conversation,
            session,
        }),
        _ => Err(invalid(json!(wrong))),
    }
}

/// Returns how many messages of the history are asked for.
pub fn limit(request: &Request<'_>) -> Result<usize, Mistake> {
    match request.parameter("limit") {
        None => Ok(USUAL_LIMIT),
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| invalid(json!([{ "path": ["limit"], "message": "From 1 to 100" }]))),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Mistake> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(invalid(
            json!([{ "path": [], "message": "Expected object" }]),
        )),
    }
}

fn invalid(details: Value) -> Mistake {
    Mistake::new(Kind::Invalid, "The request is not valid", details)
}
