//! The request that sends a chat upstream, and where it goes.

use super::Proxy;
use crate::headers::Headers;
use crate::keys::KeySlot;
use crate::media_type::MediaType;
use crate::memory::endpoints::Endpoint;

const USER_AGENT: &str = concat!("concierge-proxy/", env!("CARGO_PKG_VERSION"));

/// One request upstream, a POST.
#[derive(Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// Where it goes.
    pub url: String,
    /// Its headers, the key among them.
    pub headers: Headers,
    /// Its body.
    pub body: String,
}

impl Proxy {
    /// The request that sends a chat on this endpoint and under this key. Its headers are ours alone,
    /// none that a browser sent. A endpoint or a key that is not set is the first one.
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

    /// The host and the port that this endpoint leads to, where it leads to this machine: only there
    /// may a URL be http.
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
