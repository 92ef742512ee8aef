//! An answer before it is sent: status, headers, body, and how the body is to travel.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde::Serialize;

/// How the body of an answer travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// All of it, without a pause.
    #[default]
    Whole,
    /// In small pieces with this pause between them.
    Trickle(Duration),
    /// Half of the body, then silence.
    HangAfterHalf,
    /// Half of the body, then the connection is closed normally.
    CutAfterHalf,
    /// Half of the body, then the connection is reset.
    ResetAfterHalf,
    /// The connection is reset before the first byte.
    ResetAtOnce,
    /// No byte, and no announced length.
    NothingInChunks,
    /// Event by event, with this pause between them.
    Events(Duration),
    /// Two events and half of a third, then the connection is closed without the last chunk.
    CutInThirdEvent,
    /// Two events, then silence.
    HangAfterTwoEvents,
}

impl Delivery {
    /// Whether the body is sent in chunks, without announcing its length.
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

/// The answer to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub delivery: Delivery,
}

impl Answer {
    /// An answer of any media type. An empty media type stands for none.
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
        // Whatever the simulator answers with can be written as JSON.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self::new(status, "application/json", body)
    }

    pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    pub fn html(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/html; charset=utf-8", body)
    }

    /// An answer of the API gateway itself, which does not use the contract's envelope.
    pub fn gateway(status: StatusCode, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "message": message }))
    }

    /// Sets a header. A value that is not allowed in a header is left out.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds a header and keeps those of the same name.
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

    /// Announces the length unless the body is chunked, and drops a body that HTTP does not allow.
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
