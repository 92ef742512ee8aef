//! The control paths under `/_simulator/`. They exist only in a run with faults.

use std::collections::BTreeMap;

use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::contract::answer::Answer;
use crate::contract::api::Api;
use crate::contract::assistant::Assistant;
use crate::contract::sales_associate::quota::Caps;
use crate::contract::switches::Changes;
use crate::faults::orders::Order;
use crate::faults::switch::Filter;
use crate::lock::lock;
use crate::server::app::{App, Control};
use crate::server::record::Count;

pub const PREFIX: &str = "/_simulator/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    fault: String,
    times: Option<u64>,
    assistant: Option<String>,
    endpoint: Option<String>,
    text: Option<String>,
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
        (&Method::PUT, "switches") => set_switches(app, body),
        (&Method::GET, "switches") => {
            return Answer::json(StatusCode::OK, &each(app, Api::switches));
        }
        (&Method::GET, "state") => return Answer::json(StatusCode::OK, &each(app, Api::state)),
        (&Method::POST, "reset") => {
            control.switch.clear();
            lock(&control.turns).clear();
            control.record.clear();
            app.apis.iter().for_each(Api::reset);
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
    let assistant = order.assistant.map(|name| name.parse()).transpose()?;
    let fault: Order = order.fault.parse()?;
    if let Some(endpoint) = &order.endpoint {
        let mut places = Assistant::ALL
            .into_iter()
            .filter(|own| assistant.is_none_or(|assistant| assistant == *own));
        if !places.any(|place| place.endpoints().contains(&endpoint.as_str())) {
            return Err(format!("There is no endpoint '{endpoint}'.\n"));
        }
    }
    let filter = Filter {
        assistant,
        endpoint: order.endpoint,
        text: order.text,
    };
    control.switch.set(filter, fault, order.times);
    Ok(())
}

/// Sets the caps of one key of the Sales Associate. A missing cap means no limit.
fn set_limits(app: &App, body: &[u8]) -> Result<(), String> {
    let order: LimitsOrder = read(body)?;
    let caps = Caps {
        minute: order.minute,
        hour: order.hour,
        day: order.day,
    };
    match app.api(Assistant::SalesAssociate) {
        Some(Api::SalesAssociate(api)) => api.set_caps(&order.key, caps),
        _ => Err("The Sales Associate is not served.\n".to_owned()),
    }
}

/// Changes the switches of assistants, by their names.
fn set_switches(app: &App, body: &[u8]) -> Result<(), String> {
    let order: BTreeMap<String, Changes> = read(body)?;
    for (name, changes) in order {
        let api = app
            .api(name.parse()?)
            .ok_or_else(|| format!("{name} is not served.\n"))?;
        api.switch(&changes)?;
    }
    Ok(())
}

/// Returns a part of each API, by the names of the assistants.
fn each(app: &App, part: fn(&Api) -> Value) -> Map<String, Value> {
    let apis = app.apis.iter();
    apis.map(|api| (api.assistant().name().to_owned(), part(api)))
        .collect()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("{error}\n"))
}
