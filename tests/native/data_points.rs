//! The data point of a chat: what it has, and when there is one.

use concierge_proxy::analytics::point;
use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{Exchange, Next};
use concierge_proxy::head::RequestHead;
use concierge_proxy::log::{AttemptRecord, Line};
use concierge_proxy::settings::{Raw, Setting};
use serde_json::{Value, json};

use crate::support::{NOW, Settings, entropy, post};

const LINE: Line<'_> = Line {
    request_id: "never in a point",
    outcome: "rate_limited",
    notice: None,
    operation: None,
    status: 429,
    total_ms: 12,
    limiter_ms: Some(3),
    upstream_ms: None,
    upstream_status: None,
    upstream_request_id: None,
    attempts: &[
        AttemptRecord {
            url: "primary",
            key: "current",
            ended: "no_connection",
        },
        AttemptRecord {
            url: "fallback",
            key: "current",
            ended: "answered",
        },
    ],
    refunded: true,
    budget: Some("network"),
    window: Some("hour"),
    dry_run: false,
    shopper: Some("shopper1"),
    verified: false,
    limiter: Some("limiter1"),
    detail: Some("never in a point either"),
};

#[test]
fn its_columns_are_the_documented_ones() {
    let point: Value = serde_json::from_str(&point(&LINE, "homie")).expect("JSON");
    assert_eq!(
        point,
        json!({
            "indexes": ["rate_limited"],
            "blobs": [
                "rate_limited", "homie", "network", "hour", "shopper1", "limiter1", "answered", "fallback",
            ],
            "doubles": [429, 12, 3, -1, 2, 1, 0],
        })
    );
}

/// The data point of a request that is refused by its head.
fn refused(settings: &Settings, route: Route) -> Option<String> {
    let head = RequestHead {
        method: route.method(),
        path: route.path(),
        origin: None,
        ..post()
    };
    let now = u64::from(NOW) * 1_000;
    match Exchange::begin(&mut settings.isolate(), &head, entropy(1), now) {
        Next::Respond(end) => end.data_point,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn chats_have_one_where_there_is_a_dataset() {
    let bound = Settings::good().raw(Setting::Analytics, Raw::NotText);
    let point = refused(&bound, Route::Chat).expect("a data point");
    assert!(point.contains("origin_not_allowed"), "{point}");
    assert_eq!(refused(&bound, Route::History), None);
    assert_eq!(refused(&Settings::good(), Route::Chat), None);
}
