//! The base URL of an API, as a merchant sets it.

use crate::origin;

/// Reads a base URL: an origin and a path, to which the endpoint's path is added.
///
/// # Errors
///
/// Returns the first rule that the text breaks.
pub fn base_url(text: &str) -> Result<String, String> {
    if text.contains(['?', '#']) {
        return Err("has a query or a fragment".to_owned());
    }
    let (_, rest) = origin::split_scheme(text)?;
    let path_start = rest
        .find('/')
        .map_or(text.len(), |at| text.len() - rest.len() + at);
    let (origin, path) = (text.get(..path_start), text.get(path_start..));
    let (origin, path) = (origin.unwrap_or_default(), path.unwrap_or_default());
    let origin = origin::serialise(origin)?;
    let path = path.trim_end_matches('/');
    // No query, fragment, escape or dot segment is allowed. So what is set is what is requested.
    let plain = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    if !path.is_empty() && !path.split('/').skip(1).all(plain) {
        return Err(
            "has a path with an empty or dot segment, or with characters other than \
                    letters, digits and -._~"
                .to_owned(),
        );
    }
    Ok(format!("{origin}{path}"))
}
