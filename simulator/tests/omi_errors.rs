//! Tests of Omi: access, errors, limits, the record and the faults.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::Server;
use support::omi::{KEY, Omi, assert_refused, path, text};

#[test]
fn access_needs_a_key_an_app_a_person_and_a_capability() {
    let omi = Omi::new(&[("people", "ada,bob"), ("keys", "k1,k2")]);
    let ours = path("memories", "uid=ada");
    let theirs = "/v2/integrations/other/memories?uid=ada";
    let nobody = path("memories", "");
    let eve = path("memories", "uid=eve");
    let bearer = |key: &'static str| vec![("authorization", key)];
    for (path, headers, status) in [
        (ours.as_str(), vec![], 401),
        (ours.as_str(), bearer("Basic k1"), 401),
        (ours.as_str(), vec![("x-api-key", "k1")], 401),
        (ours.as_str(), vec![KEY], 403),
        (theirs, bearer("Bearer k1"), 404),
        (nobody.as_str(), bearer("Bearer k1"), 400),
        (eve.as_str(), bearer("Bearer k1"), 403),
    ] {
        let reply = omi.0.get(path, &headers);
        assert_refused(&reply, status, &format!("{path} {headers:?}"));
    }
    for key in ["Bearer k1", "Bearer k2"] {
        assert_eq!(omi.0.get(&ours, &bearer(key)).status, Some(200));
    }
    let changes = json!({ "omi": { "people": "eve", "app": "other" } });
    omi.0.switch(&changes);
    assert_eq!(omi.0.get(&ours, &bearer("Bearer k1")).status, Some(404));
    assert_eq!(omi.0.get(theirs, &bearer("Bearer k1")).status, Some(403));
}

#[test]
fn each_endpoint_needs_a_capability_of_its_own() {
    let all = [
        "create_conversations",
        "create_memories",
        "read_conversations",
        "read_memories",
    ];
    for missing in all {
        let others: Vec<&str> = all.into_iter().filter(|own| *own != missing).collect();
        let omi = Omi::new(&[("capabilities", &others.join(","))]);
        let replies = [
            omi.write("conversations", "ada", &text("A vase.")),
            omi.write("memories", "ada", &text("A vase.")),
            omi.read("conversations", "ada", ""),
            omi.read("memories", "ada", ""),
        ];
        for (own, reply) in all.iter().zip(replies) {
            match *own == missing {
                true => assert_refused(&reply, 403, own),
                false => assert_eq!(reply.status, Some(200), "{own} without {missing}"),
            }
        }
    }
}

#[test]
fn bodies_of_a_wrong_form_or_without_content_are_refused_and_not_stored() {
    let omi = Omi::new(&[]);
    let with = |name: &str, value: Value| {
        let mut body = text("A vase.");
        body[name] = value;
        body
    };
    for (kind, body, status) in [
        ("conversations", json!([]), 400),
        ("conversations", json!({}), 422),
        ("conversations", text(" \n"), 422),
        ("conversations", with("text", json!(7)), 400),
        ("conversations", with("text", Value::Null), 422),
        ("conversations", with("text_source", json!("email")), 400),
        ("conversations", with("started_at", json!("today")), 400),
        ("conversations", with("finished_at", json!(7)), 400),
        ("conversations", with("language", json!(7)), 400),
        (
            "conversations",
            with("geolocation", json!({ "latitude": 1 })),
            400,
        ),
        ("memories", json!({}), 422),
        ("memories", json!({ "text": null, "memories": [] }), 422),
        ("memories", with("memories", json!({})), 400),
        ("memories", with("memories", json!(["Likes blue"])), 400),
        (
            "memories",
            with("memories", json!([{ "content": "" }])),
            422,
        ),
        (
            "memories",
            with("memories", json!([{ "content": "a", "tags": "b" }])),
            400,
        ),
        ("memories", with("text_source", json!("message")), 400),
        ("memories", with("text_source_spec", json!({})), 400),
    ] {
        let reply = omi.write(kind, "ada", &body);
        assert_refused(&reply, status, &format!("{kind} {body}"));
    }
    let reply = omi
        .0
        .send("POST", &path("user/memories", "uid=ada"), &[KEY], b"{");
    assert_refused(&reply, 400, "no JSON");
    let nothing = json!({ "omi": { "conversations": [], "memories": [] } });
    assert_eq!(omi.0.control("state"), nothing);
}

#[test]
fn a_person_has_ten_conversations_and_sixty_memories_an_hour() {
    let omi = Omi::new(&[]);
    for (kind, most) in [("conversations", 10), ("memories", 60)] {
        for _ in 0..most {
            // What is refused does not count.
            omi.write(kind, "ada", &json!({}));
            omi.accept(kind, "ada", &text("A vase."));
        }
        let reply = omi.write(kind, "ada", &text("A vase."));
        assert_refused(&reply, 429, kind);
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((3_500..=3_600).contains(&wait), "{wait}");
        omi.accept(kind, "bob", &text("A vase."));
        assert_eq!(omi.list(kind, "ada", "").len(), most, "reading is free");
    }
}

