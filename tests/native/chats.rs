//! The chat contract: what is checked of a body, and what is sent on of it.

mod cost;
mod fields;
mod sent_on;
mod shape;

use concierge_proxy::contract::chat::Chat;
use concierge_proxy::refusal::Refusal;

use crate::support::json::Json;

/// The id that goes upstream.
const SID: &str = "11111111-2222-4333-8444-555555555555";

/// The code of the refusal, or `ok`.
fn decision(body: impl AsRef<[u8]>) -> &'static str {
    match Chat::check(body.as_ref()).and_then(|chat| chat.body(SID, None)) {
        Ok(_) => "ok",
        Err(refusal) => refusal.code(),
    }
}

fn refusal(body: &str) -> Refusal {
    Chat::check(body.as_bytes()).expect_err(body)
}

/// What goes upstream, as it is written.
fn sent(body: &str) -> String {
    Chat::check(body.as_bytes())
        .unwrap_or_else(|refusal| panic!("{body}: {refusal:?}"))
        .body(SID, None)
        .expect(body)
}

/// What goes upstream, read.
fn read(body: &str) -> Json {
    let sent = Json::parse(&sent(body));
    assert!(!sent.has_twins(), "{body}");
    sent
}
