//! The page's contract, as a check of whole answers.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::support::shop::Told;

/// Whether a link may reach a page whose upstream is elsewhere, or on this machine.
fn is_safe(link: &Value, local: bool) -> bool {
    let Some(link) = link.as_str() else {
        return link.is_null();
    };
    let rest = link.strip_prefix("http://").unwrap_or_default();
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let is_here = local && matches!(host, "localhost" | "127.0.0.1" | "[");
    (link.starts_with("https://") || is_here)
        && link.len() <= 2_048
        && !link.contains(|char: char| char.is_whitespace() || char.is_control())
}

fn fields<'a>(value: &'a Value, names: &[&str]) -> &'a Map<String, Value> {
    let object = value.as_object().expect("an object");
    let got: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(got, wanted);
    object
}

fn check_products(products: &Value, local: bool) {
    let products = products.as_array().expect("a list of products");
    assert!(products.len() <= 50, "{} products", products.len());
    for product in products {
        let names = [
            "id",
            "handle",
            "title",
            "vendor",
            "description",
            "price",
            "currency",
            "image",
            "url",
            "available",
        ];
        let product = fields(product, &names);
        for name in ["id", "handle", "title", "currency"] {
            assert!(product[name].is_string(), "{name} of {product:?}");
        }
        for name in ["vendor", "description"] {
            assert!(
                product[name].is_string() || product[name].is_null(),
                "{name} of {product:?}"
            );
        }
        assert!(
            !product["title"]
                .as_str()
                .unwrap_or_default()
                .trim()
                .is_empty()
        );
        let price = &product["price"];
        assert!(
            price.is_null() || price.as_f64().is_some_and(f64::is_finite),
            "{price}"
        );
        for name in ["image", "url"] {
            assert!(is_safe(&product[name], local), "{name} of {product:?}");
        }
        assert!(product["available"].is_boolean() || product["available"].is_null());
    }
}

fn check_page_id(page: Option<&Value>) {
    let page = page.unwrap_or(&Value::Null);
    assert!(
        page.is_null() || page.as_str().is_some_and(|page| page.len() <= 512),
        "{page}"
    );
}

fn check_session(session: &Value) {
    let session = session.as_str().expect("a session id");
    assert!((1..=128).contains(&session.len()), "{session}");
}

/// Checks a whole answer against the page's contract.
pub fn check(told: &Told, local: bool) {
    if told.status != 200 {
        let names = fields(&told.body, &["error", "message", "request_id"]);
        assert_eq!(names["request_id"], told.request_id);
        assert!([404, 502].contains(&told.status), "{}", told.text);
        return;
    }
    let mut body = told.body.clone();
    let next_page = body.as_object_mut().expect("an object").remove("next_page");
    check_page_id(next_page.as_ref());
    assert_eq!(body["request_id"], told.request_id);
    if let Some(messages) = body.get("messages") {
        fields(&body, &["session_id", "messages", "request_id"]);
        check_session(&body["session_id"]);
        let messages = messages.as_array().expect("a list of messages");
        assert!(messages.len() <= 50);
        for message in messages {
            let message = fields(message, &["role", "text", "products", "at"]);
            assert!(
                ["user", "assistant"]
                    .map(Value::from)
                    .contains(&message["role"])
            );
            assert!(message["text"].is_string());
            assert!(message["at"].is_string() || message["at"].is_null());
            check_products(&message["products"], local);
        }
    } else if body.get("session_id").is_some() {
        let names = [
            "session_id",
            "message",
            "products",
            "intent",
            "follow_up",
            "refinement_options",
            "request_id",
        ];
        let body = fields(&body, &names);
        check_session(&body["session_id"]);
        assert!(body["message"].is_string() && body["follow_up"].is_string());
        assert!(body["intent"].is_null());
        check_products(&body["products"], local);
        let refinements = body["refinement_options"].as_array().expect("a list");
        assert!(refinements.len() <= 20);
        for refinement in refinements {
            let refinement = fields(refinement, &["text", "type"]);
            assert!(refinement.values().all(Value::is_string));
        }
    } else {
        fields(&body, &["products", "request_id"]);
        check_products(&body["products"], local);
    }
}
