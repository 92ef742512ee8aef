//! RewardsBot's errors. Its contract names only the status of a body that is not valid.

use concierge_proxy::contract::route::Route;
use serde_json::json;

use super::{check, check_chats, row};
use crate::support::Settings;
use crate::support::shop::{HTML, JSON, Shop, answer, json_answer, visit};

const DETAIL: &str = r#"{"detail":[{"loc":["body","chat"],"msg":"secret"}]}"#;

#[test]
fn an_error_is_judged_by_its_status() {
    check_chats(
        &Settings::rewardsbot(),
        &[
            row((400, JSON, DETAIL), "upstream_error", 1, false),
            row((401, JSON, DETAIL), "upstream_error", 1, false),
            row((403, JSON, DETAIL), "upstream_error", 1, false),
            row((404, JSON, DETAIL), "upstream_error", 1, false),
            row((410, JSON, DETAIL), "upstream_error", 1, false),
            row((422, JSON, DETAIL), "upstream_error", 1, false),
            row((429, JSON, DETAIL), "upstream_error", 3, true),
            row((500, JSON, DETAIL), "upstream_error", 2, false),
            row((500, HTML, ""), "upstream_error", 2, false),
            row((502, JSON, DETAIL), "upstream_error", 3, false),
            row((503, JSON, DETAIL), "upstream_error", 3, false),
            row((504, JSON, DETAIL), "upstream_error", 1, false),
        ],
    );
}

#[test]
fn a_page_that_has_expired_is_not_found() {
    for row in [
        row((404, JSON, DETAIL), "page_not_found", 1, false),
        row((410, JSON, DETAIL), "page_not_found", 1, false),
        row((410, HTML, ""), "page_not_found", 1, false),
        row((422, JSON, DETAIL), "upstream_error", 1, false),
        row((502, HTML, ""), "upstream_error", 3, false),
    ] {
        let mut shop = Shop::open(&Settings::rewardsbot());
        let pagination = json!({"conversation_id": "c", "session_id": "s", "next_page_index": 1, "has_next_page": true});
        let first = json!({"agent_reply": "Hats.", "pagination": pagination});
        let first = shop.chat(None, |_| json_answer(200, &first));
        let page = first.body["next_page"].as_str().expect("a page");
        let told = shop.ask(visit(Route::Products), &format!("page={page}"), |_| {
            answer(row.status, row.content_type, row.body)
        });
        check(&row, &told);
    }
}

#[test]
fn a_sign_up_is_sent_again_only_if_it_cannot_have_arrived() {
    let session = |shop: &mut Shop| {
        let first = shop.chat(None, |_| {
            json_answer(200, &json!({"agent_reply": "A hat."}))
        });
        first.session().to_owned()
    };
    for (status, requests) in [(500, 1), (502, 1), (503, 1), (504, 1), (429, 3), (522, 3)] {
        let mut shop = Shop::open(&Settings::rewards());
        let session_id = session(&mut shop);
        let body = json!({"session_id": session_id, "email": "a@b.example", "consent": true});
        let told = shop.ask(visit(Route::SignUp), &body.to_string(), |_| {
            answer(status, HTML, "")
        });
        assert_eq!(told.sent.len(), requests, "{status}");
    }
}
