//! Tests of RewardsBot: its contract, its errors and its contradictions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use simulator::Assistant;
use support::calls::{click, signup};
use support::{Reply, Server};

fn start(switches: &[(&str, &str)]) -> Server {
    Server::playing(Assistant::RewardsBot, switches)
}

fn chat(server: &Server, conversation: &str, body: &Value) -> Value {
    let reply = server.call("POST", &format!("/chat/{conversation}"), &[], body);
    assert_eq!(reply.status, Some(200), "{body}");
    reply.json()
}

fn say(server: &Server, conversation: &str, text: &str) -> Value {
    chat(server, conversation, &json!({ "chat": text }))
}

/// Returns the products of all sources.
fn products(answer: &Value) -> Vec<Value> {
    let sources = answer["found_products"]["search_results"]
        .as_object()
        .unwrap();
    sources
        .values()
        .flat_map(|list| list.as_array().unwrap().clone())
        .collect()
}

fn page(server: &Server, answer: &Value, index: u64) -> Reply {
    let pagination = &answer["pagination"];
    let part = |name: &str| pagination[name].as_str().unwrap();
    let (conversation, session) = (part("conversation_id"), part("session_id"));
    let path = format!("/inventory/ranking-sessions/{conversation}/{session}/pages/{index}");
    server.get(&path, &[])
}

/// Fails unless a reply is a 422 that names this place.
fn assert_invalid(reply: &Reply, place: &Value) {
    assert_eq!(reply.status, Some(422), "{place}");
    let body = reply.json();
    let mistake = &body["detail"][0];
    assert_eq!(&mistake["loc"], place);
    assert!(mistake["type"].is_string() && mistake["msg"].is_string());
}

#[test]
fn a_chat_is_answered_with_products_by_source() {
    let server = start(&[]);
    let answer = say(&server, "c1", "a gift for mom");
    assert!(answer["agent_reply"].is_string());
    assert!(answer["refinement_result"]["options"][0].is_string());
    let sources = answer["found_products"]["search_results"]
        .as_object()
        .unwrap();
    assert_eq!(sources.len(), 2);
    let product = &products(&answer)[0];
    for field in [
        "name",
        "direct_link",
        "detail_link",
        "image_url",
        "presentment_id",
        "currency",
    ] {
        assert!(product[field].is_string(), "{field}");
    }
    assert!(product["value"].is_number() && product["merchant"]["name"].is_string());
    assert!(product["price"].as_str().unwrap().starts_with('$'));
}

#[test]
fn every_field_of_an_answer_may_be_null() {
    let server = start(&[]);
    let answer = say(&server, "c1", "under $1");
    for field in ["found_products", "product_warning", "pagination"] {
        assert!(answer[field].is_null(), "{field}");
    }
}

#[test]
fn a_choice_and_prices_narrow_the_result() {
    let server = start(&[]);
    let answer = say(&server, "c1", "a gift for mom");
    let option = answer["refinement_result"]["options"][1].as_str().unwrap();
    let choice =
        json!({ "refinement_selection": { "category": "suggestion", "selection": option } });
    let chosen = chat(&server, "c1", &choice);
    assert_ne!(products(&chosen), products(&answer));
    let body =
        json!({ "chat": "vases", "product_filter": { "low_price": 30, "high_price": 90.5 } });
    let filtered = products(&chat(&server, "c2", &body));
    let prices = filtered
        .iter()
        .map(|product| product["value"].as_f64().unwrap());
    assert!(
        prices
            .into_iter()
            .all(|price| (30.0..=90.5).contains(&price))
    );
    assert!(!filtered.is_empty());
}

#[test]
fn a_sold_out_product_is_a_warning() {
    let server = start(&[]);
    let answer = say(&server, "c1", "first frost");
    assert!(
        answer["product_warning"]
            .as_str()
            .unwrap()
            .contains("out of stock")
    );
}

