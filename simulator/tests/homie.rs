//! Tests of Homie: its contract, its errors and its contradictions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::assert_uuid_v4;
use support::homie::{CHATBOT, Homie, KEY, SHOP_PAGE, USER};

/// A chat that does not exist.
const NO_CHAT: &str = "/v1/chats/9b1f4e2d-6cb2-4f10-9ec0-1234567890ab/messages";

fn assert_error(body: &Value, status: u16, error: &str) {
    assert_eq!(body["statusCode"], status);
    assert_eq!(body["error"], error);
    assert!(body["message"].is_string() || body["message"].is_array());
}

#[test]
fn a_chat_is_created_for_its_user() {
    let homie = Homie::new(&[]);
    let body = json!({ "chatbotId": CHATBOT, "userId": USER });
    let reply = homie.post("/v1/chats", &body);
    assert_eq!(reply.status, Some(201));
    let chat = reply.json();
    assert_uuid_v4(&chat["id"]);
    assert_uuid_v4(&chat["organizationId"]);
    assert_eq!(chat["chatbotId"], CHATBOT);
    assert_eq!(chat["userId"], USER);
    assert!(chat["createdAt"].as_str().unwrap().ends_with('Z'));
    let state = homie.0.control("state");
    assert_eq!(state["homie"]["chats"][0]["userId"], USER, "kept");
    let nameless = homie.post("/v1/chats", &json!({ "chatbotId": CHATBOT }));
    assert_eq!(nameless.json().get("userId"), None);
}

#[test]
fn a_message_is_answered_with_content_products_and_suggestions() {
    let homie = Homie::new(&[]);
    let chat = homie.create();
    let body = json!({ "message": "a gift for mom", "currentUrl": SHOP_PAGE });
    let reply = homie.post(&format!("/v1/chats/{chat}/messages?store=b7"), &body);
    assert_eq!(reply.status, Some(201));
    let answer = reply.json();
    assert_uuid_v4(&answer["id"]);
    assert_eq!(answer["chatId"], chat);
    assert_eq!(answer["type"], "answer");
    assert!(answer["content"].is_string() && answer["createdAt"].is_string());
    assert!(answer["suggestions"][0].is_string());
    let product = &answer["products"][0];
    assert_eq!(product["availability"]["status"], "in_stock");
    assert!(product["price"].is_number() && product["priceInfo"].is_string());
    assert!(product["recommendationText"].is_string());
    assert_eq!(product["gtin"].as_str().unwrap().len(), 13);
    assert!(product["location"][0]["key"].is_string());
    assert_eq!(homie.0.requests().last().unwrap()["query"], "store=b7");
}

#[test]
fn a_product_without_a_value_has_no_such_field() {
    let homie = Homie::new(&[]);
    let chat = homie.create();
    let mut missing = std::collections::BTreeSet::new();
    for text in [
        "vases", "books", "scarves", "hats", "perfume", "lamps", "bowls", "wallets",
    ] {
        let answer = homie.say(&chat, text);
        for product in answer["products"].as_array().unwrap() {
            for field in ["brand", "price", "description", "availability", "flags"] {
                if product.get(field).is_none() {
                    missing.insert(field);
                }
            }
        }
    }
    assert!(missing.len() >= 3, "{missing:?}");
}

#[test]
fn the_page_of_a_product_is_under_uri_or_url() {
    for (link, other) in [("uri", "url"), ("url", "uri")] {
        let homie = Homie::new(&[("link", link)]);
        let answer = homie.say(&homie.create(), "vases");
        let product = &answer["products"][0];
        assert!(product[link].as_str().unwrap().starts_with("https://"));
        assert_eq!(product.get(other), None);
    }
}

#[test]
fn the_key_stands_where_the_switch_says() {
    let token = ("authorization", "Bearer homie-key-of-the-simulator");
    let body = json!({ "chatbotId": CHATBOT });
    for (auth, own, bearer) in [
        ("x-api-key", 201, 401),
        ("bearer", 401, 201),
        ("either", 201, 201),
    ] {
        let homie = Homie::new(&[("auth", auth)]);
        for (header, status) in [(KEY, own), (token, bearer)] {
            let reply = homie.0.call("POST", "/v1/chats", &[header], &body);
            assert_eq!(reply.status, Some(status), "{auth} {header:?}");
        }
    }
}

#[test]
fn every_endpoint_wants_a_key_before_anything_else() {
    let homie = Homie::new(&[]);
    let wrong = ("x-api-key", "wrong");
    let events = NO_CHAT.replace("messages", "events");
    for (method, path) in [
        ("POST", "/v1/chats"),
        ("POST", NO_CHAT),
        ("GET", NO_CHAT),
        ("GET", events.as_str()),
    ] {
        for headers in [&[][..], &[wrong]] {
            let reply = homie.0.send(method, path, headers, b"{");
            assert_eq!(reply.status, Some(401), "{method} {path}");
            assert_error(&reply.json(), 401, "Unauthorized");
        }
    }
}

