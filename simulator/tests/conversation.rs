//! Tests of conversations: the recommendations, and how one turn follows from another.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::{INTERNAL, Server};

const MOTHER: &str = "Birthday gift for my mom, fashion-leaning, budget around $250";

fn handles(body: &Value) -> Vec<String> {
    let products = body["products"].as_array().unwrap();
    products
        .iter()
        .map(|p| p["handle"].as_str().unwrap().to_owned())
        .collect()
}

fn prices(body: &Value) -> Vec<f64> {
    let products = body["products"].as_array().unwrap();
    products
        .iter()
        .filter_map(|p| p["price"].as_f64())
        .collect()
}

fn chips(body: &Value) -> Vec<String> {
    let chips = body["refinement_options"].as_array().unwrap();
    chips
        .iter()
        .map(|c| c["text"].as_str().unwrap().to_owned())
        .collect()
}

fn average(prices: &[f64]) -> f64 {
    prices.iter().sum::<f64>() / prices.len() as f64
}

#[test]
fn a_lower_price_keeps_what_fits_and_drops_the_rest() {
    let server = Server::plain();
    let before = server.ask("s", MOTHER);
    assert!(prices(&before).iter().any(|price| *price > 200.0));
    let after = server.ask("s", "Under $200");
    assert!(prices(&after).iter().all(|price| *price <= 200.0));
    let kept: Vec<String> = before["products"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|product| product["price"].as_f64().unwrap() <= 200.0)
        .map(|product| product["handle"].as_str().unwrap().to_owned())
        .collect();
    assert!(!kept.is_empty());
    assert!(
        handles(&after).starts_with(&kept),
        "{kept:?} {:?}",
        handles(&after)
    );
}

#[test]
fn each_session_remembers_its_own() {
    let server = Server::plain();
    server.ask("one", MOTHER);
    server.ask("two", "Candles");
    let scarves = server.ask("one", "Scarves");
    assert!(scarves["message"].as_str().unwrap().contains("a mother"));
    assert_eq!(scarves["intent"], "GIFTING");
    let alone = server.ask("three", "Scarves");
    assert!(!alone["message"].as_str().unwrap().contains("a mother"));
    assert_eq!(alone["intent"], "STYLING");
    assert_eq!(server.ask("two", "Under $50")["intent"], "BROWSING");
}

#[test]
fn cheaper_is_cheaper_and_more_is_other() {
    let server = Server::plain();
    let first = server.ask("s", "Housewarming gift for a friend");
    let cheaper = server.ask("s", "something cheaper");
    assert!(average(&prices(&cheaper)) < average(&prices(&first)));
    let more = server.ask("s", "more like that");
    assert!(!handles(&more).is_empty());
    assert!(
        handles(&more)
            .iter()
            .all(|handle| !handles(&cheaper).contains(handle))
    );
    let mut turns = 0;
    while !handles(&server.ask("s", "show me more")).is_empty() {
        turns += 1;
        assert!(turns < 30, "the catalogue has an end");
    }
}

#[test]
fn brands_categories_and_colours_refine() {
    let server = Server::plain();
    let by_brand = server.ask("s", "Something from Fen & Harbour");
    let vendors = by_brand["products"].as_array().unwrap();
    assert!(vendors.len() > 1 && vendors.iter().all(|p| p["vendor"] == "Fen & Harbour"));
    let vases = server.ask("s", "vases");
    assert_eq!(handles(&vases), ["tidewater-vase", "saltmarsh-bud-vase"]);
    // The brand makes no books, so this prompt counts more than earlier ones.
    let books = server.ask("s", "books");
    let books = books["products"].as_array().unwrap();
    assert!(!books.is_empty() && books.iter().all(|p| p["vendor"] == "Quill & Tansy"));
    let teal = server.ask("t", "a teal vase");
    assert_eq!(handles(&teal), ["tidewater-vase"]);
}

#[test]
fn the_context_counts() {
    let server = Server::plain();
    let ask = |context: Value| {
        let body = json!({ "prompt": "a present please", "context": context });
        server.chat(&body).json()
    };
    let for_father = ask(json!({ "recipient": "my father", "occasion": "graduation" }));
    assert!(for_father["message"].as_str().unwrap().contains("a father"));
    let modest = ask(json!({ "recipient": "mother", "budget_max": 45.5 }));
    assert!(!prices(&modest).is_empty());
    assert!(prices(&modest).iter().all(|price| *price <= 45.5));
    let unknown = ask(json!({ "recipient": 7, "budget_max": "x", "colour": { "a": [1] } }));
    assert!(!handles(&unknown).is_empty());
}

