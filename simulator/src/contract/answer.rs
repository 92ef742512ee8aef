//! An answer before it is sent: its status, headers, body, and how to send the body.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde::Serialize;

use crate::contract::live::{Edit, Live};

/// How to send the body of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// The whole body, without a pause.
    #[default]
    Whole,
    /// Small pieces, with this pause between them.
    Trickle(Duration),
    /// Half of the body, then silence.
    HangAfterHalf,
    /// Half of the body, then the connection is closed normally.
    CutAfterHalf,
    /// Half of the body, then the connection is reset.
    ResetAfterHalf,
    /// The connection is reset before the first byte.
    ResetAtOnce,
    /// No bytes and no announced length.
    NothingInChunks,
    /// One event at a time, with this pause between events.
    Events(Duration),
    /// Two events and half of a third, then the connection is closed without the last chunk.
    CutInThirdEvent,
    /// Two events, then silence.
    HangAfterTwoEvents,
    /// Each event in pieces. They end inside a line and inside a UTF-8 character.
    Torn,
}

impl Delivery {
    /// Returns whether the body is sent in chunks, without an announced length.
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
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub delivery: Delivery,
    /// The events that follow the body. `None` in an answer that is complete.
    pub live: Option<Live>,
}

impl Answer {
    /// Creates an answer of any media type. An empty media type means no `Content-Type`.
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
            live: None,
        }
    }

    /// Creates a stream of events that goes on.
    pub fn events(live: Live) -> Self {
        let mut answer = Self::new(StatusCode::OK, "text/event-stream", "");
        answer.live = Some(live);
        answer.with("cache-control", "no-cache")
    }

    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // Every body of the simulator can be written as JSON.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self::new(status, "application/json", body)
    }

    pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    pub fn html(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/html; charset=utf-8", body)
    }

    /// Creates an answer of the API gateway, which does not use the contract's envelope.
    pub fn gateway(status: StatusCode, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "message": message }))
    }

    /// Sets a header. Ignores a value that is not allowed in a header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds a header. Keeps other headers with the same name.
    pub fn and(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(HeaderName::from_static(name), value);
        }
        self
    }

    /// Changes the body, or each event that is still to come.
    pub fn edited(mut self, mut edit: Edit) -> Self {
        match self.live {
            Some(live) => self.live = Some(live.edited(edit)),
            None => self.body = edit(self.body),
        }
        self
    }

    pub fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Sets the length unless the body is chunked. Drops a body that HTTP does not allow.
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
        if !self.delivery.is_chunked() && self.live.is_none() {
            self.headers
                .insert("content-length", HeaderValue::from(self.body.len()));
        }
        if method == Method::HEAD {
            self.body = Bytes::new();
            self.live = None;
        }
        self
    }
}
