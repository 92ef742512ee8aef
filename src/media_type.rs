//! Media types, as far as the proxy has to tell them apart.

/// JSON (RFC 8259).
pub const JSON: &str = "application/json";
/// Server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// Whether a `Content-Type` names this type, in any case and with any parameters (RFC 9110,
/// section 8.3.1).
pub fn is(content_type: &str, name: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim_matches([' ', '\t']).eq_ignore_ascii_case(name)
}
