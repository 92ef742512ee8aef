//! What is asked of omi.me, and by whom.

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use proptest::prelude::*;
use serde_json::json;

use super::{KEY, SECRET, ask, ask_with, bearer, facts, settings, taken, talk};
use crate::support::shop::{Shop, json_answer, visit};
use crate::support::{Settings, budget, cases};

#[test]
fn a_wish_goes_to_the_person_of_the_token_with_the_apps_key() {
    let mut shop = Shop::open(&settings());
    let told = ask(&mut shop, Route::CreateMemories, &facts(), taken);
    assert_eq!(told.status, 202, "{}", told.text);
    assert_eq!(told.body, json!({"request_id": told.request_id}));
    let sent = &told.sent[0];
    assert_eq!(
        sent.url,
        "https://api.omi.me/v2/integrations/app-1/user/memories?uid=uid%2F%25of%3Da%26person"
    );
    assert!(
        sent.headers
            .contains(&("Authorization".to_owned(), format!("Bearer {KEY}")))
    );
    let body = json!({
        "text": null, "memories": [{"content": "Size 42", "tags": ["size"]}], "text_source": "other",
    });
    assert_eq!(sent.body, body);
    let kept = json!({
        "text": "I like hats.", "consent": true, "started_at": "2026-01-02T03:04:05Z",
        "language": "en", "geolocation": {"latitude": 1}, "uid": "another", "text_source": "x",
    });
    let told = ask(
        &mut shop,
        Route::CreateConversation,
        &kept.to_string(),
        taken,
    );
    let body = json!({
        "text": "I like hats.", "text_source": "message", "started_at": "2026-01-02T03:04:05Z",
        "language": "en",
    });
    assert_eq!(told.sent[0].body, body);
    assert!(told.sent[0].url.contains("/user/conversations?uid="));
}

#[test]
fn a_list_has_its_documented_fields_and_says_where_it_goes_on() {
    let mut shop = Shop::open(&settings());
    let memory = json!({"id": "m", "content": "Size 42", "created_at": "2026", "tags": ["a", 1], "embedding": [1]});
    let upstream = json!({"memories": [memory, {"content": null}, 7]});
    let told = ask(&mut shop, Route::Memories, "limit=3&offset=6", |sent| {
        assert!(
            sent.url.ends_with("person&limit=3&offset=6"),
            "{}",
            sent.url
        );
        json_answer(200, &upstream)
    });
    let expected = json!({
        "memories": [{"id": "m", "content": "Size 42", "created_at": "2026", "tags": ["a"]}],
        "next_offset": 9, "request_id": told.request_id,
    });
    assert_eq!((told.status, &told.body), (200, &expected));
    let told = ask(&mut shop, Route::Memories, "", |_| {
        json_answer(200, &json!({}))
    });
    assert_eq!(told.body["memories"], json!([]));
    let conversation = json!({
        "id": "c", "structured": {"title": "T", "overview": "O"}, "geolocation": {"latitude": 1},
        "transcript_segments": [{"text": "One.", "start": 0}, {"text": "Two."}],
    });
    let upstream = json!({"conversations": [conversation]});
    let told = ask(&mut shop, Route::Conversations, "", |_| {
        json_answer(200, &upstream)
    });
    let expected = json!({
        "conversations": [{
            "id": "c", "created_at": null, "started_at": null, "finished_at": null,
            "title": "T", "overview": "O", "text": "One.\nTwo.",
        }],
        "next_offset": null, "request_id": told.request_id,
    });
    assert_eq!(told.body, expected);
}

#[test]
fn nobody_may_without_the_token_its_uid_and_its_scope() {
    let mut shop = Shop::open(&settings());
    let mut refused = |authorization: &str, status, code| {
        for (route, input) in [
            (Route::CreateMemories, facts()),
            (Route::Memories, String::new()),
            (Route::CreateConversation, talk("a")),
            (Route::Conversations, String::new()),
        ] {
            let told = ask_with(&mut shop, route, authorization, &input, |_| panic!("sent"));
            assert_eq!((told.status, told.outcome()), (status, code), "{route:?}");
            assert!(!told.text.contains("uid/") && !told.line.to_string().contains("uid/"));
        }
    };
    refused("", 401, "invalid_shopper_token");
    for claims in [
        json!({"scope": null}),
        json!({"scope": ""}),
        json!({"scope": "memories"}),
        json!({"omi_uid": null}),
        json!({"omi_uid": ""}),
        json!({"omi_uid": 7}),
        json!({"omi_uid": "a b"}),
        json!({"omi_uid": "a".repeat(129)}),
    ] {
        refused(&bearer(claims), 403, "insufficient_scope");
    }
    // A scope opens its own path alone.
    let reader = bearer(json!({"scope": "read_memories"}));
    let told = ask_with(&mut shop, Route::Memories, &reader, "", |_| {
        json_answer(200, &json!({}))
    });
    assert_eq!(told.status, 200);
    let told = ask_with(&mut shop, Route::CreateMemories, &reader, &facts(), taken);
    assert_eq!(told.outcome(), "insufficient_scope");
}

#[test]
fn what_is_not_switched_on_is_not_offered() {
    for settings in [
        Settings::good().with(Setting::ShopperTokenKey, SECRET),
        settings().with(Setting::OmiCapabilities, "read_conversations"),
    ] {
        let mut shop = Shop::open(&settings);
        let told = ask(&mut shop, Route::CreateMemories, &facts(), |_| {
            panic!("sent")
        });
        assert_eq!((told.status, told.outcome()), (404, "not_offered"));
    }
}

