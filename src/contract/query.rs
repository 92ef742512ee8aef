//! The query of a request without a body.

/// Returns the value of a parameter, or `None` if it is absent or empty.
///
/// The values are texts of ours, which need no escapes. So a value with escapes is none of ours.
pub fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}
