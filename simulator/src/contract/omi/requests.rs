//! The checks of access and of queries.
//!
//! The contract gives no order. Here it is header, app, key, person, capability, and then the rest.

use hyper::StatusCode;

use crate::contract::omi::errors::Refusal;
use crate::contract::omi::routes::Endpoint;
use crate::contract::omi::settings::{Settings, Statuses};
use crate::contract::request::Request;

/// The length of a list, if the request does not say.
const USUAL_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

/// Returns the person whom a request is about. Fails if it has no access to that person.
pub fn person(
    settings: &Settings,
    endpoint: &Endpoint,
    request: &Request<'_>,
) -> Result<String, Refusal> {
    let forbidden = |detail: &str| Err(Refusal::new(StatusCode::FORBIDDEN, detail));
    let Some(key) = request.bearer() else {
        let detail = "Missing or invalid Authorization header";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
    };
    if endpoint.app != settings.app {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "App not found"));
    }
    if !settings.keys.iter().any(|own| own == key) {
        return forbidden("Invalid API key");
    }
    let uid = request.parameter("uid").filter(|uid| !uid.is_empty());
    let uid = uid.ok_or_else(|| Refusal::form("uid is required"))?;
    if !settings.people.is_empty() && !settings.people.contains(&uid) {
        return forbidden("App is not enabled for this user");
    }
    if !settings.capabilities.contains(&endpoint.capability) {
        return forbidden("App does not have the capability");
    }
    Ok(uid)
}

/// The part of a list that is asked for.
pub struct Page {
    pub limit: usize,
    pub offset: usize,
}

pub fn page(request: &Request<'_>) -> Result<Page, Refusal> {
    let number = |name: &str, usual: usize| match request.parameter(name) {
        None => Some(usual),
        Some(text) => text.parse().ok(),
    };
    let limit = number("limit", USUAL_LIMIT).filter(|limit| (1..=MAX_LIMIT).contains(limit));
    let limit = limit.ok_or_else(|| Refusal::form("limit must be from 1 to 1000"))?;
    let offset = number("offset", 0);
    let offset = offset.ok_or_else(|| Refusal::form("offset must be a number from 0"))?;
    Ok(Page { limit, offset })
}

/// The conversations that are asked for.
pub struct Selection {
    pub discarded: bool,
    /// The statuses. Empty if the request does not say.
    pub statuses: Vec<String>,
}

pub fn selection(settings: &Settings, request: &Request<'_>) -> Result<Selection, Refusal> {
    let discarded = match request.parameter("include_discarded").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Refusal::form("include_discarded must be true or false")),
    };
    let given = request.parameters("statuses");
    let statuses = match settings.statuses {
        Statuses::Repeated => given.collect(),
        Statuses::Commas => given
            .take(1)
            .flat_map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>())
            .collect(),
    };
    Ok(Selection {
        discarded,
        statuses,
    })
}
