//! Tests of Omi: what is written and listed, and its contradictions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::omi::{Omi, assert_refused, text};

const MAY: &str = "2026-05-05T12:00:00Z";

#[test]
fn a_conversation_is_listed_as_published() {
    let omi = Omi::new(&[]);
    let place = json!({ "latitude": 52.5, "longitude": 13.4 });
    omi.accept(
        "conversations",
        "ada",
        &json!({
            "text": "I look for a vase. A blue one!", "started_at": MAY, "geolocation": place,
            "text_source": "message", "text_source_spec": "shop", "language": "de",
        }),
    );
    let list = omi.list("conversations", "ada", "");
    let mut found = list[0].clone();
    let fields = found.as_object_mut().unwrap();
    support::assert_uuid_v4(&fields.remove("id").unwrap());
    assert!(fields.remove("created_at").unwrap().is_string());
    let expected = json!({
        "started_at": MAY,
        "finished_at": "2026-05-05T12:05:00.000Z",
        "text": "I look for a vase. A blue one!",
        "structured": { "title": "I look for a vase. A", "overview": "I look for a vase." },
        "transcript_segments": [
            { "text": "I look for a vase.", "start_time": 0.0, "end_time": 4.0 },
            { "text": "A blue one!", "start_time": 4.0, "end_time": 8.0 },
        ],
        "geolocation": place,
    });
    assert_eq!(found, expected);
    assert_eq!(list.len(), 1);
}

#[test]
fn a_conversation_starts_now_and_ends_five_minutes_later() {
    let omi = Omi::new(&[]);
    omi.accept("conversations", "ada", &text("A vase."));
    omi.accept("conversations", "ada", &text("A vase."));
    let list = omi.list("conversations", "ada", "");
    assert_ne!(list[0]["id"], list[1]["id"], "twice is two");
    assert_eq!(list[0]["started_at"], list[0]["created_at"]);
    let end = list[0]["finished_at"].as_str().unwrap();
    assert!(end > list[0]["started_at"].as_str().unwrap(), "{end}");
    let ends = json!({ "text": "A vase.", "started_at": MAY, "finished_at": "2026-05-06 01:00" });
    omi.accept("conversations", "ada", &ends);
    let list = omi.list("conversations", "ada", "&limit=1");
    assert_eq!(list[0]["finished_at"], "2026-05-06 01:00");
}

#[test]
fn memories_are_given_or_taken_from_a_text() {
    let omi = Omi::new(&[]);
    let given = json!([{ "content": "Likes blue", "tags": ["taste"] }, { "content": "Is tall" }]);
    omi.accept("memories", "ada", &json!({ "memories": given }));
    let both = json!({ "text": "Has a cat. Lives in Rome.", "memories": [{ "content": "Old" }] });
    omi.accept("memories", "ada", &both);
    let contents = omi.texts("memories", "ada", "", "content");
    let expected = [
        "Lives in Rome.",
        "Has a cat.",
        "Old",
        "Is tall",
        "Likes blue",
    ];
    assert_eq!(contents, expected, "the newest first");
    let list = omi.list("memories", "ada", "");
    assert_eq!(list[4]["tags"], json!(["taste"]));
    support::assert_uuid_v4(&list[4]["id"]);
    assert!(list[4]["created_at"].is_string());
    omi.accept("memories", "eve", &text(&"A fact. ".repeat(50)));
    assert_eq!(omi.list("memories", "eve", "").len(), 20, "at most");
}

#[test]
fn people_see_their_own_alone() {
    let omi = Omi::new(&[]);
    omi.accept("conversations", "a%26b", &text("A vase."));
    omi.accept("memories", "a%26b", &text("A hat."));
    for kind in ["conversations", "memories"] {
        assert_eq!(omi.list(kind, "a%26b", "").len(), 1);
        assert!(omi.list(kind, "a", "").is_empty());
    }
    let state = omi.0.control("state");
    assert_eq!(state["omi"]["conversations"][0]["uid"], "a&b");
    assert_eq!(state["omi"]["memories"][0]["content"], "A hat.");
    omi.0.send("POST", "/_simulator/reset", &[], b"");
    assert!(omi.list("memories", "a%26b", "").is_empty());
}

