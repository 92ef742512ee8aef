//! Webhooks: what is signed is logged once, and nothing else is.

use concierge_proxy::exchange::{Event, Failure};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::settings::Setting;

use super::{Run, T0};
use crate::support::{Settings, post};

const SECRET: &str = "the secret of webhooks";
const ENDED: &str = r#"{"event":"chat.session.ended","timestamp":"2026-05-05T00:00:00Z","data":{"sessionId":"s1","messageCount":4,"duration":12.5,"resolved":true}}"#;
/// Its HMAC-SHA-256, computed with another implementation.
const SIGNATURE: &str = "15f311b995a1b3d2d897e8849b254e9b039985d18846fa304da3bd40b83bafd2";

fn isolate() -> Isolate {
    Settings::omniops()
        .with(Setting::OmniopsWebhookSecret, SECRET)
        .isolate()
}

fn deliver(isolate: &mut Isolate, body: &str, signature: &str) -> Run {
    let head = RequestHead {
        path: "/v1/webhooks/omniops",
        origin: None,
        content_type: "",
        ..post()
    };
    let mut run = Run::begin(isolate, &head, 1, T0);
    assert_eq!(run.name(), "read signed");
    let signed = Event::Signed {
        body: body.as_bytes().to_vec(),
        signature: signature.to_owned(),
    };
    run.handle(isolate, signed, T0);
    run
}

fn notices(run: &Run) -> Vec<String> {
    let log = &run.end().log;
    log.iter()
        .map(|entry| entry.text.clone())
        .filter(|text| text.starts_with("{\"notice\""))
        .collect()
}

#[test]
fn a_signed_delivery_is_logged_with_its_figures_and_no_text_of_it() {
    let mut isolate = isolate();
    let run = deliver(&mut isolate, ENDED, SIGNATURE);
    assert_eq!(run.told().0, 204);
    let logged = r#"{"notice":"webhook","event":"chat.session.ended","messageCount":4,"duration":12.5,"resolved":true}"#;
    assert_eq!(notices(&run), [logged]);
}

#[test]
fn the_same_delivery_is_logged_once() {
    let mut isolate = isolate();
    deliver(&mut isolate, ENDED, SIGNATURE);
    let again = deliver(&mut isolate, ENDED, SIGNATURE);
    assert_eq!(again.told().0, 204);
    assert_eq!(notices(&again), [""; 0]);
}

#[test]
fn a_signature_of_another_body_or_in_another_spelling_is_refused() {
    let mut isolate = isolate();
    let upper = SIGNATURE.to_uppercase();
    let prefixed = format!("sha256={SIGNATURE}");
    let changed = ENDED.replace('4', "5");
    for (body, signature) in [
        (ENDED, ""),
        (ENDED, &SIGNATURE[1..]),
        (ENDED, upper.as_str()),
        (ENDED, prefixed.as_str()),
        (changed.as_str(), SIGNATURE),
        ("", SIGNATURE),
    ] {
        let run = deliver(&mut isolate, body, signature);
        let (status, line) = run.told();
        assert_eq!(
            (status, &line["outcome"]),
            (401, &"invalid_signature".into())
        );
        assert_eq!(notices(&run), [""; 0]);
    }
}

#[test]
fn a_delivery_of_more_than_64_kib_is_refused() {
    let mut isolate = isolate();
    let run = deliver(&mut isolate, &"a".repeat(65_537), SIGNATURE);
    assert_eq!(run.told().0, 413);
}

#[test]
fn a_delivery_that_breaks_off_is_no_delivery() {
    let mut isolate = isolate();
    let head = RequestHead {
        path: "/v1/webhooks/omniops",
        ..post()
    };
    let mut run = Run::begin(&mut isolate, &head, 1, T0);
    run.handle(&mut isolate, Event::Failed(Failure::ShopperLeft), T0);
    assert_eq!(run.told().0, 499);
}

#[test]
fn without_a_secret_there_is_no_such_path() {
    let head = RequestHead {
        path: "/v1/webhooks/omniops",
        ..post()
    };
    for settings in [Settings::omniops(), Settings::good()] {
        let mut isolate = settings.isolate();
        let run = Run::begin(&mut isolate, &head, 1, T0);
        assert_eq!(run.told().0, 404);
    }
}
