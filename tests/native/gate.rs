//! The path of a request.

mod capabilities;
mod checks;
mod flows;
mod rotation;
mod routes;
mod upstream;

use concierge_proxy::gate::Gate;
use concierge_proxy::head::RequestHead;
use serde_json::Value;

use crate::support::{Plan, entropy, plan, post};

/// One chat of somebody who holds this pass and this session id, from this address. The number
/// stands for the randomness of the request.
fn visit(
    gate: &Gate,
    address: &str,
    pass: &str,
    session: Option<&str>,
    now: u32,
    number: u8,
) -> Plan {
    let head = RequestHead {
        pass,
        address,
        ..post()
    };
    let body = match session {
        Some(id) => serde_json::json!({"prompt": "a", "session_id": id}),
        None => serde_json::json!({"prompt": "a"}),
    };
    plan(
        gate,
        &head,
        body.to_string().as_bytes(),
        now,
        entropy(number),
    )
    .expect("a good body")
}

/// The session id that goes upstream.
fn session(plan: &Plan) -> String {
    let body: Value = serde_json::from_str(&plan.body).unwrap();
    body["session_id"].as_str().unwrap().to_owned()
}

/// The pass that goes out.
fn new_pass(plan: &Plan) -> &str {
    plan.new_pass.as_deref().expect("a pass")
}
