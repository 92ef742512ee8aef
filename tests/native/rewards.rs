//! What a page sends about rewards: sign-ups and clicks.

use concierge_proxy::assistants::{Destination, Ids, Operation};
use concierge_proxy::contract::body::Body;
use concierge_proxy::contract::rewards::{Click, SignUp};
use concierge_proxy::contract::route::Route;
use concierge_proxy::refusal::{InvalidField, Refusal};
use concierge_proxy::secret::Secret;
use serde_json::{Value, json};

use crate::support::shop::{Shop, json_answer, visit};
use crate::support::{Settings, api_key, code};

const EMAIL: &str = "anna.b+hats@mail.example.com";

fn sign_up(body: &Value) -> Result<SignUp, Refusal> {
    SignUp::read(&Body::read(body.to_string().as_bytes())?)
}

fn click(body: &Value) -> Result<Click, Refusal> {
    Click::read(&Body::read(body.to_string().as_bytes())?)
}

/// A good body of both, with this field changed.
fn with(name: &str, value: &Value) -> Value {
    let mut body = json!({"email": EMAIL, "consent": true, "product_id": "p-1"});
    body[name] = value.clone();
    body
}

#[test]
fn an_address_is_roughly_checked() {
    let long = |bytes: usize| json!(format!("{}@example.com", "a".repeat(bytes - 12)));
    for (email, right) in [
        (json!(EMAIL), true),
        (json!("a@b.co"), true),
        (json!("\"a\"@b.co"), true),
        (long(254), true),
        (long(255), false),
        (json!("a@b"), false),
        (json!("@b.co"), false),
        (json!("a@"), false),
        (json!("a.b.co"), false),
        (json!("a@b@c.de"), false),
        (json!("a b@c.de"), false),
        (json!(" a@c.de"), false),
        (json!("a@c.de\r\nBcc: b@c.de"), false),
        (json!("a@c.de\u{0}"), false),
        (json!("\u{e4}@c.de"), false),
        (json!(""), false),
        (json!(null), false),
        (json!(7), false),
        (json!([EMAIL]), false),
        (json!({"email": EMAIL}), false),
    ] {
        let body = with("email", &email);
        let wanted = if right {
            "let through"
        } else {
            "invalid_field"
        };
        assert_eq!(code(sign_up(&body)), wanted, "{email}");
        assert_eq!(code(click(&body)), wanted, "{email}");
        if !right {
            assert_eq!(
                sign_up(&body),
                Err(Refusal::InvalidField(InvalidField::Email))
            );
        }
    }
}

#[test]
fn a_sign_up_needs_the_shoppers_consent() {
    for consent in [
        json!(false),
        json!(null),
        json!("true"),
        json!(1),
        json!([true]),
        json!({}),
    ] {
        let refused = sign_up(&with("consent", &consent));
        assert_eq!(
            refused,
            Err(Refusal::InvalidField(InvalidField::Consent)),
            "{consent}"
        );
    }
    assert!(
        click(&with("consent", &json!(false))).is_ok(),
        "a click needs none"
    );
}

#[test]
fn utm_is_an_object_of_short_texts() {
    let many = |count: usize| -> Value {
        let field = |number| (format!("utm_{number}"), json!("a"));
        Value::Object((0..count).map(field).collect())
    };
    let text = |bytes: usize| "a".repeat(bytes);
    for (utm, right) in [
        (json!(null), true),
        (json!({}), true),
        (json!({"utm_source": "mail", "": ""}), true),
        (many(16), true),
        (many(17), false),
        (json!({ text(256): text(256) }), true),
        (json!({ text(257): "a" }), false),
        (json!({ "a": text(257) }), false),
        (json!({"a": null}), false),
        (json!({"a": 7}), false),
        (json!({"a": {}}), false),
        (json!([["a", "b"]]), false),
        (json!("utm_source=mail"), false),
    ] {
        let refused = sign_up(&with("utm", &utm)).map(|_| ());
        let wanted = if right {
            Ok(())
        } else {
            Err(Refusal::InvalidField(InvalidField::Utm))
        };
        assert_eq!(refused, wanted, "{utm}");
    }
    let read = sign_up(&with("utm", &json!({"b": "2", "a": "1"}))).expect("a sign-up");
    assert_eq!(read.utm.len(), 2);
    assert_eq!(read.email, EMAIL);
    assert_eq!(
        sign_up(&with("utm", &json!(null))).expect("a sign-up").utm,
        []
    );
}