#[test]
fn the_settings_belong_together() {
    for (setting, mistake) in [
        (Setting::OmiAppId, "OMI_APP_KEY is set without OMI_APP_ID"),
        (Setting::OmiAppKey, "OMI_APP_ID is set without OMI_APP_KEY"),
        (
            Setting::OmiCapabilities,
            "OMI_APP_ID is set without OMI_CAPABILITIES",
        ),
        (
            Setting::ShopperTokenKey,
            "OMI_APP_ID is set without SHOPPER_TOKEN_KEY",
        ),
    ] {
        assert_eq!(settings().with(setting, "").mistakes(), [mistake]);
    }
    for wrong in ["create_memory", "read_memories;create_memories", "all"] {
        let mistakes = settings().with(Setting::OmiCapabilities, wrong).mistakes();
        assert_eq!(mistakes.len(), 1, "{wrong}: {mistakes:?}");
    }
    let limits = settings().read().1.unwrap().limits;
    assert_eq!(limits.omi, Some(budget("10/hour, 60/day")));
}

#[test]
fn a_wish_that_is_not_in_its_form_is_refused_before_anything_is_spent() {
    let mut shop = Shop::open(&settings());
    let fact = |content: &str| json!([{"content": content}]);
    for body in [
        json!({"memories": fact("a")}),
        json!({"memories": fact("a"), "consent": "true"}),
        json!({"memories": fact("a"), "consent": false}),
        json!({"memories": fact("a"), "text": "a", "consent": true}),
        json!({"consent": true}),
        json!({"memories": [], "consent": true}),
        json!({"memories": {}, "consent": true}),
        json!({"memories": fact(" "), "consent": true}),
        json!({"memories": fact(&"ä".repeat(501)), "consent": true}),
        json!({"memories": vec![json!({"content": "a"}); 21], "consent": true}),
        json!({"memories": [{"content": "a", "tags": [7]}], "consent": true}),
        json!({"memories": [{"content": "a", "tags": vec!["t"; 11]}], "consent": true}),
        json!({"text": "", "consent": true}),
    ] {
        let told = ask(&mut shop, Route::CreateMemories, &body.to_string(), |_| {
            panic!("sent")
        });
        assert_eq!(
            (told.status, told.outcome()),
            (400, "invalid_field"),
            "{body}"
        );
    }
    for body in [
        json!({"text": "a"}),
        json!({"consent": true}),
        json!({"text": "a", "consent": true, "started_at": "now"}),
        json!({"text": "a", "consent": true, "started_at": "2026T"}),
        json!({"text": "a", "consent": true, "started_at": "2026-01-02T03:04:05"}),
        json!({"text": "a", "consent": true, "started_at": "2026-01-02T03:04:05.Z"}),
        json!({"text": "a", "consent": true, "started_at": "2026-01-02 03:04:05Z"}),
        json!({"text": "a", "consent": true, "finished_at": 7}),
        json!({"text": "a", "consent": true, "language": "e"}),
        json!({"text": "a", "consent": true, "idempotency_key": ""}),
        json!({"text": "a", "consent": true, "idempotency_key": "a b"}),
    ] {
        let told = ask(
            &mut shop,
            Route::CreateConversation,
            &body.to_string(),
            |_| panic!("sent"),
        );
        assert_eq!(
            (told.status, told.outcome()),
            (400, "invalid_field"),
            "{body}"
        );
    }
    for query in [
        "limit=0",
        "limit=101",
        "offset=10001",
        "offset=-1",
        "limit=a",
    ] {
        let told = ask(&mut shop, Route::Memories, query, |_| panic!("sent"));
        assert_eq!(
            (told.status, told.outcome()),
            (400, "invalid_field"),
            "{query}"
        );
    }
    let most = json!({"memories": vec![json!({"content": "ä".repeat(100)}); 20], "consent": true});
    assert_eq!(
        ask(&mut shop, Route::CreateMemories, &most.to_string(), taken).status,
        202
    );
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn nothing_of_a_browsers_changes_the_person(body: String, query: String, extra: String, pass: String) {
        let mut shop = Shop::open(&settings());
        let fields = json!({
            "text": "a", "consent": true, "uid": extra, "omi_uid": extra, "app_id": extra, "language": "en",
            "user": {"uid": extra}, "shopper_pass": pass, "session_id": "a",
        });
        let authorization = bearer(json!({}));
        for (route, input) in [
            (Route::CreateConversation, fields.to_string()),
            (Route::CreateMemories, fields.to_string()),
            (Route::CreateMemories, body),
            (Route::Memories, format!("uid={query}&limit=5&omi_uid={extra}")),
            (Route::Conversations, query),
        ] {
            let mut visit = visit(route);
            (visit.authorization, visit.pass) = (&authorization, &pass);
            let told = shop.ask(visit, &input, |_| json_answer(200, &json!({})));
            for sent in told.sent {
                let (_, query) = sent.url.split_once('?').expect("a query");
                prop_assert!(query.starts_with("uid=uid%2F%25of%3Da%26person"), "{}", sent.url);
                prop_assert_eq!(query.matches("uid=").count(), 1);
                prop_assert!(sent.url.starts_with("https://api.omi.me/v2/integrations/app-1/"));
            }
        }
    }
}
