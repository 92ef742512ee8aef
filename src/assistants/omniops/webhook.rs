//! What Omniops reports by webhook.

use super::reading;
use crate::json::Value;
use crate::log::{self, Entry};

/// The events, with the fields of their data that are logged. The others are texts or ids.
const EVENTS: [(&str, &[&str]); 2] = [
    ("scrape.completed", &["pagesScraped", "duration"]),
    (
        "chat.session.ended",
        &["messageCount", "duration", "resolved"],
    ),
];
/// The longest figure that is logged, in characters.
const MAX_FIGURE_CHARS: usize = 24;

/// Returns the log entry for a delivery. Only numbers and truth values of it are logged.
pub(super) fn entry(body: &[u8]) -> Entry {
    let delivery = reading::object(body).unwrap_or(Value::Scalar("null"));
    let name = reading::text(&delivery, "event").unwrap_or_default();
    let known = EVENTS.into_iter().find(|(known, _)| *known == name);
    let (name, fields) = known.unwrap_or(("other", &[]));
    let figure = |field: &&'static str| {
        let value = delivery.get("data")?.get(field)?;
        let figure = match (value.number(), value.boolean()) {
            (Some(number), _) => number,
            (None, Some(true)) => "true",
            (None, Some(false)) => "false",
            (None, None) => return None,
        };
        (figure.len() <= MAX_FIGURE_CHARS).then(|| (*field, figure.to_owned()))
    };
    log::webhook(name, fields.iter().filter_map(figure))
}
