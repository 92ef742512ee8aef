//! The checks of a request's body, in order: size, JSON, object, prompt.

use serde_json::{Map, Value};

use crate::contract::sales_associate::errors::Code;

/// The largest body as received, in bytes.
pub const MAX_BODY: usize = 8 * 1024;
/// The longest prompt, in code points.
pub const MAX_PROMPT: usize = 2_000;

/// A body that passed the checks.
#[derive(Debug)]
pub struct Chat {
    pub prompt: String,
    /// The session id. `None` if it is missing, empty or not a string.
    pub session_id: Option<String>,
    pub context: Map<String, Value>,
}

impl Chat {
    /// Returns a hint in the context. Ignores a hint of the wrong type, as the contract does.
    pub fn hint(&self, name: &str) -> Option<&str> {
        self.context.get(name).and_then(Value::as_str)
    }

    pub fn budget_max(&self) -> Option<f64> {
        self.context
            .get("budget_max")
            .and_then(Value::as_f64)
            .filter(|budget| *budget > 0.0)
    }
}

/// Parses the body. Returns the code of the first rule that it breaks.
pub fn check(body: &[u8]) -> Result<Chat, Code> {
    if body.len() > MAX_BODY {
        return Err(Code::BodyTooLarge);
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Err(Code::InvalidJsonBody);
    };
    let Value::Object(mut fields) = value else {
        return Err(Code::BodyMustBeObject);
    };
    let prompt = match fields.remove("prompt") {
        Some(Value::String(prompt)) if !prompt.trim().is_empty() => prompt,
        _ => return Err(Code::MissingPrompt),
    };
    if prompt.chars().count() > MAX_PROMPT {
        return Err(Code::PromptTooLong);
    }
    let session_id = match fields.remove("session_id") {
        Some(Value::String(id)) if !id.is_empty() => Some(id),
        _ => None,
    };
    let context = match fields.remove("context") {
        Some(Value::Object(context)) => context,
        _ => Map::new(),
    };
    Ok(Chat {
        prompt,
        session_id,
        context,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn refused(body: &str) -> Code {
        check(body.as_bytes()).unwrap_err()
    }

    fn with_prompt(prompt: &str) -> String {
        json!({ "prompt": prompt }).to_string()
    }

    #[test]
    fn every_rule_has_its_code() {
        assert_eq!(refused(""), Code::InvalidJsonBody);
        assert_eq!(refused("{\"prompt\":"), Code::InvalidJsonBody);
        for body in ["null", "7", "\"gift\"", "[{\"prompt\":\"gift\"}]"] {
            assert_eq!(refused(body), Code::BodyMustBeObject, "{body}");
        }
        for body in [
            "{}",
            "{\"prompt\":null}",
            "{\"prompt\":7}",
            "{\"prompt\":\" \\n\"}",
        ] {
            assert_eq!(refused(body), Code::MissingPrompt, "{body}");
        }
    }

    #[test]
    fn the_prompt_is_measured_in_code_points() {
        assert!(check(with_prompt(&"é".repeat(2_000)).as_bytes()).is_ok());
        assert!(check(with_prompt(&"🎁".repeat(2_000)).as_bytes()).is_ok());
        assert_eq!(
            refused(&with_prompt(&"a".repeat(2_001))),
            Code::PromptTooLong
        );
    }

    #[test]
    fn the_body_is_measured_in_bytes_before_anything_else() {
        let mut body = with_prompt("gift");
        body.push_str(&" ".repeat(MAX_BODY - body.len()));
        assert!(check(body.as_bytes()).is_ok());
        assert_eq!(refused(&format!("{body} ")), Code::BodyTooLarge);
        assert_eq!(refused(&"[".repeat(MAX_BODY + 1)), Code::BodyTooLarge);
    }

    #[test]
    fn optional_fields_are_never_a_reason_to_refuse() {
        let body = json!({ "prompt": "gift", "session_id": 7, "context": [], "x": 1 });
        let chat = check(body.to_string().as_bytes()).unwrap();
        assert_eq!(chat.session_id, None);
        let body = json!({ "prompt": "gift", "context": { "budget_max": "much", "occasion": 3 } });
        let chat = check(body.to_string().as_bytes()).unwrap();
        assert_eq!((chat.budget_max(), chat.hint("occasion")), (None, None));
    }
}
