//! The control paths under `/_simulator/`. They exist only in a run with faults.

use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::contract::answer::Answer;
use crate::contract::quota::Caps;
use crate::faults::orders::Order;
use crate::lock::lock;
use crate::server::app::{App, Control};
use crate::server::record::Count;

pub const PREFIX: &str = "/_simulator/";

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

/// Answers a request to a control path.
pub fn answer(app: &App, control: &Control, parts: &Parts, body: &[u8]) -> Answer {
    let name = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let done = match (&parts.method, name) {
        (&Method::PUT, "fault") => set_fault(control, body),
        (&Method::DELETE, "fault") => {
            control.switch.clear();
            Ok(())
        }
        (&Method::GET, "requests") => {
            let list = control.record.to_json();
            return Answer::new(StatusCode::OK, "application/json", list);
        }
        (&Method::DELETE, "requests") => {
            control.record.clear();
            Ok(())
        }
        (&Method::GET, "chats") => {
            let list = control.record.chats_to_json();
            return Answer::new(StatusCode::OK, "application/json", list);
        }
        (&Method::GET, "count") => {
            let Count { chats, open, whole } = control.record.count();
            let count = json!({ "chats": chats, "open": open, "whole": whole });
            return Answer::json(StatusCode::OK, &count);
        }
        (&Method::POST, "limits") => set_limits(app, body),
        (&Method::POST, "reset") => {
            control.switch.clear();
            lock(&control.turns).clear();
            control.record.clear();
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

fn set_fault(control: &Control, body: &[u8]) -> Result<(), String> {
    let order: FaultOrder = read(body)?;
    control
        .switch
        .set(order.fault.parse::<Order>()?, order.times);
    Ok(())
}

/// Sets the caps of one key. A missing cap means no limit.
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
