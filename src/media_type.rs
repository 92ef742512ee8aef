//! Media types, as far as the proxy has to tell them apart.

/// A media type that the proxy knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// JSON (RFC 8259).
    Json,
    /// Server-sent events.
    EventStream,
}

impl MediaType {
    /// Returns the type that a `Content-Type` names, or `None` if the proxy does not know it.
    ///
    /// The case and the parameters do not matter (RFC 9110, section 8.3.1).
    pub fn of(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default();
        let essence = essence.trim_matches([' ', '\t']);
        [Self::Json, Self::EventStream]
            .into_iter()
            .find(|known| essence.eq_ignore_ascii_case(known.name()))
    }

    /// Returns the name used in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::EventStream => "text/event-stream",
        }
    }
}
