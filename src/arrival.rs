//! A request as it arrives: the few parts of it that decide anything.

/// The parts of a request that are looked at before its body. Absent headers are empty texts,
/// except for `Origin`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, as it was sent, without the query.
    pub path: &'a str,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// Whether `Access-Control-Request-Method` is there, which makes OPTIONS a preflight.
    pub asks_for_method: bool,
    /// `Content-Type`.
    pub content_type: &'a str,
    /// `Shopper-Pass`.
    pub pass: &'a str,
    /// The address that the platform vouches for, `CF-Connecting-IP`.
    pub address: &'a str,
}

impl<'a> Arrival<'a> {
    /// Reads the lines in which the edge describes a request: method, URL, and the headers in the
    /// order of the fields above. No line of them can hold a line break.
    pub fn from_lines(lines: &'a str) -> Self {
        let mut lines = lines.split('\n');
        let mut line = || lines.next().unwrap_or_default();
        Self {
            method: line(),
            path: path(line()),
            origin: Some(line()).filter(|origin| !origin.is_empty()),
            asks_for_method: !line().is_empty(),
            content_type: line(),
            pass: line(),
            address: line(),
        }
    }
}

/// The path of an absolute URL, which begins with the third slash.
fn path(url: &str) -> &str {
    let start = url.match_indices('/').nth(2);
    let path = start.and_then(|(at, _)| url.get(at..)).unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or_default()
}
