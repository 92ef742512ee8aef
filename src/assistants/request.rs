//! The requests that go upstream.

use std::fmt;

use crate::headers::Headers;
use crate::media_type::MediaType;
use crate::secret::Secret;

const USER_AGENT: &str = concat!("concierge-proxy/", env!("CARGO_PKG_VERSION"));

/// One request upstream.
#[derive(PartialEq, Eq)]
pub struct UpstreamRequest {
    /// The method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// The headers, including the key.
    ///
    /// They are all ours, and none is one that a browser sent.
    pub headers: Headers,
    /// The body, if the method has one.
    pub body: Option<String>,
}

/// Where a request goes, and under which key.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// The base URL, without a slash at its end.
    pub base_url: &'a str,
    /// The key, if the assistant has one.
    pub key: Option<&'a Secret>,
}

// The headers hold the key, and the body may hold an address. Neither is ever printed.
impl fmt::Debug for UpstreamRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A query may say who somebody is.
        let url = self.url.split('?').next().unwrap_or_default();
        write!(f, "UpstreamRequest({} {url}, ***)", self.method)
    }
}

impl Destination<'_> {
    /// Returns a request that posts a JSON text to this path.
    pub(super) fn post(&self, path: &str, body: String) -> UpstreamRequest {
        self.request("POST", path, MediaType::Json, Some(body))
    }

    /// Returns a request that reads this path.
    pub(super) fn get(&self, path: &str) -> UpstreamRequest {
        self.request("GET", path, MediaType::Json, None)
    }

    /// Returns a request for the stream of events at this path.
    pub(super) fn listen(&self, path: &str) -> UpstreamRequest {
        self.request("GET", path, MediaType::EventStream, None)
    }

    fn request(
        &self,
        method: &'static str,
        path: &str,
        accepted: MediaType,
        body: Option<String>,
    ) -> UpstreamRequest {
        let mut headers = Headers::default();
        if body.is_some() {
            headers.push("Content-Type", MediaType::Json.name());
        }
        headers.push("Accept", accepted.name());
        headers.push("User-Agent", USER_AGENT);
        UpstreamRequest {
            method,
            url: format!("{}{path}", self.base_url),
            headers,
            body,
        }
    }

    /// Adds the key to a request under this header, after this prefix.
    pub(super) fn authorise(
        &self,
        request: &mut UpstreamRequest,
        name: &'static str,
        prefix: &str,
    ) {
        if let Some(key) = self.key {
            request
                .headers
                .push(name, &format!("{prefix}{}", key.expose()));
        }
    }
}
