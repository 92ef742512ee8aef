//! The request that sends a chat upstream, and where it goes.

use super::Proxy;
use crate::headers::Headers;
use crate::keys::KeySlot;
use crate::media_type::MediaType;
use crate::memory::endpoints::Endpoint;

const USER_AGENT: &str = concat!("concierge-proxy/", env!("CARGO_PKG_VERSION"));

/// One POST request upstream.
#[derive(Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// The URL.
    pub url: String,
    /// The headers, including the key.
    pub headers: Headers,
    /// The body.
    pub body: String,
}

impl Proxy {
    /// Returns the request that sends a chat to this endpoint under this key.
    ///
    /// Its headers are all ours, and none is one that a browser sent. An endpoint or a key that is
    /// not set is replaced by the primary or the current one.
    pub fn request(&self, endpoint: Endpoint, slot: KeySlot, body: &str) -> UpstreamRequest {
        let key = match (&self.config.api_key_next, slot) {
            (Some(next), KeySlot::Next) => next,
            _ => &self.config.api_key,
        };
        let mut headers = Headers::default();
        headers.push("Content-Type", MediaType::Json.name());
        headers.push("Accept", MediaType::Json.name());
        headers.push("User-Agent", USER_AGENT);
        headers.push(self.assistant.key_header(), key.expose());
        UpstreamRequest {
            url: self.assistant.endpoint(self.base_url(endpoint)),
            headers,
            body: body.to_owned(),
        }
    }

    /// Returns the host and the port of this endpoint, or `None` if it is not on this machine.
    ///
    /// Only a URL on this machine may be http.
    pub fn local_address(&self, endpoint: Endpoint) -> Option<(&str, u16)> {
        let rest = self.base_url(endpoint).strip_prefix("http://")?;
        let authority = rest.split('/').next()?;
        let with_port = authority
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        Some(with_port.unwrap_or((authority, 80)))
    }

    fn base_url(&self, endpoint: Endpoint) -> &str {
        match (&self.config.fallback_url, endpoint) {
            (Some(fallback), Endpoint::Fallback) => fallback,
            _ => &self.config.base_url,
        }
    }
}
