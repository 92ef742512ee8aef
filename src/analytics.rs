//! The data point of a chat, for the merchant's own charts (Workers Analytics Engine).
//!
//! It says what the log line says, and has nothing that was said. docs/operations.md lists its columns.

use serde::Serialize;

use crate::log::Line;

/// A data point, in the form that the platform takes.
#[derive(Serialize)]
struct Point<'a> {
    /// What the platform samples by.
    indexes: [&'a str; 1],
    blobs: [&'a str; 8],
    /// Whole numbers, because code that writes fractions would be most of this module.
    doubles: [i64; 7],
}

/// Returns the data point of a chat with this log line, as JSON.
pub fn point(line: &Line<'_>, assistant: &str) -> String {
    let ms = |ms: Option<u64>| ms.map_or(-1, |ms| ms as i64);
    let point = Point {
        indexes: [line.outcome],
        blobs: [
            line.outcome,
            assistant,
            line.budget.unwrap_or_default(),
            line.window.unwrap_or_default(),
            line.shopper.unwrap_or_default(),
            line.limiter.unwrap_or_default(),
            line.attempts.last().map_or("", |attempt| attempt.ended),
            line.attempts.last().map_or("", |attempt| attempt.url),
        ],
        doubles: [
            i64::from(line.status),
            line.total_ms as i64,
            ms(line.limiter_ms),
            ms(line.upstream_ms),
            line.attempts.len() as i64,
            i64::from(line.refunded),
            i64::from(line.verified),
        ],
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&point).unwrap_or_default()
}
