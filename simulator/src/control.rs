//! The control paths under `/_simulator/`, which exist only in a run with faults.

use std::sync::{Arc, Mutex};

use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::answer::Answer;
use crate::app::{App, lock};
use crate::orders::{Order, Switch, Turns};
use crate::quota::Caps;
use crate::record::{Count, Record};

pub const PREFIX: &str = "/_simulator/";

/// What a run with faults has in addition.
pub struct Control {
    pub switch: Switch,
    /// How far the sequences in hints have come.
    pub turns: Mutex<Turns>,
    pub record: Arc<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    fault: String,
    times: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsOrder {
    key: String,
    minute: Option<u64>,
    hour: Option<u64>,
    day: Option<u64>,
}

impl Control {
    /// `keep` is the number of requests that stay on record.
    pub fn new(now_ms: fn() -> u64, keep: usize) -> Self {
        Self {
            switch: Switch::default(),
            turns: Mutex::default(),
            record: Record::new(now_ms, keep),
        }
    }

    /// Answers a request to a control path.
    pub fn answer(&self, app: &App, parts: &Parts, body: &[u8]) -> Answer {
        let name = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let done = match (&parts.method, name) {
            (&Method::PUT, "fault") => self.set_fault(body),
            (&Method::DELETE, "fault") => {
                self.switch.clear();
                Ok(())
            }
            (&Method::GET, "requests") => {
                let list = self.record.to_json();
                return Answer::new(StatusCode::OK, "application/json", list);
            }
            (&Method::DELETE, "requests") => {
                self.record.clear();
                Ok(())
            }
            (&Method::GET, "chats") => {
                let list = self.record.chats_to_json();
                return Answer::new(StatusCode::OK, "application/json", list);
            }
            (&Method::GET, "count") => {
                let Count { chats, open, whole } = self.record.count();
                let count = json!({ "chats": chats, "open": open, "whole": whole });
                return Answer::json(StatusCode::OK, &count);
            }
            (&Method::POST, "limits") => set_limits(app, body),
            (&Method::POST, "reset") => {
                self.switch.clear();
                lock(&self.turns).clear();
                self.record.clear();
                lock(&app.sessions).clear();
                lock(&app.quota).reset();
                Ok(())
            }
            _ => return Answer::text(StatusCode::NOT_FOUND, "There is no such control.\n"),
        };
        match done {
            Ok(()) => Answer::new(StatusCode::NO_CONTENT, "", ""),
            Err(reason) => Answer::text(StatusCode::BAD_REQUEST, reason),
        }
    }

    fn set_fault(&self, body: &[u8]) -> Result<(), String> {
        let order: FaultOrder = read(body)?;
        self.switch.set(order.fault.parse::<Order>()?, order.times);
        Ok(())
    }
}

/// A cap that is left out is without limit.
fn set_limits(app: &App, body: &[u8]) -> Result<(), String> {
    let order: LimitsOrder = read(body)?;
    let (key, _) = app
        .keys
        .find(&order.key)
        .ok_or_else(|| "There is no such key.\n".to_owned())?;
    let caps = Caps {
        minute: order.minute,
        hour: order.hour,
        day: order.day,
    };
    lock(&app.quota).set_caps(key, caps);
    Ok(())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("{error}\n"))
}
