//! Panics on request, for the tests of what a panic does to others. It is compiled only with the
//! feature of this name, which no deployed bundle has.
#![allow(clippy::panic)]

use worker::web_sys::Request;

use crate::gate::Plan;
use crate::pass::Shopper;

/// Names the place that is to panic: `fetch` or `object`.
const HEADER: &str = "x-panic";
/// The shopper for whom an object panics.
const POISON: Shopper = Shopper(u32::MAX);

/// Panics in the fetch event where the request asks for it.
pub fn in_fetch(request: &Request) {
    assert!(
        !asks_for(request, "fetch"),
        "asked to panic in the fetch event"
    );
}

/// Marks the shopper of a request that asks for a panic in the object.
pub fn poisoned(request: &Request, mut plan: Plan) -> Plan {
    if asks_for(request, "object") {
        plan.shopper = POISON;
    }
    plan
}

/// Panics in the object where the shopper is marked.
pub fn in_object(shopper: u32) {
    assert!(shopper != POISON.0, "asked to panic in the object");
}

fn asks_for(request: &Request, place: &str) -> bool {
    request.headers().get(HEADER).ok().flatten().as_deref() == Some(place)
}