#[test]
fn keys_can_be_changed_while_it_runs() {
    let homie = Homie::new(&[("keys", "one,two")]);
    let status = |key: &str| {
        let body = json!({ "chatbotId": CHATBOT });
        homie
            .0
            .call("POST", "/v1/chats", &[("x-api-key", key)], &body)
            .status
    };
    assert_eq!([status("one"), status("two")], [Some(201); 2]);
    homie.0.switch(&json!({ "homie": { "keys": ["two"] } }));
    assert_eq!([status("one"), status("two")], [Some(401), Some(201)]);
}

#[test]
fn unknown_chats_and_chatbots_are_not_found_or_forbidden() {
    for (unknown, status, error) in [
        ("not-found", 404, "Not Found"),
        ("forbidden", 403, "Forbidden"),
    ] {
        let homie = Homie::new(&[("unknown", unknown)]);
        let message = json!({ "message": "hat", "currentUrl": SHOP_PAGE });
        let other_bot = json!({ "chatbotId": USER });
        let events = NO_CHAT.replace("messages", "events");
        for reply in [
            homie.post("/v1/chats", &other_bot),
            homie.post(NO_CHAT, &message),
            homie.get(NO_CHAT),
            homie.get(&events),
        ] {
            assert_eq!(reply.status, Some(status));
            assert_error(&reply.json(), status, error);
        }
    }
}

#[test]
fn a_chatbot_can_be_chosen() {
    let homie = Homie::new(&[("chatbot", USER)]);
    let reply = homie.post("/v1/chats", &json!({ "chatbotId": USER }));
    assert_eq!(reply.status, Some(201));
    let reply = homie.post("/v1/chats", &json!({ "chatbotId": CHATBOT }));
    assert_eq!(reply.status, Some(404));
}

#[test]
fn bodies_are_validated() {
    let homie = Homie::new(&[]);
    let messages = format!("/v1/chats/{}/messages", homie.create());
    for (path, body) in [
        ("/v1/chats", json!({})),
        ("/v1/chats", json!({ "chatbotId": "me" })),
        (
            "/v1/chats",
            json!({ "chatbotId": CHATBOT, "userId": "ada" }),
        ),
        ("/v1/chats", json!([])),
        (&messages, json!({ "currentUrl": SHOP_PAGE })),
        (
            &messages,
            json!({ "message": " ", "currentUrl": SHOP_PAGE }),
        ),
        (&messages, json!({ "message": 7, "currentUrl": SHOP_PAGE })),
        (&messages, json!({ "message": "hat" })),
        (&messages, json!({ "message": "hat", "currentUrl": "here" })),
    ] {
        let reply = homie.post(path, &body);
        assert_eq!(reply.status, Some(400), "{body}");
        assert_error(&reply.json(), 400, "Bad Request");
    }
    let reply = homie.0.send("POST", &messages, &[KEY], b"{");
    assert_eq!(reply.status, Some(400));
}

#[test]
fn the_history_has_pages() {
    let homie = Homie::new(&[]);
    let chat = homie.create();
    homie.say(&chat, "vases");
    homie.say(&chat, "under $50");
    let path = format!("/v1/chats/{chat}/messages");
    let page = |query: &str| homie.get(&format!("{path}{query}")).json();
    let all = page("");
    let types: Vec<&Value> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["type"])
        .collect();
    assert_eq!(types, ["question", "answer", "question", "answer"]);
    assert_eq!(
        (&all["totalItems"], &all["totalPages"]),
        (&json!(4), &json!(1))
    );
    assert_eq!(all["nextPage"], Value::Null);
    let second = page("?page=2&size=3");
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&second["currentPage"], &second["size"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        (&second["hasPrevPage"], &second["prevPage"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(
        (&second["hasNextPage"], &second["nextPage"]),
        (&json!(false), &Value::Null)
    );
    for query in ["?page=0", "?size=101", "?page=x"] {
        assert_eq!(
            homie.get(&format!("{path}{query}")).status,
            Some(400),
            "{query}"
        );
    }
    homie
        .0
        .switch(&json!({ "homie": { "history": "answers" } }));
    assert_eq!(page("")["totalItems"], 2);
}

#[test]
fn chats_remember_their_own_turns_alone() {
    let homie = Homie::new(&[]);
    let (a, b) = (homie.create(), homie.create());
    homie.say(&a, "vases");
    homie.say(&b, "scarves");
    let cheap = |chat: &str| {
        let answer = homie.say(chat, "under $60");
        answer["products"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["category"].clone())
            .collect::<Vec<_>>()
    };
    assert!(cheap(&a).iter().all(|category| category == "vase"));
    assert!(cheap(&b).iter().all(|category| category == "scarf"));
    let history = homie.get(&format!("/v1/chats/{a}/messages")).text();
    assert!(!history.contains("scarves"));
}

#[test]
fn a_message_can_fail_on_purpose() {
    let homie = Homie::new(&[("outcome", "failed")]);
    let chat = homie.create();
    let reply = homie.message(&chat, "vases");
    assert_eq!(reply.status, Some(500));
    assert_error(&reply.json(), 500, "Internal Server Error");
    let history = homie.get(&format!("/v1/chats/{chat}/messages")).json();
    assert_eq!(history["totalItems"], 1, "the question alone");
}
