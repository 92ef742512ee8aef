//! What shoppers ask to be remembered: what goes to omi.me, what comes back, and what it costs.

use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{Event, Exchange, Failure, Next, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::protocol::{Account, Answer, Decision, Question};
use concierge_proxy::limits::receipts::MAX_REFUNDS;
use concierge_proxy::limits::write_behind::WriteBehind;
use concierge_proxy::limits::{Limits, Own, Tier};
use concierge_proxy::settings::Setting;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::shop::{HTML, JSON, Reaction, Sent, Shop, Told, answer, json_answer, visit};
use crate::support::{DAY, NOW, Settings, WORKER, budget, cases, entropy, limits, post};
use crate::tokens::token;

const SECRET: &str = "a secret of the merchant's own server";
const KEY: &str = "sk_a-key-of-the-app";
const UID: &str = "uid/%of=a&person";
const T0: u64 = NOW as u64 * 1_000;

fn settings() -> Settings {
    Settings::good()
        .with(Setting::ShopperTokenKey, SECRET)
        .with(Setting::OmiAppId, "app-1")
        .with(Setting::OmiAppKey, KEY)
        .with(
            Setting::OmiCapabilities,
            "create_memories, create_conversations, read_memories,read_conversations",
        )
}

fn bearer(claims: Value) -> String {
    let mut all = json!({
        "sub": "anna", "exp": NOW + 80_000, "aud": WORKER, "omi_uid": UID,
        "scope": "create_memories create_conversations read_memories read_conversations",
    });
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    token(&all)
}

fn ask(
    shop: &mut Shop,
    route: Route,
    input: &str,
    upstream: impl FnMut(&Sent) -> Reaction,
) -> Told {
    let authorization = bearer(json!({}));
    ask_with(shop, route, &authorization, input, upstream)
}

fn ask_with(
    shop: &mut Shop,
    route: Route,
    authorization: &str,
    input: &str,
    upstream: impl FnMut(&Sent) -> Reaction,
) -> Told {
    let mut visit = visit(route);
    visit.authorization = authorization;
    shop.ask(visit, input, upstream)
}

fn taken(_: &Sent) -> Reaction {
    json_answer(200, &json!({}))
}

fn facts() -> String {
    json!({"memories": [{"content": "Size 42", "tags": ["size"]}], "consent": true}).to_string()
}

fn talk(key: &str) -> String {
    json!({"text": "I like hats.", "consent": true, "idempotency_key": key}).to_string()
}

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

#[test]
fn an_error_follows_its_table() {
    for (status, content_type, route, requests, code, refunded) in [
        (400, JSON, Route::Memories, 1, "upstream_error", false),
        (401, JSON, Route::Memories, 1, "misconfigured_proxy", false),
        (403, JSON, Route::Memories, 1, "omi_not_enabled", false),
        (404, JSON, Route::Memories, 1, "misconfigured_proxy", false),
        (422, JSON, Route::CreateMemories, 1, "upstream_error", false),
        (429, JSON, Route::CreateMemories, 3, "upstream_error", true),
        (500, JSON, Route::CreateMemories, 1, "upstream_error", false),
        (
            502,
            HTML,
            Route::CreateConversation,
            1,
            "upstream_error",
            false,
        ),
        (503, HTML, Route::Memories, 3, "upstream_error", false),
        (504, HTML, Route::Memories, 1, "upstream_error", false),
        (
            522,
            HTML,
            Route::CreateMemories,
            3,
            "upstream_invoke_error",
            true,
        ),
        (302, HTML, Route::Memories, 1, "upstream_error", false),
        (200, HTML, Route::Memories, 1, "upstream_error", false),
    ] {
        let mut shop = Shop::open(&settings());
        let input = match route {
            Route::CreateMemories => facts(),
            Route::CreateConversation => talk("a"),
            _ => String::new(),
        };
        let detail = r#"{"detail":"the secret uid/ of a person"}"#;
        let told = ask(&mut shop, route, &input, |_| {
            answer(status, content_type, detail)
        });
        assert_eq!(told.outcome(), code, "{status}");
        assert_eq!(told.sent.len(), requests, "{status} {:?}", told.ended());
        assert_eq!(told.refunded(), refunded, "{status}");
        assert!(!told.text.contains("uid/") && !told.line.to_string().contains("uid/"));
    }
}

#[test]
fn a_throttle_is_waited_out_from_one_second_on_and_doubling() {
    let mut shop = Shop::open(&settings().with(Setting::UpstreamAttempts, "4"));
    let before = shop.now;
    let told = ask(&mut shop, Route::CreateMemories, &facts(), |_| {
        answer(429, JSON, "{}")
    });
    assert_eq!(told.sent.len(), 4);
    let waited = shop.now - before;
    assert!((7_000..9_000).contains(&waited), "{waited} ms");
}

#[test]
fn what_fails_there_touches_no_chat() {
    let mut shop = Shop::open(&settings());
    for _ in 0..20 {
        ask(&mut shop, Route::Memories, "", |_| answer(503, HTML, ""));
        ask(&mut shop, Route::Memories, "", |_| answer(522, HTML, ""));
    }
    let told = shop.ask(visit(Route::Chat), r#"{"prompt":"hat"}"#, |_| {
        answer(502, HTML, "")
    });
    assert_eq!(
        told.sent.len(),
        3,
        "a chat has all its retries: {}",
        told.line
    );
}

