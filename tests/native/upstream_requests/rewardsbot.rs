//! The requests to RewardsBot.

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use super::{ask, chat, headers, pair, sent};
use crate::support::shop::{Shop, answer, visit};
use crate::support::{NOW, Settings};

const API: &str = "https://rewardsbot-prod.liquidrewardsapi.com";

/// The conversation's id at the end of a URL with this beginning.
fn conversation<'a>(url: &'a str, beginning: &str) -> &'a str {
    let id = url
        .strip_prefix(API)
        .and_then(|path| path.strip_prefix(beginning));
    let id = id.unwrap_or_else(|| panic!("{url}"));
    assert_eq!(id.len(), 32);
    assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    id
}

#[test]
fn a_chat_goes_to_a_conversation_of_our_making() {
    let sent = sent(&Settings::rewardsbot(), &json!({"prompt": "a red hat"}));
    assert_eq!(sent.method, "POST");
    conversation(&sent.url, "/chat/");
    assert_eq!(sent.body, json!({"chat": "a red hat"}));
}

#[test]
fn there_is_no_key() {
    let sent = sent(&Settings::rewardsbot(), &json!({"prompt": "a red hat"}));
    let wanted = [
        pair("Content-Type", "application/json"),
        pair("Accept", "application/json"),
        pair("User-Agent", "ours"),
    ];
    assert_eq!(headers(&sent), wanted);
}

#[test]
fn a_conversation_keeps_its_id_and_a_new_one_has_another() {
    let mut shop = Shop::open(&Settings::rewardsbot());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let next = json!({"prompt": "a blue one", "session_id": first.session()});
    let second = chat(&mut shop, &next);
    assert_eq!(second.sent[0].url, first.sent[0].url);
    assert_eq!(second.session(), first.session());
    let other = chat(&mut shop, &json!({"prompt": "a red hat"}));
    assert_ne!(other.sent[0].url, first.sent[0].url);
    assert_ne!(other.session(), first.session());
}

#[test]
fn a_conversations_id_does_not_depend_on_what_the_page_can_choose() {
    let settings = Settings::rewardsbot();
    let url = |session: Value| {
        let body = json!({"prompt": "a red hat", "session_id": session});
        sent(&settings, &body).url
    };
    let unnamed = url(Value::Null);
    assert_eq!(url(json!("mine")), unnamed);
    assert_eq!(url(json!("9b1f4e2d-6cb2-4f10-9ec0-1234567890ab")), unnamed);
    let id = conversation(&unnamed, "/chat/").to_owned();
    assert_eq!(url(json!(id)), unnamed);
    // Whoever has another signing key cannot make it.
    let other = settings.with(Setting::SigningKey, &"a5".repeat(32));
    assert_ne!(sent(&other, &json!({"prompt": "a red hat"})).url, unnamed);
}

#[test]
fn a_refinement_is_sent_as_such_and_the_prompt_only_if_it_says_more() {
    let chosen = json!({"text": "Large", "type": "size"});
    let selection = json!({"category": "size", "selection": "Large"});
    for (prompt, body) in [
        ("Large", json!({"refinement_selection": selection})),
        (
            "Large, and red",
            json!({"chat": "Large, and red", "refinement_selection": selection}),
        ),
        (
            "large",
            json!({"chat": "large", "refinement_selection": selection}),
        ),
    ] {
        let sent = sent(
            &Settings::rewardsbot(),
            &json!({"prompt": prompt, "refinement": chosen}),
        );
        assert_eq!(sent.body, body);
    }
}

