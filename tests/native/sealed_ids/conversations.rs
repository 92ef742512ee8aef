//! The session ids that pages keep of the translated assistants.

use base64ct::{Base64UrlUnpadded, Encoding};
use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use crate::support::shop::{Reaction, Sent, Shop, Told, Visit, json_answer, visit};
use crate::support::{DAY, ELSEWHERE, Settings, api_key};

const THEIRS: &str = "3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c";

fn upstream(_: &Sent) -> Reaction {
    let said = "A hat.";
    let answer = json!({
        "id": THEIRS, "conversation_id": THEIRS, "content": said, "message": said, "agent_reply": said,
    });
    json_answer(200, &answer)
}

fn chat(shop: &mut Shop, from: Visit<'_>, session: Option<&str>) -> Told {
    let body = json!({"prompt": "a red hat", "session_id": session});
    let told = shop.ask(from, &body.to_string(), upstream);
    assert_eq!(told.status, 200, "{}", told.line);
    told
}

const HERE: Visit<'static> = visit(Route::Chat);
const THERE: Visit<'static> = Visit {
    address: ELSEWHERE,
    ..HERE
};

/// With the pass that came with an answer.
fn with_pass<'a>(from: Visit<'a>, told: &'a Told) -> Visit<'a> {
    Visit {
        pass: told.pass.as_deref().expect("a pass"),
        ..from
    }
}

/// The id of the conversation that a chat went to, or null if it began a new one.
fn conversation(told: &Told) -> Value {
    let last = told.sent.last().expect("a request");
    match last.url.split_once("/v1/chats/") {
        Some(_) if told.sent.len() > 1 => Value::Null,
        Some((_, rest)) => json!(rest.split('/').next()),
        None => last.body["conversation_id"].clone(),
    }
}

fn shopper(told: &Told) -> String {
    told.line["shopper"].as_str().expect("a name").to_owned()
}

/// The assistants whose conversations have ids of the upstream's own.
fn assistants() -> [Settings; 2] {
    [Settings::homie(), Settings::omniops_as_built()]
}

#[test]
fn a_session_id_continues_the_conversation_that_it_was_made_for() {
    for settings in assistants() {
        let mut shop = Shop::open(&settings);
        let first = chat(&mut shop, HERE, None);
        assert_eq!(conversation(&first), Value::Null);
        let second = chat(&mut shop, with_pass(HERE, &first), Some(first.session()));
        assert_eq!(conversation(&second), THEIRS);
        assert_eq!(second.session(), first.session());
    }
}

#[test]
fn a_page_that_keeps_only_the_session_id_is_its_shopper_on_its_network() {
    for settings in assistants() {
        let mut shop = Shop::open(&settings);
        let first = chat(&mut shop, HERE, None);
        let same = chat(&mut shop, HERE, Some(first.session()));
        assert_eq!(
            (shopper(&same), conversation(&same)),
            (shopper(&first), json!(THEIRS))
        );
        let moved = chat(&mut shop, THERE, Some(first.session()));
        assert_ne!(shopper(&moved), shopper(&first));
        assert_eq!(conversation(&moved), Value::Null);
    }
}

#[test]
fn a_shopper_with_a_pass_goes_on_from_another_network() {
    for settings in assistants() {
        let mut shop = Shop::open(&settings);
        let first = chat(&mut shop, HERE, None);
        // So late that the pass moves.
        shop.now += u64::from(DAY) * 2_000;
        let moved = chat(&mut shop, with_pass(THERE, &first), Some(first.session()));
        assert_eq!(
            (shopper(&moved), conversation(&moved)),
            (shopper(&first), json!(THEIRS))
        );
        assert_eq!(moved.session(), first.session());
    }
}

#[test]
fn another_shoppers_session_id_begins_a_new_conversation() {
    for settings in assistants() {
        let mut shop = Shop::open(&settings);
        let anna = chat(&mut shop, HERE, None);
        for from in [HERE, THERE] {
            let bert = chat(&mut shop, from, None);
            let thief = chat(&mut shop, with_pass(from, &bert), Some(anna.session()));
            assert_eq!(shopper(&thief), shopper(&bert));
            assert_eq!(conversation(&thief), Value::Null);
            assert_ne!(thief.session(), anna.session());
        }
    }
}

#[test]
fn an_id_that_a_page_made_begins_a_new_conversation() {
    for settings in assistants() {
        let mut shop = Shop::open(&settings);
        for id in [THEIRS, "mine", "", "AAAA", &"A".repeat(128), "\u{1f3a9}"] {
            let told = chat(&mut shop, HERE, Some(id));
            assert_eq!(conversation(&told), Value::Null, "{id}");
            assert_ne!(told.session(), id);
            let next = chat(&mut shop, HERE, Some(told.session()));
            assert_eq!(conversation(&next), THEIRS);
        }
    }
}