#[test]
fn the_pages_of_a_ranking_follow_each_other_and_repeat_nothing() {
    let server = start(&[]);
    let answer = say(&server, "c1", "a gift for a friend");
    let pagination = &answer["pagination"];
    assert_eq!(pagination["has_next_page"], true);
    assert_eq!(pagination["next_page_index"], 1);
    assert_ne!(pagination["session_id"], pagination["conversation_id"]);
    let names = |items: &[Value]| {
        items
            .iter()
            .map(|item| item["name"].to_string())
            .collect::<Vec<_>>()
    };
    let mut seen = names(&products(&answer));
    let mut index = 1;
    loop {
        let body = page(&server, &answer, index).json();
        assert_eq!(body["type"], "inventory_pagination");
        assert_eq!(body["page_index"], index);
        assert_eq!(body["page_size"], 4);
        assert!(body["expires_at"].is_string() && body["query"] == "a gift for a friend");
        seen.extend(names(body["items"].as_array().unwrap()));
        if body["has_next_page"] == false {
            break;
        }
        index += 1;
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
    assert!(count > 8, "more than two pages");
    let after = page(&server, &answer, index + 1).json();
    assert_eq!(after["items"], json!([]));
}

#[test]
fn the_page_size_is_a_switch() {
    let server = start(&[("page-size", "2"), ("sources", "1")]);
    let answer = say(&server, "c1", "a gift for a friend");
    assert_eq!(products(&answer).len(), 2);
    assert_eq!(
        page(&server, &answer, 1).json()["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn pages_expire_as_gone_or_not_found() {
    for (expired, status) in [("gone", 410), ("not-found", 404)] {
        let server = start(&[("lifetime", "0"), ("expired", expired)]);
        let answer = say(&server, "c1", "a gift for a friend");
        let reply = page(&server, &answer, 1);
        assert_eq!(reply.status, Some(status));
        assert!(reply.json()["detail"].is_string());
    }
}

#[test]
fn the_pages_of_another_conversation_are_not_found() {
    let server = start(&[]);
    let mut answer = say(&server, "c1", "vases");
    answer["pagination"]["conversation_id"] = json!("c2");
    assert_eq!(page(&server, &answer, 0).status, Some(404));
    let path = "/inventory/ranking-sessions/c1/nothing/pages/0";
    assert_eq!(server.get(path, &[]).status, Some(404));
    let path = "/inventory/ranking-sessions/c1/nothing/pages/first";
    assert_invalid(&server.get(path, &[]), &json!(["path", "page_index"]));
}

#[test]
fn clicks_and_signups_are_accepted_and_listed() {
    let server = start(&[]);
    let mut first = click("c1");
    first["product_info"] = json!({ "name": "Hat" });
    for (path, body) in [("/clickthrough/c1", &first), ("/signup/c1", &signup())] {
        let reply = server.call("POST", path, &[], body);
        assert_eq!((reply.status, reply.body.len()), (Some(202), 0), "{path}");
    }
    let state = server.control("state");
    assert_eq!(state["rewardsbot"]["clicks"], json!([first]));
    let listed = &state["rewardsbot"]["signups"][0];
    assert_eq!(
        (&listed["email"], &listed["convo_id"]),
        (&json!("ada@example.com"), &json!("c1"))
    );
}

#[test]
fn clicks_and_signups_are_validated() {
    let server = start(&[]);
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    let mut nameless = click("c1");
    nameless.as_object_mut().unwrap().remove("click_id");
    for (path, body, place) in [
        ("/clickthrough/c1", nameless, "click_id"),
        ("/clickthrough/c1", click("c2"), "convo_id"),
        (
            "/clickthrough/c1",
            with(click("c1"), "click_datetime", json!("today")),
            "click_datetime",
        ),
        (
            "/clickthrough/c1",
            with(click("c1"), "email", json!(null)),
            "email",
        ),
        (
            "/clickthrough/c1",
            with(click("c1"), "product_info", json!([])),
            "product_info",
        ),
        ("/signup/c1", json!({ "program": "shop" }), "email"),
        (
            "/signup/c1",
            with(signup(), "utm", json!({ "a": 1 })),
            "utm",
        ),
    ] {
        let reply = server.call("POST", path, &[], &body);
        assert_invalid(&reply, &json!(["body", place]));
    }
    let nothing = json!({ "rewardsbot": { "clicks": [], "signups": [] } });
    assert_eq!(server.control("state"), nothing);
}

#[test]
fn chats_are_validated() {
    let server = start(&[]);
    for (body, place) in [
        (json!({ "chat": 7 }), json!(["body", "chat"])),
        (json!([]), json!(["body"])),
        (
            json!({ "refinement_selection": { "category": "a" } }),
            json!(["body", "refinement_selection", "selection"]),
        ),
        (
            json!({ "product_filter": { "low_price": "a" } }),
            json!(["body", "product_filter", "low_price"]),
        ),
    ] {
        assert_invalid(&server.call("POST", "/chat/c1", &[], &body), &place);
    }
    assert_invalid(
        &server.send("POST", "/chat/c1", &[], b"{"),
        &json!(["body"]),
    );
    let nulls = json!({ "chat": null, "refinement_selection": null, "product_filter": null });
    assert!(chat(&server, "c1", &nulls)["agent_reply"].is_string());
}

#[test]
fn conversations_remember_their_own_turns_alone() {
    let server = start(&[]);
    say(&server, "a", "vases");
    say(&server, "b", "scarves");
    let categories = |conversation: &str| -> Vec<Value> {
        let found = products(&say(&server, conversation, "under $60"));
        found
            .iter()
            .map(|product| product["category"].clone())
            .collect()
    };
    assert!(categories("a").iter().all(|category| category == "vase"));
    assert!(categories("b").iter().all(|category| category == "scarf"));
}

#[test]
fn paths_that_a_proxy_must_not_call_answer_and_are_on_record() {
    let server = start(&[]);
    say(&server, "c1", "vases");
    let spied = server.get("/spy/c1", &[]).json();
    assert_eq!(spied["turns"][0]["chat"], "vases");
    assert_eq!(
        server.call("POST", "/offers/o1", &[], &json!({})).status,
        Some(200)
    );
    assert_eq!(
        server
            .get("/clickthrough/c1?email=ada@example.com", &[])
            .status,
        Some(200)
    );
    let discovery = "/v1/discovery/criteria-sets";
    assert_eq!(
        server.get(discovery, &[]).status,
        Some(403),
        "without a key"
    );
    let endpoints: Vec<Value> = server
        .requests()
        .iter()
        .map(|entry| entry["endpoint"].clone())
        .collect();
    assert_eq!(
        endpoints,
        ["chat", "spy", "offers", "click-link", "discovery"]
    );
}