#[test]
fn someone_else_begins_a_new_search() {
    let server = Server::plain();
    server.ask("s", "Scarf for my mom under $50");
    let father = server.ask("s", "and now something for my dad");
    assert!(father["message"].as_str().unwrap().contains("a father"));
    assert!(prices(&father).iter().any(|price| *price > 50.0));
}

#[test]
fn nothing_is_recommended_when_nothing_fits_or_is_understood() {
    let server = Server::plain();
    let unclear = server.ask("s", "qwertz");
    assert!(handles(&unclear).is_empty());
    assert_eq!(unclear["intent"], "BROWSING");
    let nothing = server.ask("s", "candles under $5");
    assert!(handles(&nothing).is_empty());
    assert_eq!(chips(&nothing).first().unwrap(), "Under $40");
    assert_eq!(handles(&server.ask("s", "Under $40")), ["ember-candle"]);
}

#[test]
fn every_chip_leads_somewhere_else() {
    let server = Server::plain();
    let starts = [
        MOTHER,
        "hello",
        "Candles",
        "under $30",
        "under $5",
        "What goes with a blue coat?",
        "wedding present, $100-$300",
        "something for the garden",
        "Meridian watches",
        "Maison Orrery",
        "jewelry for my wife around $150",
        "cosy evenings",
    ];
    for (number, start) in starts.into_iter().enumerate() {
        let first = server.ask(&format!("{number}"), start);
        assert!(chips(&first).len() <= 4);
        for (place, chip) in chips(&first).into_iter().enumerate() {
            let session = format!("{number}-{place}");
            server.ask(&session, start);
            let next = server.ask(&session, &chip);
            assert!(!handles(&next).is_empty(), "{start} > {chip}");
            assert_ne!(handles(&next), handles(&first), "{start} > {chip}");
        }
    }
}

#[test]
fn the_same_conversation_gets_the_same_answers() {
    let servers = [Server::plain(), Server::plain()];
    for prompt in [MOTHER, "Under $200", "more like that", "Books", "thanks"] {
        let [mut one, mut two] = [&servers[0], &servers[1]].map(|s| s.ask("s", prompt));
        for (answer, server) in [(&mut one, &servers[0]), (&mut two, &servers[1])] {
            answer["request_id"] = Value::Null;
            let text = answer.to_string().replace(&server.url, "");
            *answer = serde_json::from_str(&text).unwrap();
        }
        assert_eq!(one, two, "{prompt}");
    }
}

#[test]
fn a_failed_engine_remembers_nothing() {
    let server = Server::with_faults();
    server.ask("s", "Candles");
    let failing = json!({ "prompt": "for my mom", "session_id": "s",
        "context": { "simulator_fault": "error:upstream_error" } });
    assert_eq!(server.chat(&failing).status, Some(502));
    let next = server.ask("s", "Under $50");
    assert!(!next["message"].as_str().unwrap().contains("mother"));
}

#[test]
fn every_product_has_a_picture_of_its_own() {
    let server = Server::plain();
    let catalogue: Vec<Value> = serde_json::from_str(include_str!("../catalogue.json")).unwrap();
    let mut pictures = std::collections::HashSet::new();
    for product in &catalogue {
        let path = format!("/pictures/{}.svg", product["handle"].as_str().unwrap());
        let reply = server.send("GET", &path, &[("x-api-key", INTERNAL)], b"");
        assert_eq!(reply.status, Some(200), "{path}");
        assert_eq!(reply.header("content-type"), Some("image/svg+xml"));
        assert!(reply.header("cache-control").unwrap().contains("max-age"));
        let text = reply.text();
        assert!(
            text.starts_with("<svg ") && text.ends_with("</svg>\n"),
            "{path}"
        );
        let shapes = text.matches("<path").count() + text.matches("<rect").count();
        assert!(shapes > 4, "{path} is empty");
        let links = text.matches("http").count() + text.matches("href").count();
        assert_eq!(links, 1, "{path}: only the name space is an address");
        assert!(pictures.insert(text));
    }
    assert_eq!(
        server.send("GET", "/pictures/none.svg", &[], b"").status,
        Some(403)
    );
    assert_eq!(
        server
            .send("POST", "/pictures/tidewater-vase.svg", &[], b"")
            .status,
        Some(403)
    );
}