#[test]
fn another_assistants_session_id_begins_a_new_conversation_of_the_same_shopper() {
    let key = "5a".repeat(32);
    let settings = |settings: Settings| settings.with(Setting::SigningKey, &key);
    let mut homie = Shop::open(&settings(Settings::homie()));
    let mut omniops = Shop::open(&settings(Settings::omniops_as_built()));
    let first = chat(&mut homie, HERE, None);
    let told = chat(&mut omniops, HERE, Some(first.session()));
    assert_eq!(
        (shopper(&told), conversation(&told)),
        (shopper(&first), Value::Null)
    );
    let told = chat(&mut homie, HERE, Some(told.session()));
    assert_eq!(
        (shopper(&told), conversation(&told)),
        (shopper(&first), Value::Null)
    );
}

#[test]
fn no_id_of_the_upstreams_is_readable_in_a_session_id() {
    for settings in assistants().into_iter().chain([Settings::rewardsbot()]) {
        let mut shop = Shop::open(&settings);
        let told = chat(&mut shop, HERE, None);
        let conversation = match told.sent[0].url.split_once("/chat/") {
            Some((_, id)) => id,
            None => THEIRS,
        };
        let bytes = Base64UrlUnpadded::decode_vec(told.session()).expect("base64url");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for part in conversation.as_bytes().windows(6) {
            assert!(!bytes.windows(6).any(|bytes| bytes == part));
            assert!(
                !told
                    .session()
                    .as_bytes()
                    .windows(6)
                    .any(|bytes| bytes == part)
            );
            assert!(!hex.as_bytes().windows(6).any(|bytes| bytes == part));
        }
    }
}

#[test]
fn a_session_id_outlives_a_rotation_of_the_signing_key() {
    let (old, new) = ("5a".repeat(32), "a5".repeat(32));
    for settings in assistants().into_iter().chain([Settings::rewardsbot()]) {
        let before = settings.clone().with(Setting::SigningKey, &old);
        let during = before.clone().with(Setting::SigningKeyNext, &new);
        let after = settings.clone().with(Setting::SigningKey, &new);
        let first = chat(&mut Shop::open(&before), HERE, None);
        let mut shop = Shop::open(&during);
        let second = chat(&mut shop, with_pass(HERE, &first), Some(first.session()));
        // The conversation goes on, for the same shopper under the same names.
        assert_eq!(second.session(), first.session());
        assert_eq!(
            second.sent.last().unwrap().url,
            first.sent.last().unwrap().url
        );
        assert_eq!(shopper(&second), shopper(&first));
        // Without a pass, too.
        let bare = chat(&mut shop, HERE, Some(first.session()));
        assert_eq!(bare.session(), first.session());
        // One that is begun now is good afterwards, on the same network and with the same pass.
        let third = chat(&mut shop, HERE, None);
        let mut shop = Shop::open(&after);
        for from in [HERE, with_pass(HERE, &third)] {
            let told = chat(&mut shop, from, Some(third.session()));
            assert_eq!(told.session(), third.session());
            assert_eq!(
                told.sent.last().unwrap().url,
                third.sent.last().unwrap().url
            );
        }
    }
}

#[test]
fn the_shoppers_id_upstream_stays_through_a_rotation_as_long_as_the_conversation_does() {
    let settings = Settings::omniops_as_built();
    let during = settings
        .clone()
        .with(Setting::SigningKeyNext, &"a5".repeat(32));
    let first = chat(&mut Shop::open(&settings), HERE, None);
    let second = chat(
        &mut Shop::open(&during),
        with_pass(HERE, &first),
        Some(first.session()),
    );
    assert_eq!(
        second.sent[0].body["session_id"],
        first.sent[0].body["session_id"]
    );
}

#[test]
fn with_a_signing_key_another_api_key_changes_no_shopper_and_no_conversation() {
    let settings = Settings::homie().with(Setting::SigningKey, &"5a".repeat(32));
    let other = settings.clone().with(Setting::ApiKey, &api_key('1'));
    let first = chat(&mut Shop::open(&settings), HERE, None);
    let mut shop = Shop::open(&other);
    for from in [HERE, with_pass(HERE, &first)] {
        let told = chat(&mut shop, from, Some(first.session()));
        assert_eq!(
            (shopper(&told), conversation(&told)),
            (shopper(&first), json!(THEIRS))
        );
    }
    // Without one, the API key is what signs.
    let mut shop = Shop::open(&Settings::homie().with(Setting::ApiKey, &api_key('1')));
    let first = chat(&mut Shop::open(&Settings::homie()), HERE, None);
    let told = chat(&mut shop, with_pass(HERE, &first), Some(first.session()));
    assert_ne!(shopper(&told), shopper(&first));
    assert_eq!(conversation(&told), Value::Null);
}

#[test]
fn a_conversation_without_an_id_still_names_its_shopper() {
    let mut shop = Shop::open(&Settings::omniops());
    let nameless = |_: &Sent| json_answer(200, &json!({"response": "A hat."}));
    let body =
        |session: Option<&str>| json!({"prompt": "a red hat", "session_id": session}).to_string();
    let first = shop.ask(HERE, &body(None), nameless);
    let second = shop.ask(HERE, &body(Some(first.session())), nameless);
    assert_eq!(shopper(&second), shopper(&first));
    assert_eq!(second.sent[0].body.get("conversationId"), None);
}