#[test]
fn a_budget_that_is_spent_there_refuses_no_chat() {
    let mut isolate = settings().isolate();
    let authorization = bearer(json!({}));
    let head = |route: Route| RequestHead {
        method: route.method(),
        path: route.path(),
        authorization: &authorization,
        ..post()
    };
    let Next::Step(Step::Ask { .. }, asked) =
        Exchange::begin(&mut isolate, &head(Route::Memories), entropy(1), T0)
    else {
        panic!("a list asks the limiter")
    };
    let full = Decision::from_words(&[0, 30, 1, 10, 3_600, 30]).expect("a decision");
    let full = Event::Answer(Answer::Decision(full));
    let end = asked.handle(&mut isolate.memory, full, T0);
    assert!(matches!(end, Next::Respond(_)), "{end:?}");
    // Asked again, it is refused from memory. A chat is not.
    let again = Exchange::begin(&mut isolate, &head(Route::Memories), entropy(2), T0);
    assert!(matches!(again, Next::Respond(_)), "{again:?}");
    let chat = Exchange::begin(&mut isolate, &head(Route::Chat), entropy(3), T0);
    assert!(
        matches!(chat, Next::Step(Step::ReadBody { .. }, _)),
        "{chat:?}"
    );
}

fn reminding() -> Shop {
    let settings = settings()
        .with(Setting::OmiContext, "on")
        .with(Setting::UpstreamAttempts, "1");
    Shop::open(&settings)
}

/// The context of the chat that went to the assistant, and how often the memories were read.
fn remind(shop: &mut Shop, scope: &str, body: &Value, memories: &Reaction) -> (Value, usize) {
    let authorization = bearer(json!({"scope": scope}));
    let told = ask_with(
        shop,
        Route::Chat,
        &authorization,
        &body.to_string(),
        |sent| {
            if sent.url.contains("api.omi.me") {
                assert!(
                    sent.url.ends_with("person&limit=10&offset=0"),
                    "{}",
                    sent.url
                );
                return memories.clone();
            }
            // The assistant is not reached, which ends the chat without another step.
            answer(522, HTML, "")
        },
    );
    assert_eq!(told.outcome(), "upstream_invoke_error");
    assert_eq!(
        told.ended(),
        ["no_connection"],
        "only the chat is an attempt"
    );
    let (chat, reads) = told.sent.split_last().expect("a chat");
    (
        chat.body.get("context").cloned().unwrap_or_default(),
        reads.len(),
    )
}

fn known() -> Reaction {
    let memories: Vec<_> = (1..=12)
        .map(|n| json!({"content": format!("Fact {n}")}))
        .collect();
    json_answer(200, &json!({"memories": memories}))
}

