//! The texts with which pages ask for more products.

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::json;

use crate::support::shop::{Shop, Told, Visit, json_answer, visit};
use crate::support::{DAY, ELSEWHERE, Settings};

const CHAT: Visit<'static> = visit(Route::Chat);
const PRODUCTS: Visit<'static> = visit(Route::Products);

/// A chat whose answer has a next page, of these ids.
fn chat(shop: &mut Shop, ids: [&str; 2]) -> Told {
    let pagination = json!({
        "conversation_id": ids[0], "session_id": ids[1], "next_page_index": 4_294_967_295_u32,
        "has_next_page": true,
    });
    let answer = json!({"agent_reply": "Hats.", "pagination": pagination});
    let body = json!({"prompt": "a red hat"}).to_string();
    shop.ask(CHAT, &body, |_| json_answer(200, &answer))
}

fn next(told: &Told) -> &str {
    told.body["next_page"].as_str().expect("a page")
}

/// The status of a request for this page.
fn status(shop: &mut Shop, from: Visit<'_>, page: &str) -> u16 {
    let answer = json!({"items": []});
    let told = shop.ask(from, &format!("page={page}"), |_| json_answer(200, &answer));
    assert!(
        told.status == 200 || told.outcome() == "page_not_found",
        "{}",
        told.line
    );
    told.status
}

#[test]
fn a_page_is_good_for_its_shopper_alone() {
    let mut shop = Shop::open(&Settings::rewardsbot());
    let anna = chat(&mut shop, ["c-1", "s-1"]);
    let pass = anna.pass.as_deref().expect("a pass");
    let page = next(&anna).to_owned();
    let there = Visit {
        address: ELSEWHERE,
        ..PRODUCTS
    };
    assert_eq!(status(&mut shop, PRODUCTS, &page), 200);
    assert_eq!(status(&mut shop, Visit { pass, ..PRODUCTS }, &page), 200);
    assert_eq!(status(&mut shop, there, &page), 404);
    let bert = chat(&mut shop, ["c-2", "s-2"]);
    let other = bert.pass.as_deref().expect("a pass");
    assert_eq!(
        status(
            &mut shop,
            Visit {
                pass: other,
                ..PRODUCTS
            },
            &page
        ),
        404
    );
    shop.now += u64::from(DAY) * 2_000;
    assert_eq!(status(&mut shop, Visit { pass, ..there }, &page), 200);
}

#[test]
fn whoever_asks_for_a_page_is_the_shopper_whom_it_was_made_for() {
    let mut shop = Shop::open(&Settings::rewardsbot());
    let first = chat(&mut shop, ["c-1", "s-1"]);
    let answer = json!({"items": []});
    let told = shop.ask(PRODUCTS, &format!("page={}", next(&first)), |_| {
        json_answer(200, &answer)
    });
    assert_eq!(told.line["shopper"], first.line["shopper"]);
}

#[test]
fn a_session_id_is_no_page_and_a_page_no_session_id() {
    let mut shop = Shop::open(&Settings::rewards());
    let first = chat(&mut shop, ["c-1", "s-1"]);
    assert_eq!(status(&mut shop, PRODUCTS, first.session()), 404);
    // A short page fits in the field of a session id.
    let page = next(&first);
    assert!(page.len() <= 128);
    let body = json!({"session_id": page, "email": "a@b.co", "consent": true});
    let told = shop.ask(visit(Route::SignUp), &body.to_string(), |_| {
        panic!("it was sent")
    });
    assert_eq!((told.status, told.outcome()), (404, "session_not_found"));
}

#[test]
fn what_is_no_page_of_ours_is_not_found() {
    let mut shop = Shop::open(&Settings::rewardsbot());
    let first = chat(&mut shop, ["c-1", "s-1"]);
    let page = next(&first).to_owned();
    for other in [
        "",
        "A",
        "c-1",
        "%00",
        &page[1..],
        &page[..page.len() - 1],
        &format!("{page}A"),
        &format!("{page}="),
        &page
            .replace('A', "%41")
            .replace('-', "%2d")
            .replace('_', "%5f"),
        &"A".repeat(10_000),
    ] {
        if *other != page {
            assert_eq!(status(&mut shop, PRODUCTS, other), 404, "{other}");
        }
    }
}

#[test]
fn a_page_of_a_signing_key_that_is_gone_is_not_found() {
    let mut shop = Shop::open(&Settings::rewardsbot());
    let first = chat(&mut shop, ["c-1", "s-1"]);
    let other = Settings::rewardsbot().with(Setting::SigningKey, &"a5".repeat(32));
    assert_eq!(status(&mut Shop::open(&other), PRODUCTS, next(&first)), 404);
}

#[test]
fn the_longest_ids_that_are_read_fit_in_a_page() {
    let mut shop = Shop::open(&Settings::rewardsbot());
    let long = "a".repeat(96);
    let told = chat(&mut shop, [&long, &long]);
    assert!(next(&told).len() <= 512);
    assert_eq!(status(&mut shop, PRODUCTS, next(&told)), 200);
}