#[test]
fn lists_have_a_limit_and_an_offset() {
    let omi = Omi::new(&[("conversation-limit", "1000")]);
    let many: Vec<Value> = (0..101)
        .map(|n| json!({ "content": n.to_string() }))
        .collect();
    omi.accept("memories", "ada", &json!({ "memories": many }));
    for number in 0..3 {
        omi.accept("conversations", "ada", &text(&format!("No {number}")));
    }
    assert_eq!(omi.list("memories", "ada", "").len(), 100);
    assert_eq!(omi.list("memories", "ada", "&limit=1000").len(), 101);
    let part = omi.texts("memories", "ada", "&limit=2&offset=1", "content");
    assert_eq!(part, ["99", "98"]);
    let part = omi.texts("conversations", "ada", "&limit=1&offset=1", "text");
    assert_eq!(part, ["No 1"]);
    for kind in ["conversations", "memories"] {
        assert!(omi.list(kind, "ada", "&offset=500").is_empty());
        for query in ["limit=0", "limit=1001", "limit=x", "offset=-1", "offset=x"] {
            assert_refused(&omi.read(kind, "ada", &format!("&{query}")), 400, query);
        }
    }
}

#[test]
fn what_is_discarded_has_to_be_asked_for() {
    let omi = Omi::new(&[]);
    omi.accept("conversations", "ada", &text("Hm."));
    omi.accept("conversations", "ada", &text("A vase."));
    assert_eq!(omi.texts("conversations", "ada", "", "text"), ["A vase."]);
    let query = "&include_discarded=false";
    assert_eq!(omi.list("conversations", "ada", query).len(), 1);
    let all = omi.list("conversations", "ada", "&include_discarded=true");
    assert_eq!((all.len(), &all[1]["text"]), (2, &json!("Hm.")));
    assert_eq!(all[1]["structured"], json!({}), "without a title");
    let reply = omi.read("conversations", "ada", "&include_discarded=maybe");
    assert_refused(&reply, 400, "maybe");
}

#[test]
fn several_statuses_are_separated_by_commas_or_repeated() {
    let (commas, repeated) = (
        "&statuses=processing,completed",
        "&statuses=processing&statuses=completed",
    );
    for (reading, counts) in [("commas", [1, 0]), ("repeated", [0, 1])] {
        let omi = Omi::new(&[("statuses", reading)]);
        omi.accept("conversations", "ada", &text("A vase."));
        let count = |query: &str| omi.list("conversations", "ada", query).len();
        assert_eq!([count(commas), count(repeated)], counts, "{reading}");
        assert_eq!(count("&statuses=completed"), 1);
        assert_eq!(count("&statuses=processing"), 0);
    }
}

#[test]
fn a_conversation_is_answered_at_once_or_when_it_is_done() {
    let omi = Omi::new(&[("work", "60000")]);
    omi.accept("conversations", "ada", &text("A vase."));
    assert!(omi.list("conversations", "ada", "").is_empty());
    let working = omi.list("conversations", "ada", "&statuses=processing");
    assert_eq!(working.len(), 1);

    let omi = Omi::new(&[("answers", "when-done"), ("work", "80")]);
    let started = Instant::now();
    omi.accept("conversations", "ada", &text("A vase."));
    assert!(started.elapsed() >= Duration::from_millis(80));
    assert_eq!(omi.list("conversations", "ada", "").len(), 1);
}

#[test]
fn the_source_has_other_fields_than_the_page() {
    let omi = Omi::new(&[("conversations", "source")]);
    omi.accept("conversations", "ada", &text("A vase."));
    let conversation = &omi.list("conversations", "ada", "")[0];
    assert!(conversation.get("text").is_none());
    let segment = json!({ "text": "A vase.", "start": 0.0, "end": 4.0 });
    assert_eq!(conversation["transcript_segments"], json!([segment]));
}

#[test]
fn null_fields_are_omitted_or_present() {
    for (nulls, found) in [("omitted", None), ("present", Some(&Value::Null))] {
        let omi = Omi::new(&[("nulls", nulls)]);
        omi.accept("conversations", "ada", &text("Hm."));
        omi.accept("memories", "ada", &text("A vase."));
        let list = omi.list("conversations", "ada", "&include_discarded=true");
        assert_eq!(list[0].get("geolocation"), found, "{nulls}");
        assert_eq!(list[0]["structured"].get("title"), found, "{nulls}");
        let list = omi.list("memories", "ada", "");
        assert_eq!(list[0].get("tags"), found, "{nulls}");
    }
}

#[test]
fn memories_may_need_a_text_that_is_null() {
    let alone = json!({ "memories": [{ "content": "Likes blue" }] });
    let mut with_null = alone.clone();
    with_null["text"] = Value::Null;
    for (reading, status) in [("optional", 200), ("required", 422)] {
        let omi = Omi::new(&[("text-null", reading)]);
        assert_eq!(omi.write("memories", "ada", &alone).status, Some(status));
        omi.accept("memories", "ada", &with_null);
        omi.accept("memories", "ada", &text("A vase."));
    }
}
