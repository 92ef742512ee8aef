//! RewardsBot's answers.

use concierge_proxy::contract::route::Route;
use serde_json::{Value, json};

use super::{chat, compare, content, expected, fixture, rewardsbot};
use crate::support::shop::{JSON, Shop, Told, answer, visit};

fn page(shop: &mut Shop, page: &str, upstream: &str) -> Told {
    shop.ask(visit(Route::Products), &format!("page={page}"), |_| {
        answer(200, JSON, upstream)
    })
}

/// The answer to a chat with this pagination.
fn paged(pagination: &Value) -> Told {
    let upstream = json!({"agent_reply": "Hats.", "pagination": pagination});
    chat(&mut rewardsbot(), None, &upstream.to_string())
}

#[test]
fn the_products_of_all_sources_follow_each_other() {
    compare(rewardsbot(), "rewardsbot/answer.json");
}

#[test]
fn a_part_of_another_form_is_left_out() {
    compare(rewardsbot(), "rewardsbot/variants.json");
}

#[test]
fn a_null_is_as_good_as_nothing() {
    compare(rewardsbot(), "rewardsbot/nulls.json");
    compare(rewardsbot(), "rewardsbot/null-parts.json");
    compare(rewardsbot(), "rewardsbot/null-product.json");
}

#[test]
fn unknown_fields_change_nothing() {
    compare(rewardsbot(), "rewardsbot/unknown-fields.json");
}

#[test]
fn a_warning_stands_in_a_paragraph_of_its_own() {
    for (reply, warning, message) in [
        (json!("A."), json!("B."), "A.\n\nB."),
        (json!("A."), json!(null), "A."),
        (json!("A."), json!(" "), "A."),
        (json!(null), json!("B."), "B."),
        (json!(7), json!("B."), "B."),
    ] {
        let upstream = json!({"agent_reply": reply, "product_warning": warning});
        let told = chat(&mut rewardsbot(), None, &upstream.to_string());
        assert_eq!(told.body["message"], message);
    }
}

#[test]
fn there_is_a_next_page_only_if_the_upstream_says_so_and_how_to_ask() {
    let good = json!({"conversation_id": "c-1", "session_id": "s_2", "next_page_index": 1, "has_next_page": true});
    assert!(paged(&good).body["next_page"].is_string());
    for (field, value) in [
        ("has_next_page", json!(false)),
        ("has_next_page", json!(null)),
        ("has_next_page", json!("true")),
        ("has_next_page", json!(1)),
        ("conversation_id", json!(null)),
        ("conversation_id", json!(7)),
        ("conversation_id", json!("a/b")),
        ("conversation_id", json!("a\u{0}b")),
        ("conversation_id", json!("a".repeat(97))),
        ("session_id", json!("")),
        ("session_id", json!("..")),
        ("session_id", json!("a?b")),
        ("next_page_index", json!(null)),
        ("next_page_index", json!("1")),
        ("next_page_index", json!(-1)),
        ("next_page_index", json!(1.5)),
        ("next_page_index", json!(4_294_967_296_u64)),
    ] {
        let mut pagination = good.clone();
        pagination[field] = value.clone();
        let told = paged(&pagination);
        assert_eq!(told.body.get("next_page"), None, "{field}: {value}");
        assert_eq!(told.status, 200);
    }
    assert_eq!(paged(&json!(null)).body.get("next_page"), None);
    assert_eq!(paged(&json!([])).body.get("next_page"), None);
}

#[test]
fn a_page_of_products_is_translated_and_leads_to_the_next_one() {
    let mut shop = rewardsbot();
    let told = chat(&mut shop, None, &fixture("rewardsbot/answer.json"));
    let first = told.body["next_page"].as_str().expect("a page").to_owned();
    let told = page(&mut shop, &first, &fixture("rewardsbot/more-products.json"));
    assert_eq!(content(&told), expected("rewardsbot/more-products.json"));
    assert!(told.sent[0].url.ends_with("/conv-77/rank_88/pages/1"));
    let second = told.body["next_page"].as_str().expect("a page").to_owned();
    assert_ne!(second, first);
    let told = page(
        &mut shop,
        &second,
        &fixture("rewardsbot/more-products.json"),
    );
    assert!(told.sent[0].url.ends_with("/conv-77/rank_88/pages/2"));
}

#[test]
fn the_last_page_leads_nowhere() {
    let mut shop = rewardsbot();
    let told = chat(&mut shop, None, &fixture("rewardsbot/answer.json"));
    let first = told.body["next_page"].as_str().expect("a page").to_owned();
    let ids = json!({"conversation_id": "c", "session_id": "s", "has_next_page": true});
    for (name, value) in [
        ("has_next_page", json!(false)),
        ("page_index", json!(null)),
        // There is no page after the last number.
        ("page_index", json!(u32::MAX)),
    ] {
        let mut upstream = ids.clone();
        upstream["page_index"] = json!(1);
        upstream[name] = value;
        let told = page(&mut shop, &first, &upstream.to_string());
        assert_eq!(content(&told), json!({"products": []}));
        assert_eq!(told.body["next_page"], json!(null), "{upstream}");
    }
}

#[test]
fn an_answer_that_says_nothing_is_an_empty_one() {
    for upstream in [
        "",
        "{}",
        r#"{"agent_reply":null,"found_products":{"search_results":{"a":[]}}}"#,
        r#"{"agent_reply":" ","product_warning":7}"#,
        r#"{"found_products":{"search_results":[{"name":"A hat"}]}}"#,
    ] {
        let told = chat(&mut rewardsbot(), None, upstream);
        let got = (told.status, told.outcome());
        assert_eq!(got, (502, "upstream_empty_response"), "{upstream:?}");
    }
}