#[test]
fn the_assistant_is_given_ten_memories_if_the_shopper_wants_that() {
    let body =
        json!({"prompt": "hat", "context": {"locale": "en", "shopper_memories": ["forged"]}});
    let (context, reads) = remind(&mut reminding(), "read_memories", &body, &known());
    let ten: Vec<_> = (1..=10).map(|n| format!("Fact {n}")).collect();
    assert_eq!(context, json!({"locale": "en", "shopper_memories": ten}));
    assert_eq!(reads, 1);
    // Only a token can stand for a memory.
    let (context, _) = remind(&mut reminding(), "", &body, &known());
    assert_eq!(context, json!({"locale": "en"}));
    let plain = json!({"prompt": "hat"});
    let (context, _) = remind(&mut reminding(), "read_memories", &plain, &known());
    assert_eq!(context, json!({"shopper_memories": ten}));
    // Not without the scope, and not unless it is switched on.
    let (context, reads) = remind(&mut reminding(), "create_memories", &plain, &known());
    assert_eq!((context, reads), (Value::Null, 0));
    let off = settings().with(Setting::UpstreamAttempts, "1");
    let (context, reads) = remind(&mut Shop::open(&off), "read_memories", &plain, &known());
    assert_eq!((context, reads), (Value::Null, 0));
}

