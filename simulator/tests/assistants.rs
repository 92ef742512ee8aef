//! Tests of what all assistants share: where they are served, the record, and the switches.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use simulator::{Assistant, Serve, Switched};
use support::calls::calls;
use support::homie::{CHATBOT, KEY};
use support::{CHAT, INTERNAL, Server};

fn all() -> Server {
    Server::serving(Serve::All, Switched::default())
}

#[test]
fn all_are_served_on_one_port_under_their_names() {
    let server = all();
    let chat = json!({ "prompt": "hat" });
    let path = format!("/sales-associate{CHAT}");
    let reply = server.call("POST", &path, &[("x-api-key", INTERNAL)], &chat);
    assert_eq!(reply.status, Some(200));
    let chat = json!({ "chatbotId": CHATBOT });
    let reply = server.call("POST", "/homie/v1/chats", &[KEY], &chat);
    assert_eq!(reply.status, Some(201));
    let chat = json!({ "chat": "hat" });
    let reply = server.call("POST", "/rewardsbot/chat/a%20b", &[], &chat);
    assert_eq!(reply.status, Some(200));
    let chat = json!({ "message": "hat" });
    let reply = server.call("POST", "/omniops/api/chat", &[], &chat);
    assert_eq!(reply.status, Some(401));
    let reply = server.get("/omi/v2/integrations/a/memories", &[]);
    assert_eq!(reply.status, Some(401));
    assert_eq!(server.call("POST", CHAT, &[], &chat).status, Some(404));
    assert_eq!(server.get("/", &[]).status, Some(200));
}

#[test]
fn each_can_have_a_port_of_its_own_and_the_record_is_one() {
    let list = vec![(Assistant::Homie, 0), (Assistant::RewardsBot, 0)];
    let server = Server::serving(Serve::Each(list), Switched::default());
    assert_eq!(server.urls.len(), 2);
    let reply = server.call(
        "POST",
        "/v1/chats",
        &[KEY],
        &json!({ "chatbotId": CHATBOT }),
    );
    assert_eq!(reply.status, Some(201));
    let other = server.at(1);
    let reply = other.call("POST", "/chat/c", &[], &json!({ "chat": "hat" }));
    assert_eq!(reply.status, Some(200));
    assert_eq!(other.requests().len(), 2);
}

#[test]
fn a_path_that_an_api_does_not_have_is_refused_in_its_own_form() {
    for (assistant, status, field) in [
        (Assistant::SalesAssociate, 403, "message"),
        (Assistant::Homie, 404, "statusCode"),
        (Assistant::RewardsBot, 404, "detail"),
        (Assistant::Omniops, 404, "error"),
        (Assistant::Omi, 404, "detail"),
    ] {
        let server = Server::playing(assistant, &[]);
        let reply = server.get("/nowhere", &[]);
        assert_eq!(reply.status, Some(status), "{assistant}");
        assert!(reply.json()[field] != Value::Null, "{assistant}");
    }
}

#[test]
fn the_record_says_assistant_and_endpoint_of_every_request() {
    for assistant in Assistant::ALL {
        let server = Server::playing(assistant, &[]);
        let calls = calls(&server, assistant);
        server.send("DELETE", "/_simulator/requests", &[], b"");
        for call in &calls {
            assert_eq!(
                call.send(&server).status,
                Some(call.status),
                "{}",
                call.name()
            );
        }
        server.get("/nowhere", &[]);
        let requests = server.requests();
        let (last, entries) = requests.split_last().unwrap();
        for (entry, call) in entries.iter().zip(&calls) {
            assert_eq!(entry["assistant"], assistant.name());
            assert_eq!(entry["endpoint"], call.endpoint);
        }
        assert_eq!(last["endpoint"], Value::Null);
    }
}

#[test]
fn only_requests_with_a_message_are_chats_and_their_entry_has_text_and_conversation() {
    for assistant in Assistant::ALL {
        let server = Server::playing(assistant, &[]);
        let calls = calls(&server, assistant);
        server.send("DELETE", "/_simulator/requests", &[], b"");
        for call in &calls {
            call.send(&server);
        }
        let chats = server.control("chats");
        let chats = chats.as_array().unwrap();
        if assistant == Assistant::Omi {
            assert!(chats.is_empty(), "nobody chats with it");
            continue;
        }
        assert_eq!(chats.len(), 1, "{assistant}");
        assert_eq!(chats[0]["prompt"], "vases", "{assistant}");
        assert!(chats[0]["session_id"].is_string(), "{assistant}");
        assert_eq!(server.control("count")["chats"], 1);
    }
}

#[test]
fn a_switch_can_be_read_changed_and_put_back() {
    let mut switched = Switched::default();
    switched.set(Assistant::Homie, "link", "url").unwrap();
    let server = Server::serving(Serve::All, switched);
    let link = || server.control("switches")["homie"]["link"].clone();
    assert_eq!(link(), "url");
    server.switch(&json!({ "homie": { "link": "uri" }, "omniops": { "dialect": "as-built" } }));
    assert_eq!(link(), "uri");
    assert_eq!(server.control("switches")["omniops"]["dialect"], "as-built");
    server.send("POST", "/_simulator/reset", &[], b"");
    assert_eq!(link(), "url", "as it was at the start");
}

#[test]
fn a_wrong_switch_is_refused_with_a_reason_and_changes_nothing() {
    let server = all();
    for (change, reason) in [
        (json!({ "homie": { "link": "href" } }), "uri"),
        (json!({ "homie": { "names": true, "lnik": "uri" } }), "lnik"),
        (json!({ "homie": { "chatbot": "me" } }), "UUID"),
        (json!({ "homey": {} }), "homie"),
        (
            json!({ "sales-associate": { "link": "uri" } }),
            "no switches",
        ),
        (json!([]), "map"),
    ] {
        let reply = server.call("PUT", "/_simulator/switches", &[], &change);
        assert_eq!(reply.status, Some(400), "{change}");
        assert!(reply.text().contains(reason), "{}", reply.text());
    }
    assert_eq!(server.control("switches")["homie"]["names"], false);
}

#[test]
fn a_reset_forgets_what_the_assistants_remember() {
    let server = Server::playing(Assistant::RewardsBot, &[]);
    for call in calls(&server, Assistant::RewardsBot) {
        call.send(&server);
    }
    assert_eq!(
        server.control("state")["rewardsbot"]["clicks"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    server.send("POST", "/_simulator/reset", &[], b"");
    let empty = json!({ "rewardsbot": { "clicks": [], "signups": [] } });
    assert_eq!(server.control("state"), empty);
}