#[test]
fn the_record_shows_who_wrote_what_about_whom() {
    let omi = Omi::new(&[]);
    omi.accept("conversations", "ada", &text("A vase."));
    let memory = json!({ "memories": [{ "content": "Likes blue" }] });
    omi.accept("memories", "bob", &memory);
    omi.list("memories", "ada", "&limit=5");
    let requests = omi.0.requests();
    let shown = |name: &str| -> Vec<Value> {
        let entries = requests.iter().map(|entry| entry[name].clone());
        entries.collect()
    };
    assert_eq!(shown("method"), ["POST", "POST", "GET"]);
    assert_eq!(shown("session_id"), ["ada", "bob", "ada"]);
    assert_eq!(shown("key"), ["ulator", "ulator", "ulator"]);
    let texts = [json!("A vase."), json!("Likes blue"), Value::Null];
    assert_eq!(shown("prompt"), texts);
    assert_eq!(shown("body")[1], memory.to_string());
    assert_eq!(shown("query")[2], "uid=ada&limit=5");
    let paths = ["user/conversations", "user/memories", "memories"];
    for (found, place) in shown("path").iter().zip(paths) {
        assert_eq!(*found, path(place, "").trim_end_matches('?'));
    }
}

#[test]
fn a_fault_is_ordered_by_text_or_endpoint_and_goes_on_by_person() {
    let omi = Omi::new(&[]);
    omi.0
        .order(&json!({ "fault": "html-502", "text": "Likes blue" }));
    let blue = json!({ "memories": [{ "content": "Likes blue" }] });
    assert_eq!(omi.write("memories", "ada", &blue).status, Some(502));
    omi.accept("memories", "ada", &text("A vase."));
    omi.0.no_fault();

    let order = json!({ "fault": "html-503|ok", "assistant": "omi", "endpoint": "read-memories" });
    omi.0.order(&order);
    let read = |uid: &str| omi.read("memories", uid, "").status.unwrap();
    let statuses = [read("ada"), read("bob"), read("ada"), read("bob")];
    assert_eq!(statuses, [503, 503, 200, 200]);
    omi.accept("conversations", "ada", &text("A vase."));
}

#[test]
fn a_write_whose_answer_is_lost_is_stored_and_one_that_did_not_arrive_is_not() {
    let omi = Omi::new(&[]);
    for kind in ["conversations", "memories"] {
        for (fault, stored) in [
            ("reset-before", 0),
            ("html-502", 0),
            ("reset-after", 1),
            ("truncated", 2),
        ] {
            let order = json!({ "fault": fault, "times": 1 });
            omi.0.order(&order);
            let reply = omi.write(kind, "ada", &text("A vase."));
            assert!(reply.status != Some(200) || !reply.is_whole(), "{fault}");
            assert_eq!(omi.list(kind, "ada", "").len(), stored, "{kind} {fault}");
        }
    }
}

/// Returns the list of each kind while this fault is in force.
fn hostile(server: &Server, fault: &str) -> [Value; 2] {
    server.hold(fault);
    let lists = ["conversations", "memories"].map(|kind| {
        let reply = server.get(&path(kind, "uid=ada"), &[KEY]);
        reply.json()[kind].clone()
    });
    server.no_fault();
    lists
}

#[test]
fn lists_can_be_hostile() {
    let omi = Omi::new(&[]);
    omi.accept("conversations", "ada", &text("A vase."));
    let tagged = json!({ "memories": [{ "content": "Likes blue", "tags": ["taste"] }] });
    omi.accept("memories", "ada", &tagged);
    for (fault, sign) in [
        ("hostile-html", "<script>"),
        ("hostile-types", ":7"),
        ("extra-fields", "simulator_extra"),
    ] {
        for list in hostile(&omi.0, fault) {
            assert!(list.to_string().contains(sign), "{fault}: {list}");
        }
    }
    let [conversations, memories] = hostile(&omi.0, "hostile-nulls");
    assert!(conversations[0]["structured"]["title"].is_null());
    assert!(memories[0].get("tags") == Some(&Value::Null) && memories[0]["content"].is_string());
    for list in hostile(&omi.0, "hostile-many") {
        assert_eq!(list.as_array().unwrap().len(), 10_000);
    }
    omi.0.hold("oversized:5000");
    let reply = omi.write("memories", "ada", &text("A vase."));
    assert_eq!(reply.json().as_object().unwrap().len(), 1, "padding alone");
    assert!(reply.body.len() >= 5_000);
}