#[test]
fn a_budget_becomes_a_filter_with_the_digits_as_they_were_written() {
    for (context, filter) in [
        (
            r#"{"budget_min":20,"budget_max":250.50}"#,
            Some(r#"{"low_price":20,"high_price":250.50}"#),
        ),
        (r#"{"budget_max":1e2}"#, Some(r#"{"high_price":1e2}"#)),
        (r#"{"budget_min":0}"#, Some(r#"{"low_price":0}"#)),
        (r#"{"budget_min":"20","budget_max":null}"#, None),
        (r#"{"budget_min":[20],"low_price":20}"#, None),
        ("{}", None),
    ] {
        let mut shop = Shop::open(&Settings::rewardsbot());
        let body = format!(r#"{{"prompt":"a hat","context":{context}}}"#);
        let told = ask(&mut shop, Route::Chat, &body);
        let filter = filter.map_or(String::new(), |filter| {
            format!(r#","product_filter":{filter}"#)
        });
        let wanted = format!(r#"{{"chat":"a hat"{filter}}}"#);
        assert_eq!(told.sent[0].text.as_deref(), Some(&*wanted), "{context}");
    }
}

#[test]
fn a_page_of_products_is_read_where_the_pagination_says() {
    let mut shop = Shop::open(&Settings::rewardsbot());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let page = first.body["next_page"].as_str().expect("a page");
    let told = ask(&mut shop, Route::Products, &format!("page={page}"));
    let sent = &told.sent[0];
    let url = format!("{API}/inventory/ranking-sessions/conv-77/rank_88/pages/1");
    assert_eq!((sent.method, &sent.url, &sent.text), ("GET", &url, &None));
    let wanted = [
        pair("Accept", "application/json"),
        pair("User-Agent", "ours"),
    ];
    assert_eq!(headers(sent), wanted);
}

#[test]
fn a_sign_up_belongs_to_the_conversation() {
    let mut shop = Shop::open(&Settings::rewards());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let body = json!({
        "session_id": first.session(), "email": "anna@example.com", "consent": true,
        "utm": {"utm_source": "newsletter", "utm_campaign": "spring \"sale\""},
        "card_bin": "411111", "external_id": "theirs", "presentation_id": "theirs",
    });
    let told = ask(&mut shop, Route::SignUp, &body.to_string());
    assert_eq!(told.status, 202);
    assert_eq!(told.body, json!({"request_id": told.request_id}));
    let (sent, id) = (&told.sent[0], conversation(&first.sent[0].url, "/chat/"));
    assert_eq!(
        (sent.method, conversation(&sent.url, "/signup/")),
        ("POST", id)
    );
    let wanted = json!({
        "program": "acme rewards", "email": "anna@example.com",
        "utm": {"utm_source": "newsletter", "utm_campaign": "spring \"sale\""},
    });
    assert_eq!(sent.body, wanted);
}

#[test]
fn a_click_belongs_to_the_conversation_and_has_an_id_of_its_own() {
    let mut shop = Shop::open(&Settings::rewards());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let body =
        json!({"session_id": first.session(), "email": "anna@example.com", "product_id": "p/1"});
    let told = ask(&mut shop, Route::Clicks, &body.to_string());
    assert_eq!(told.status, 202);
    let (sent, id) = (&told.sent[0], conversation(&first.sent[0].url, "/chat/"));
    assert_eq!(
        (sent.method, conversation(&sent.url, "/clickthrough/")),
        ("POST", id)
    );
    assert_eq!(NOW, 1_800_000_000);
    let wanted = json!({
        "program": "acme rewards", "email": "anna@example.com", "convo_id": id,
        "presentation_id": "p/1", "click_id": told.request_id,
        "click_datetime": "2027-01-15T08:00:00Z",
    });
    assert_eq!(sent.body, wanted);
}

#[test]
fn whatever_it_says_an_upstream_that_takes_what_it_is_told_has_accepted_it() {
    for (status, content_type, body) in [
        (202, "", ""),
        (202, "application/json", "{}"),
        (200, "text/html", "<html>"),
        (204, "", ""),
    ] {
        let mut shop = Shop::open(&Settings::rewards());
        let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
        let body_in = json!({"session_id": first.session(), "email": "a@b.co", "consent": true});
        let told = shop.ask(visit(Route::SignUp), &body_in.to_string(), |_| {
            answer(status, content_type, body)
        });
        assert_eq!(told.status, 202, "{status}");
        assert_eq!(told.body, json!({"request_id": told.request_id}));
    }
}

#[test]
fn an_address_is_in_no_url_no_header_no_log_line_and_no_answer() {
    let mut shop = Shop::open(&Settings::rewards());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let session = first.session();
    for (route, body) in [
        (
            Route::SignUp,
            json!({"session_id": session, "email": "anna@example.com", "consent": true}),
        ),
        (
            Route::Clicks,
            json!({"session_id": session, "email": "anna@example.com", "product_id": "p"}),
        ),
    ] {
        let told = ask(&mut shop, route, &body.to_string());
        let sent = &told.sent[0];
        let seen = format!(
            "{} {:?} {} {} {:?}",
            sent.url, sent.headers, told.line, told.text, told.headers
        );
        assert!(!seen.contains("anna") && !seen.contains("%40"), "{seen}");
    }
}