#[test]
fn a_click_names_a_product() {
    let text = |bytes: usize| json!("a".repeat(bytes));
    for (id, right) in [
        (json!("p-1"), true),
        (json!("gid://shop/Product/7?a=b"), true),
        (text(256), true),
        (text(257), false),
        (json!(""), false),
        (json!(" \n"), false),
        (json!(7), false),
        (json!(null), false),
        (json!({}), false),
    ] {
        let read = click(&with("product_id", &id)).map(|click| json!(click.product_id));
        let refused = Err(Refusal::InvalidField(InvalidField::ProductId));
        assert_eq!(read, if right { Ok(id.clone()) } else { refused }, "{id}");
    }
}

#[test]
fn a_body_is_checked_in_its_order() {
    let mut shop = Shop::open(&Settings::rewards());
    let mut body = json!({"session_id": 7, "email": 7, "consent": 7, "utm": 7, "product_id": 7});
    let mut outcome = |route: Route, body: &str| {
        let told = shop.ask(visit(route), body, |_| json_answer(202, &json!({})));
        let message = told.body["message"].as_str().unwrap_or_default().to_owned();
        format!("{}: {message}", told.outcome())
    };
    for route in [Route::SignUp, Route::Clicks] {
        for (body, wanted) in [
            ("{".to_owned(), "invalid_json_body"),
            ("[]".to_owned(), "body_must_be_object"),
            (
                format!("{{\"a\":\"{}\"}}", "a".repeat(8_192)),
                "body_too_large",
            ),
            (body.to_string(), "invalid_field: The field session_id"),
        ] {
            assert!(outcome(route, &body).starts_with(wanted), "{wanted}");
        }
    }
    body["session_id"] = json!("no conversation");
    for (name, value, route) in [
        ("email", json!(EMAIL), Route::SignUp),
        ("consent", json!(true), Route::SignUp),
        ("utm", json!({}), Route::SignUp),
        ("product_id", json!("p-1"), Route::Clicks),
    ] {
        let wanted = format!("invalid_field: The field {name}");
        let told = outcome(route, &body.to_string());
        assert!(told.starts_with(&wanted), "{told}");
        body[name] = value;
    }
    for route in [Route::SignUp, Route::Clicks] {
        assert!(outcome(route, &body.to_string()).starts_with("session_not_found"));
    }
}

#[test]
fn of_an_address_that_is_given_twice_the_last_one_counts() {
    let body = br#"{"email":"a@b.co","consent":false,"email":"c@d.ef","consent":true}"#;
    let read = SignUp::read(&Body::read(body).expect("a body")).expect("a sign-up");
    assert_eq!(read.email, "c@d.ef");
}

#[test]
fn no_address_is_ever_printed() {
    let (sign_up, click) = (
        sign_up(&with("utm", &json!({"utm_id": EMAIL}))),
        click(&with("a", &json!(1))),
    );
    for printed in [
        format!("{sign_up:?} {click:?}"),
        format!("{sign_up:#?} {click:#?}"),
    ] {
        assert!(
            !printed.contains("anna") && !printed.contains("example"),
            "{printed}"
        );
    }
}

#[test]
fn a_request_on_its_way_does_not_print_the_address_either() {
    let ids = Ids {
        shopper: [1; 16],
        conversation: [2; 16],
        request: "request".to_owned(),
        time: "2027-01-15T08:00:00Z".to_owned(),
    };
    let config = Settings::rewards().read().1.expect("right settings");
    for operation in [
        Operation::SignUp(sign_up(&with("a", &json!(1))).expect("a sign-up")),
        Operation::Click(click(&with("a", &json!(1))).expect("a click")),
    ] {
        let printed = format!("{operation:?}");
        let call = config
            .assistant
            .call(operation, &ids, None)
            .expect("it is offered");
        let target = Destination {
            base_url: "https://upstream.example.com",
            key: Some(&Secret::new(api_key('7'))),
        };
        let request = call.request(&target);
        let printed = format!("{printed} {call:?} {call:#?} {request:?} {request:#?}");
        assert!(!printed.contains("anna"), "{printed}");
    }
}