#[test]
fn memories_that_do_not_come_in_time_or_in_form_change_no_chat() {
    let body = json!({"prompt": "hat", "context": {"locale": "en"}});
    for reaction in [
        Reaction::Event(Event::Elapsed),
        Reaction::Event(Event::Failed(Failure::Broken("reset".to_owned()))),
        answer(403, JSON, "{}"),
        answer(500, HTML, ""),
        answer(200, JSON, "{"),
        answer(200, JSON, r#"{"memories":[{"content":null},7]}"#),
    ] {
        let (context, reads) = remind(&mut reminding(), "read_memories", &body, &reaction);
        assert_eq!((context, reads), (json!({"locale": "en"}), 1));
    }
}

#[test]
fn memories_are_read_once_a_conversation_and_again_a_minute_after_a_failure() {
    let mut shop = reminding();
    let body = json!({"prompt": "hat", "session_id": "a"});
    let read = |shop: &mut Shop, body: &Value, reaction: &Reaction| {
        remind(shop, "read_memories", body, reaction).1
    };
    assert_eq!(read(&mut shop, &body, &known()), 1);
    assert_eq!(read(&mut shop, &body, &known()), 0);
    assert_eq!(
        read(
            &mut shop,
            &json!({"prompt": "hat", "session_id": "b"}),
            &known()
        ),
        1
    );
    shop.now += 3_600_000;
    assert_eq!(read(&mut shop, &body, &answer(500, HTML, "")), 1);
    assert_eq!(read(&mut shop, &body, &known()), 0);
    shop.now += 60_000;
    assert_eq!(read(&mut shop, &body, &known()), 1);
}

#[test]
fn as_many_memories_go_along_as_fit_into_a_body() {
    let long: Vec<_> = (1..=10)
        .map(|_| json!({"content": "a".repeat(1_000)}))
        .collect();
    let memories = json_answer(200, &json!({"memories": long}));
    let body = json!({"prompt": "p".repeat(1_900)});
    let (context, _) = remind(&mut reminding(), "read_memories", &body, &memories);
    assert_eq!(
        context["shopper_memories"].as_array().map(Vec::len),
        Some(6)
    );
}

#[test]
fn a_context_needs_an_assistant_that_has_one_and_the_capability() {
    let on = || settings().with(Setting::OmiContext, "on");
    let mistakes = on()
        .with(Setting::OmiCapabilities, "create_memories")
        .mistakes();
    assert_eq!(
        mistakes,
        ["OMI_CONTEXT is on without read_memories in OMI_CAPABILITIES"]
    );
    let homie = on()
        .with(Setting::Assistant, "homie")
        .with(Setting::HomieChatbotId, crate::support::CHATBOT);
    assert_eq!(
        homie.mistakes(),
        ["OMI_CONTEXT is on, but only sales-associate has a context"]
    );
    assert_eq!(on().with(Setting::OmiContext, "yes").mistakes().len(), 1);
}

const ANNA: Account = Account {
    shopper: 9 | 1 << 31,
    own: Own::Omi,
    receipt: 2,
    once: 5,
};

fn with_omi(text: &str) -> Limits {
    Limits {
        omi: Some(budget(text)),
        ..limits("1/minute", "1/minute", "1/minute")
    }
}

#[test]
fn a_key_is_good_once_a_day_and_a_repetition_costs_nothing() {
    let limits = with_omi("2/hour");
    let keyed = |once| Account { once, ..ANNA };
    let day = u64::from(DAY) * 1_000;
    let mut ledger = Ledger::default();
    assert_eq!(ledger.admit_verified(&limits, ANNA, T0).exceeded, None);
    // While it is under way, and when nobody has learned what became of it.
    for (at, left) in [(0, 60), (59_001, 1), (60_000, 0), (day - 1, 0)] {
        let full = ledger.admit_verified(&limits, ANNA, T0 + at).exceeded;
        let full = full.expect("a repetition");
        assert_eq!((full.tier, full.retry_after), (Tier::Pending, left), "{at}");
    }
    let mut ledger = Ledger::default();
    ledger.admit_verified(&limits, ANNA, T0);
    ledger.note_done(ANNA.once, T0 + 5);
    let again = ledger.admit_verified(&limits, ANNA, T0 + 6);
    assert_eq!(again.exceeded.expect("a repetition").tier, Tier::Done);
    assert_eq!(again.standing.remaining, 1);
    assert_eq!(
        ledger.admit_verified(&limits, keyed(6), T0 + 7).exceeded,
        None
    );
    let third = ledger.admit_verified(&limits, keyed(7), T0 + 8).exceeded;
    assert_eq!(third.expect("a third").tier, Tier::Shopper);
    let later = T0 + 3_600_010;
    assert_eq!(
        ledger.admit_verified(&limits, keyed(0), later).exceeded,
        None
    );
    let full = ledger.admit_verified(&limits, ANNA, T0 + day - 1).exceeded;
    assert_eq!(full.expect("a repetition").tier, Tier::Done);
    assert_eq!(
        ledger.admit_verified(&limits, ANNA, T0 + day + 5).exceeded,
        None
    );
}

#[test]
fn a_limiter_learns_what_became_of_a_key() {
    let steps = |reaction: Reaction| {
        let mut shop = Shop::open(&settings());
        let told = ask(&mut shop, Route::CreateConversation, &talk("a"), |_| {
            reaction.clone()
        });
        told.steps.join(" ")
    };
    let broken = Reaction::Event(Event::Failed(Failure::Broken("reset".to_owned())));
    for (reaction, expected) in [
        (json_answer(200, &json!({})), "send done"),
        // Certainly not done: the key is free. A request that never arrived is refunded as well.
        (answer(400, JSON, "{}"), "send free"),
        (answer(401, JSON, "{}"), "send free"),
        (answer(403, JSON, "{}"), "send free"),
        (answer(404, JSON, "{}"), "send free"),
        (answer(422, JSON, "{}"), "send free"),
        (answer(429, JSON, "{}"), "send wait send wait send refund"),
        (answer(522, HTML, ""), "send wait send wait send refund"),
        // Nobody knows.
        (answer(500, JSON, "{}"), "send"),
        (answer(502, HTML, ""), "send"),
        (answer(504, HTML, ""), "send"),
        (broken, "send"),
        (Reaction::Event(Event::Elapsed), "send"),
    ] {
        let name = format!("{reaction:?}");
        assert_eq!(steps(reaction), expected, "{name}");
    }
}

#[test]
fn a_key_is_freed_if_the_limiter_fails_or_the_shopper_leaves_before_anything_is_sent() {
    let mut isolate = settings().isolate();
    let authorization = bearer(json!({}));
    let head = RequestHead {
        path: Route::CreateConversation.path(),
        authorization: &authorization,
        ..post()
    };
    for failure in [
        Event::Elapsed,
        Event::Failed(Failure::Broken("reset".to_owned())),
        Event::Failed(Failure::ShopperLeft),
    ] {
        let mut next = Exchange::begin(&mut isolate, &head, entropy(1), T0);
        for event in [Event::Body(talk("a").into_bytes()), failure.clone()] {
            let Next::Step(_, exchange) = next else {
                panic!("{next:?}")
            };
            next = exchange.handle(&mut isolate.memory, event, T0);
        }
        let Next::Step(Step::Ask { question, .. }, exchange) = next else {
            panic!("{next:?}")
        };
        assert!(
            matches!(question, Question::RefundVerified(_)),
            "{question:?}"
        );
        let end = exchange.handle(&mut isolate.memory, Event::Elapsed, T0);
        assert!(matches!(end, Next::Respond(_)), "{failure:?}");
    }
}

#[test]
fn a_repetition_is_told_what_is_known() {
    let mut isolate = settings().isolate();
    let authorization = bearer(json!({}));
    let head = RequestHead {
        path: Route::CreateConversation.path(),
        authorization: &authorization,
        ..post()
    };
    for (words, status, outcome) in [
        ([9, 0, 4, 1, 86_400, 0], 202, "ok"),
        ([9, 0, 5, 1, 86_400, 7], 409, "in_progress"),
        ([9, 0, 5, 1, 86_400, 0], 409, "in_doubt"),
    ] {
        let mut next = Exchange::begin(&mut isolate, &head, entropy(1), T0);
        let decision = Decision::from_words(&words).expect("a decision");
        for event in [
            Event::Body(talk("a").into_bytes()),
            Event::Answer(Answer::Decision(decision)),
        ] {
            let Next::Step(_, exchange) = next else {
                panic!("{next:?}")
            };
            next = exchange.handle(&mut isolate.memory, event, T0);
        }
        let Next::Respond(end) = next else {
            panic!("{next:?}")
        };
        assert_eq!(end.reply.status, status);
        assert!(end.log.last().unwrap().text.contains(outcome), "{outcome}");
    }
}

#[test]
fn what_is_asked_there_and_chats_do_not_count_together() {
    let limits = Limits {
        verified: budget("1/hour"),
        ..with_omi("1/hour")
    };
    let mut ledger = Ledger::default();
    let chat = Account {
        shopper: 8,
        own: Own::Verified,
        once: 0,
        ..ANNA
    };
    assert_eq!(ledger.admit_verified(&limits, ANNA, T0).exceeded, None);
    assert_eq!(ledger.admit_verified(&limits, chat, T0).exceeded, None);
    assert!(ledger.admit_verified(&limits, chat, T0).exceeded.is_some());
}

#[test]
fn a_key_that_is_freed_is_good_again() {
    let limits = with_omi("2/hour");
    let mut object = WriteBehind::default();
    object.admit_verified(&limits, ANNA, T0);
    let standing = object.refund_verified(&limits, ANNA, T0 + 1).0;
    assert_eq!(standing.expect("a refund").remaining, 2);
    assert_eq!(
        object.admit_verified(&limits, ANNA, T0 + 2).0.exceeded,
        None
    );
    object.note(&limits, ANNA, false, T0 + 3);
    let again = object.admit_verified(&limits, ANNA, T0 + 4).0;
    assert_eq!((again.exceeded, again.standing.remaining), (None, 0));
}

#[test]
fn a_restored_object_knows_its_keys_and_frees_them_once() {
    let limits = with_omi("9/hour");
    let stored = || {
        let mut object = WriteBehind::default();
        let ops = object.admit_verified(&limits, ANNA, T0).1;
        WriteBehind::restore(&ops.write.expect("a snapshot")).expect("it reads back")
    };
    let again = stored().admit_verified(&limits, ANNA, T0 + 1).0.exceeded;
    assert_eq!(again.expect("a repetition").tier, Tier::Pending);
    let mut object = stored();
    let mut refund = |account| object.refund_verified(&limits, account, T0 + 20_000).0;
    assert_eq!(refund(Account { once: 0, ..ANNA }), None, "no receipt");
    assert_eq!(refund(ANNA).expect("a refund").remaining, 9);
    assert_eq!(refund(ANNA), None);
    assert_eq!(
        object.admit_verified(&limits, ANNA, T0 + 20_001).0.exceeded,
        None
    );
}

#[test]
fn keys_of_their_own_buy_no_more_refunds_than_there_are() {
    let limits = with_omi("1000/hour");
    let mut object = WriteBehind::default();
    let given = (1..=30).filter(|once| {
        let account = Account {
            once: *once,
            receipt: *once,
            ..ANNA
        };
        object.admit_verified(&limits, account, T0 + u64::from(*once));
        let refund = object.refund_verified(&limits, account, T0 + u64::from(*once));
        // Each key is free all the same.
        let again = object.admit_verified(&limits, account, T0 + u64::from(*once));
        assert_eq!(again.0.exceeded, None, "{once}");
        refund.0.is_some()
    });
    assert_eq!(given.count(), MAX_REFUNDS);
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
