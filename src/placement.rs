//! Where the limiter objects are, as far as the merchant may say.

/// What the platform is told about the place of a limiter object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Placement {
    /// The region that a new object should be in. The platform may choose another one.
    pub hint: Option<&'static str>,
    /// The jurisdiction that the objects never leave.
    ///
    /// The objects of a jurisdiction are others than those without, so all limits begin anew.
    pub jurisdiction: Option<&'static str>,
}

/// The platform's location hints (Durable Objects, data location).
const HINTS: [&str; 9] = [
    "wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me",
];

/// Reads a location hint.
///
/// # Errors
///
/// Returns which hints there are.
pub fn parse_hint(text: &str) -> Result<&'static str, String> {
    one_of(&HINTS, text)
}

/// Reads a jurisdiction.
///
/// # Errors
///
/// Returns which one there is.
pub fn parse_jurisdiction(text: &str) -> Result<&'static str, String> {
    one_of(&["eu"], text)
}

fn one_of(known: &[&'static str], text: &str) -> Result<&'static str, String> {
    let found = known.iter().find(|name| **name == text);
    found
        .copied()
        .ok_or_else(|| format!("must be {}", known.join(", ")))
}
