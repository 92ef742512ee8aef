//! A request to an assistant, as its contract sees it.

use hyper::Method;
use hyper::header::HeaderMap;

/// A request whose body has arrived.
pub struct Request<'a> {
    pub method: &'a Method,
    /// The path within the assistant's own API.
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl Request<'_> {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the token of an `Authorization: Bearer` header.
    pub fn bearer(&self) -> Option<&str> {
        bearer(self.headers)
    }

    /// Returns the decoded value of a query parameter. Of several, it is the first.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters(name).next()
    }

    /// Returns the decoded values of a query parameter that may be repeated.
    pub fn parameters(&self, name: &str) -> impl Iterator<Item = String> {
        let pairs = self.query.unwrap_or_default().split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .filter(move |(own, _)| *own == name)
            .map(|(_, value)| decoded(&value.replace('+', " ")))
    }
}

/// Returns the token of an `Authorization: Bearer` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get("authorization")?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns the decoded parts of a path between its slashes.
pub fn segments(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.split('/').map(decoded).collect()
}

/// Decodes percent escapes. Leaves an escape that is not one as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match after {
            [high, low, left @ ..] if *first == b'%' => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = left;
                    continue;
                }
                _ => bytes.push(*first),
            },
            _ => bytes.push(*first),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|n| n.try_into().ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_and_parameters_are_decoded() {
        assert_eq!(segments("/chat/a%20b%2Fc"), ["chat", "a b/c"]);
        assert_eq!(segments("/chat/%C3%BC%"), ["chat", "ü%"]);
        assert_eq!(segments("/chat/"), ["chat", ""]);
        let headers = HeaderMap::new();
        let request = Request {
            method: &Method::GET,
            path: "/",
            query: Some("page=2&q=a+b%26c&page=3"),
            headers: &headers,
            body: b"",
        };
        assert_eq!(request.parameter("page").unwrap(), "2");
        assert_eq!(request.parameter("q").unwrap(), "a b&c");
        assert_eq!(request.parameter("size"), None);
        assert!(request.parameters("page").eq(["2", "3"]));
    }

    #[test]
    fn only_a_bearer_token_is_one() {
        let token = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", value.parse().unwrap());
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(token("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("Basic abc"), None);
        assert_eq!(token("abc"), None);
    }
}
