//! An answer before it is put on the wire: status, headers, bytes and the manner of their delivery.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde::Serialize;

/// How the bytes of an answer travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// At once and completely.
    #[default]
    Whole,
    /// In small pieces with this pause between them.
    Trickle(Duration),
    /// Half of the body, then silence.
    HangAfterHalf,
    /// Half of the body, then the connection is closed in order.
    CutAfterHalf,
    /// Half of the body, then the connection is reset.
    ResetAfterHalf,
    /// The connection is reset before the first byte.
    ResetAtOnce,
    /// No byte, and no length either.
    NothingInChunks,
    /// Event by event, with this pause between them.
    Events(Duration),
    /// Two events and half of a third, then the connection is closed without the last chunk.
    CutInThirdEvent,
    /// Two events, then silence.
    HangAfterTwoEvents,
}

impl Delivery {
    /// Whether the body goes in chunks, so that its length is not announced.
    fn is_chunked(self) -> bool {
        matches!(
            self,
            Self::NothingInChunks
                | Self::Events(_)
                | Self::CutInThirdEvent
                | Self::HangAfterTwoEvents
        )
    }
}

/// What the simulator says to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub delivery: Delivery,
}

impl Answer {
    /// An answer of any media type; an empty one means none.
    pub fn new(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        if !media_type.is_empty() {
            headers.insert("content-type", HeaderValue::from_static(media_type));
        }
        Self {
            status,
            headers,
            body: body.into(),
            delivery: Delivery::Whole,
        }
    }

    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // No body of the simulator has what JSON cannot hold.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self::new(status, "application/json", body)
    }

    pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    pub fn html(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/html; charset=utf-8", body)
    }

    /// What the API gateway in front says itself, outside of the envelope.
    pub fn gateway(status: StatusCode, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "message": message }))
    }

    /// Sets a header. A value that no header can hold is left out.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds a header next to others of its name.
    pub fn and(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(HeaderName::from_static(name), value);
        }
        self
    }

    pub fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Announces the length of what goes in one piece, and drops the body where HTTP allows none.
    pub fn finished(mut self, method: &Method) -> Self {
        let bodiless = matches!(
            self.status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
        if bodiless {
            self.body = Bytes::new();
            self.headers.remove("content-type");
            return self;
        }
        if !self.delivery.is_chunked() {
            self.headers
                .insert("content-length", HeaderValue::from(self.body.len()));
        }
        if method == Method::HEAD {
            self.body = Bytes::new();
        }
        self
    }
}
