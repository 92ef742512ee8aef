//! A JSON string, borrowed from its source where it has no escapes.

use std::borrow::Cow;

use serde::Deserialize;

/// The text of a JSON string. Half a surrogate pair, which JSON can spell and UTF-8 can not, does
/// not deserialise.
#[derive(Deserialize)]
pub struct JsonText<'a>(#[serde(borrow)] pub Cow<'a, str>);
