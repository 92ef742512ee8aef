//! Idempotency keys, and what the limiter knows of them.

use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{Event, Exchange, Failure, Next, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::protocol::{Account, Answer, Decision, Question};
use concierge_proxy::limits::receipts::MAX_REFUNDS;
use concierge_proxy::limits::write_behind::WriteBehind;
use concierge_proxy::limits::{Limits, Own, Tier};
use serde_json::json;

use super::{T0, ask, bearer, settings, talk};
use crate::support::shop::{HTML, JSON, Reaction, Shop, answer, json_answer};
use crate::support::{DAY, budget, entropy, limits, post};

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

/// A wish to have a conversation kept, by the holder of this token.
fn wish(authorization: &str) -> RequestHead<'_> {
    RequestHead {
        path: Route::CreateConversation.path(),
        authorization,
        ..post()
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
    let head = wish(&authorization);
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
    let head = wish(&authorization);
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
