//! What goes upstream: where, and under which headers.

use concierge_proxy::assistants::Call;
use concierge_proxy::keys::KeySlot;
use concierge_proxy::memory::endpoints::Endpoint;
use concierge_proxy::settings::Setting;
use uuid::Uuid;

use super::visit;
use crate::support::{HERE, NOW, Settings, api_key, entropy, pairs, proxy};

fn call() -> Call {
    Call::SalesAssociate("{}".to_owned())
}

#[test]
fn a_chat_goes_to_the_endpoint_with_the_current_key() {
    for (base, url) in [
        ("", "https://api.youromi.com/v1/concierge/chat"),
        (
            "http://localhost:9000/",
            "http://localhost:9000/concierge/chat",
        ),
        (
            "https://a.example.com/staging/v1",
            "https://a.example.com/staging/v1/concierge/chat",
        ),
    ] {
        let gate = Settings::good()
            .with(Setting::BaseUrl, base)
            .with(Setting::ApiKeyNext, &api_key('1'))
            .open();
        let request = proxy(&gate).request(&call(), Endpoint::Primary, KeySlot::Current);
        assert_eq!((&*request.url, request.body.as_deref()), (url, Some("{}")));
        let headers = pairs(&request.headers);
        assert!(headers.contains(&("x-api-key".to_owned(), api_key('0'))));
        assert!(headers.contains(&("Content-Type".to_owned(), "application/json".to_owned())));
    }
}

#[test]
fn only_a_route_to_this_machine_has_a_local_address() {
    for (base, address) in [
        ("", None),
        ("https://a.example.com/v1", None),
        ("https://localhost:9000", None),
        ("http://localhost:9000/v1", Some(("localhost", 9_000))),
        ("http://127.0.0.1", Some(("127.0.0.1", 80))),
        ("http://[::1]:8787", Some(("[::1]", 8_787))),
        ("http://[::1]", Some(("[::1]", 80))),
    ] {
        let gate = Settings::good().with(Setting::BaseUrl, base).open();
        let call = Call::SalesAssociate(String::new());
        let got = proxy(&gate).local_address(&call, Endpoint::Primary);
        assert_eq!(got, address, "{base}");
    }
}

#[test]
fn nothing_that_a_browser_sent_is_among_the_headers() {
    let gate = Settings::good().open();
    let request = proxy(&gate).request(&call(), Endpoint::Primary, KeySlot::Current);
    let names: Vec<String> = pairs(&request.headers)
        .into_iter()
        .map(|(name, _)| name.to_lowercase())
        .collect();
    assert_eq!(names, ["content-type", "accept", "user-agent", "x-api-key"]);
}

#[test]
fn the_key_stands_in_no_body() {
    let gate = Settings::good().open();
    let plan = visit(&gate, HERE, "", Some("a"), NOW, 1);
    assert!(!plan.body.contains("ak_concierge_"), "{}", plan.body);
}

#[test]
fn a_request_id_is_a_random_uuid() {
    let id = entropy(1).request_id();
    let uuid = Uuid::try_parse(&id).unwrap();
    assert_eq!(uuid.get_version_num(), 4);
    assert_eq!(uuid.hyphenated().to_string(), id);
    assert_ne!(entropy(2).request_id(), id);
}

#[test]
fn a_request_id_gives_away_neither_the_shopper_nor_the_session() {
    // No part contains the randomness of another.
    let gate = Settings::good().open();
    let plan = visit(&gate, HERE, "", None, NOW, 1);
    let id = entropy(1).request_id().replace('-', "");
    assert!(!id.contains(&format!("{:08x}", plan.identity.shopper.0)));
}

#[test]
fn a_shopper_is_named_in_the_log_by_a_keyed_hash() {
    let gate = Settings::good().open();
    let other = Settings::good().with(Setting::ApiKey, &api_key('1')).open();
    let shopper = visit(&gate, HERE, "", None, NOW, 1).identity.shopper;
    let name = proxy(&gate).log_name(shopper);
    assert_eq!(proxy(&gate).log_name(shopper), name);
    assert_ne!(proxy(&other).log_name(shopper), name);
    assert!(
        !name
            .windows(4)
            .any(|bytes| bytes == shopper.0.to_be_bytes())
    );
}
