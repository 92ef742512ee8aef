//! Answers that mean harm, or mean nothing: none of them makes an answer outside the contract.

mod bodies;
mod contract;

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use proptest::prelude::*;

use self::bodies::{any_answer, any_body, any_json};
use self::contract::check;
use super::{chat, history, rewardsbot};
use crate::support::shop::{JSON, Shop, answer, visit};
use crate::support::{Settings, cases};

/// A shop of each assistant, whose upstream is elsewhere or on this machine.
fn shops(local: bool) -> [Shop; 4] {
    let settings = [
        Settings::homie(),
        Settings::rewardsbot(),
        Settings::omniops(),
        Settings::omniops_as_built(),
    ];
    settings.map(|settings| {
        Shop::open(&if local {
            settings.with(Setting::BaseUrl, "http://localhost:9000/api")
        } else {
            settings
        })
    })
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_answer_of_an_upstream_makes_one_outside_the_contract(body in any_body(), local: bool) {
        for mut shop in shops(local) {
            let told = shop.chat(None, |_| answer(200, JSON, body.clone()));
            check(&told, local);
        }
    }

    #[test]
    fn no_message_of_an_upstream_makes_an_answer_outside_the_contract(
        text in prop_oneof![any_answer(), any_json()],
        local: bool,
    ) {
        for mut shop in shops(local) {
            check(&chat(&mut shop, None, &text), local);
        }
    }

    #[test]
    fn no_history_of_an_upstream_makes_one_outside_the_contract(
        text in prop_oneof![any_answer(), any_json()],
        local: bool,
    ) {
        for mut shop in shops(local) {
            let first = chat(&mut shop, None, r#"{"content":"A.","message":"A.","agent_reply":"A.","conversation_id":"c-1"}"#);
            let told = history(&mut shop, first.session(), &text);
            if told.outcome() != "not_offered" {
                check(&told, local);
            }
        }
    }

    #[test]
    fn no_page_of_an_upstream_makes_one_outside_the_contract(text in prop_oneof![any_answer(), any_json()]) {
        let mut shop = rewardsbot();
        let first = chat(&mut shop, None, &super::fixture("rewardsbot/answer.json"));
        let query = format!("page={}", first.body["next_page"].as_str().expect("a page"));
        let told = shop.ask(visit(Route::Products), &query, |_| answer(200, JSON, text.clone()));
        check(&told, false);
    }
}
