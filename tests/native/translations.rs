//! The answers of the assistants that are translated, in the page's contract.
//!
//! The fixtures are made after each assistant's published contract. Beside `name.json`, which the
//! upstream answers, stands `name.page.json`, which the page gets, without the ids that we make.

mod events;
mod homie;
mod hostile;
mod limits;
mod links;
mod omniops;
mod rewardsbot;

use std::path::PathBuf;

use concierge_proxy::contract::route::Route;
use serde_json::{Map, Value, json};

use crate::support::Settings;
use crate::support::shop::{JSON, Shop, Told, answer, json_answer, visit};

/// A fixture, as it was written.
fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read_to_string(path.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn homie() -> Shop {
    Shop::open(&Settings::homie())
}

fn rewardsbot() -> Shop {
    Shop::open(&Settings::rewardsbot())
}

fn omniops() -> Shop {
    Shop::open(&Settings::omniops())
}

fn omniops_as_built() -> Shop {
    Shop::open(&Settings::omniops_as_built())
}

/// A chat whose upstream gives this answer, after a chat was created where that is needed.
fn chat(shop: &mut Shop, session: Option<&str>, upstream: &str) -> Told {
    shop.chat(session, |sent| {
        if sent.url.ends_with("/v1/chats") {
            json_answer(201, &json!({"id": "3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c"}))
        } else {
            answer(200, JSON, upstream)
        }
    })
}

/// The history of a conversation, whose upstream gives this answer.
fn history(shop: &mut Shop, session: &str, upstream: &str) -> Told {
    let query = format!("session_id={session}");
    shop.ask(visit(Route::History), &query, |_| {
        answer(200, JSON, upstream)
    })
}

/// The answer without the ids that we make, which are looked at here.
fn content(told: &Told) -> Value {
    assert_eq!(told.status, 200, "{}", told.text);
    let mut body = told.body.as_object().expect("an object").clone();
    assert_eq!(body.remove("request_id"), Some(json!(told.request_id)));
    if let Some(session) = body.remove("session_id") {
        let session = session.as_str().expect("a text").to_owned();
        assert!((1..=128).contains(&session.len()), "{session}");
    }
    if let Some(page) = body.remove("next_page").filter(|page| !page.is_null()) {
        let page = page.as_str().expect("a text").to_owned();
        assert!((1..=512).contains(&page.len()), "{page}");
    }
    Value::Object(body)
}

/// What the page has to get for this fixture.
fn expected(name: &str) -> Value {
    let name = name.replace(".json", ".page.json");
    serde_json::from_str(&fixture(&name)).expect("a fixture of JSON")
}

/// A chat that is answered with this fixture comes to the page as the other one.
fn compare(mut shop: Shop, name: &str) -> Told {
    let told = chat(&mut shop, None, &fixture(name));
    assert_eq!(content(&told), expected(name), "{name}");
    told
}

/// The products of a chat that is answered with this JSON.
fn products(shop: &mut Shop, upstream: &Value) -> Vec<Value> {
    let told = chat(shop, None, &upstream.to_string());
    assert_eq!(told.status, 200, "{}", told.text);
    told.body["products"].as_array().expect("a list").clone()
}

fn names(object: &Value) -> Vec<&str> {
    let object: &Map<_, _> = object.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[test]
fn every_answer_has_the_fields_of_the_published_example() {
    let published: Value = serde_json::from_str(&fixture("published/chat-answer.json")).unwrap();
    for (shop, name) in [
        (homie(), "homie/answer.json"),
        (rewardsbot(), "rewardsbot/answer.json"),
        (omniops_as_built(), "omniops/as-built.json"),
    ] {
        let told = compare(shop, name);
        let mut body = told.body.clone();
        body.as_object_mut().expect("an object").remove("next_page");
        assert_eq!(names(&body), names(&published), "{name}");
        for product in body["products"].as_array().expect("a list") {
            assert_eq!(names(product), names(&published["products"][0]), "{name}");
        }
        for refinement in body["refinement_options"].as_array().expect("a list") {
            assert_eq!(
                names(refinement),
                names(&published["refinement_options"][0]),
                "{name}"
            );
        }
    }
}

#[test]
fn a_price_keeps_its_digits() {
    let told = compare(homie(), "homie/answer.json");
    assert!(told.text.contains(r#""price":39.90,"#), "{}", told.text);
    let told = compare(rewardsbot(), "rewardsbot/answer.json");
    assert!(told.text.contains(r#""price":120.0,"#), "{}", told.text);
}

#[test]
fn no_id_of_an_upstream_reaches_a_page() {
    for (shop, name, secrets) in [
        (
            homie(),
            "homie/unknown-fields.json",
            &["3f2b8c1a", "99999999", "0b9d7a52"][..],
        ),
        (
            rewardsbot(),
            "rewardsbot/answer.json",
            &["conv-77", "rank_88"],
        ),
        (omniops(), "omniops/documented.json", &["conv_abc123"]),
        (omniops_as_built(), "omniops/as-built.json", &["5b8f0c9e"]),
    ] {
        let told = compare(shop, name);
        for secret in secrets {
            let seen = format!("{} {:?}", told.text, told.headers);
            assert!(!seen.contains(secret), "{name} shows {secret}: {seen}");
        }
    }
}

#[test]
fn nothing_beyond_the_contract_reaches_a_page() {
    for (shop, name) in [
        (homie(), "homie/unknown-fields.json"),
        (rewardsbot(), "rewardsbot/unknown-fields.json"),
        (omniops(), "omniops/unknown-fields.json"),
        (omniops(), "omniops/wrapped.json"),
        (omniops_as_built(), "omniops/as-built.json"),
    ] {
        let told = compare(shop, name);
        for word in [
            "secret",
            "theirs",
            "BUY",
            "another",
            "margin",
            "B7",
            "relevance",
        ] {
            assert!(!told.text.contains(word), "{name} shows {word}");
        }
    }
}

#[test]
fn every_fixture_has_its_other_half() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for assistant in ["homie", "rewardsbot", "omniops"] {
        for entry in std::fs::read_dir(root.join(assistant)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let other = match name.strip_suffix(".page.json") {
                Some(upstreams) => format!("{upstreams}.json"),
                None => name.replace(".json", ".page.json"),
            };
            // The answer to a chat that was created is for nobody but us.
            let is_alone = name == "chat.json";
            assert!(is_alone || path.with_file_name(other).exists(), "{name}");
        }
    }
}
