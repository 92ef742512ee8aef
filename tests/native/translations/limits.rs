//! How much of an answer is passed on.

use serde_json::{Value, json};

use super::{chat, history, homie, omniops_as_built, products, rewardsbot};
use crate::support::shop::Shop;

/// An upstream's answer with so many products.
type Many = fn(usize) -> Value;

fn many() -> [(Shop, Many); 3] {
    fn items(name: &str, count: usize) -> Vec<Value> {
        let item = |number| json!({name: format!("Hat {number}")});
        (1..=count).map(item).collect()
    }
    [
        (
            homie(),
            |count| json!({"content": "Hats.", "products": items("designation", count)}),
        ),
        (rewardsbot(), |count| {
            let (some, rest) = (items("name", count / 2), items("name", count - count / 2));
            json!({"agent_reply": "Hats.", "found_products": {"search_results": {"a": some, "b": rest}}})
        }),
        (
            omniops_as_built(),
            |count| json!({"message": "Hats.", "shoppingMetadata": {"products": items("name", count)}}),
        ),
    ]
}

#[test]
fn an_answer_has_at_most_50_products_and_they_are_the_first() {
    for (mut shop, upstream) in many() {
        assert_eq!(products(&mut shop, &upstream(49)).len(), 49);
        for count in [50, 51, 10_000] {
            let products = products(&mut shop, &upstream(count));
            assert_eq!(products.len(), 50);
            assert_eq!(products[0]["title"], "Hat 1");
        }
    }
}

#[test]
fn products_without_a_title_take_nobodys_place() {
    let item = |number| match number % 2 {
        0 => json!({"designation": format!("Hat {number}")}),
        _ => json!({"gtin": "4006381333931"}),
    };
    let items: Vec<Value> = (0..200).map(item).collect();
    let products = products(
        &mut homie(),
        &json!({"content": "Hats.", "products": items}),
    );
    assert_eq!(products.len(), 50);
    assert_eq!(products[49]["title"], "Hat 98");
}

#[test]
fn an_answer_has_at_most_20_refinements() {
    let options: Vec<String> = (0..30).map(|number| format!("Option {number}")).collect();
    for (mut shop, upstream) in [
        (homie(), json!({"content": "Hats.", "suggestions": options})),
        (
            rewardsbot(),
            json!({"agent_reply": "Hats.", "refinement_result": {"category": "size", "options": options}}),
        ),
    ] {
        let told = chat(&mut shop, None, &upstream.to_string());
        let refinements = told.body["refinement_options"].as_array().expect("a list");
        assert_eq!(refinements.len(), 20);
        assert_eq!(refinements[19]["text"], "Option 19");
    }
}

#[test]
fn a_history_has_at_most_50_messages() {
    let message =
        |number| json!({"role": "user", "type": "answer", "content": format!("{number}")});
    let messages: Vec<Value> = (0..80).map(message).collect();
    let upstream = json!({"items": messages, "messages": messages}).to_string();
    for mut shop in [homie(), omniops_as_built()] {
        let answer = json!({"content": "Hats.", "message": "Hats.", "conversation_id": "c-1"});
        let first = chat(&mut shop, None, &answer.to_string());
        let told = history(&mut shop, first.session(), &upstream);
        assert_eq!(told.body["messages"].as_array().map(Vec::len), Some(50));
    }
}

#[test]
fn an_answer_of_a_mebibyte_is_the_largest_one() {
    for (length, status) in [(1_024 * 1_024, 200), (1_024 * 1_024 + 1, 502)] {
        let frame = json!({"content": "", "agent_reply": "", "message": ""}).to_string();
        let filler = "a".repeat(length - frame.len());
        let upstream = frame.replacen("\"\"", &format!("\"{filler}\""), 1);
        assert_eq!(upstream.len(), length);
        // The first of the three names is `agent_reply`.
        let told = chat(&mut rewardsbot(), None, &upstream);
        assert_eq!(told.status, status, "{length} bytes");
        if status != 200 {
            assert_eq!(told.outcome(), "upstream_error");
            assert_eq!(told.line["detail"], "answer: too large");
        }
    }
}

#[test]
fn an_answer_may_be_nested_64_levels_deep() {
    for (depth, status) in [(64, 200), (65, 502), (5_000, 502)] {
        let nested = format!("{}{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        let upstream = format!(r#"{{"message":"Hats.","unknown":{nested}}}"#);
        let told = chat(&mut omniops_as_built(), None, &upstream);
        assert_eq!(told.status, status, "{depth} levels");
    }
}

#[test]
fn a_text_that_was_cut_within_a_character_costs_no_other_text() {
    let cut = r#"{"content":"A hat.","cut":"\ud83d","products":[
        {"designation":"Hat","description":"\ud83d","\ud83d":1},{"designation":"\ud83d"}]}"#;
    let told = chat(&mut homie(), None, cut);
    assert_eq!(
        (told.status, &told.body["message"]),
        (200, &json!("A hat."))
    );
    assert_eq!(told.body["products"].as_array().map(Vec::len), Some(1));
    assert_eq!(told.body["products"][0]["description"], Value::Null);
}
