//! Who asks, where they are counted, and in which conversation.

use concierge_proxy::network::{Network, NetworkTag};
use concierge_proxy::pass::Pass;

use super::{new_pass, session, visit};
use crate::support::{DAY, ELSEWHERE, HERE, NOW, Settings, keys, signer};

const FOREIGN: &str = "9b1f4e2d-6cb2-4f10-9ec0-1234567890ab";

fn tag(address: &str) -> NetworkTag {
    Network::of(address).tag(signer(&keys()))
}

#[test]
fn somebody_without_a_pass_is_a_newcomer_and_gets_one() {
    let gate = Settings::good().open();
    let plan = visit(&gate, HERE, "", None, NOW, 1);
    assert!(plan.identity.newcomer);
    let pass = Pass::read(new_pass(&plan), &keys(), NOW).expect("a good pass");
    assert_eq!(
        pass,
        Pass::issue(
            plan.identity.shopper,
            plan.identity.limiter,
            tag(HERE),
            tag(HERE),
            &keys(),
            NOW
        )
    );
    assert_ne!(
        visit(&gate, HERE, "", None, NOW, 2).identity.shopper,
        plan.identity.shopper
    );
}

#[test]
fn a_broken_pass_makes_a_newcomer_and_never_an_error() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let good = new_pass(&first);
    for pass in [
        "x".to_owned(),
        good[1..].to_owned(),
        format!("{good}, {good}"),
        good.to_lowercase(),
        "\u{e4}".repeat(42),
    ] {
        let plan = visit(&gate, HERE, &pass, None, NOW, 2);
        assert!(plan.identity.newcomer, "{pass}");
        assert!(plan.new_pass.is_some(), "{pass}");
        assert_ne!(plan.identity.shopper, first.identity.shopper, "{pass}");
    }
    let late = visit(&gate, HERE, good, None, NOW + 30 * DAY, 3);
    assert!(late.identity.newcomer);
    assert_ne!(late.identity.shopper, first.identity.shopper);
}

#[test]
fn the_holder_of_a_pass_is_known_and_counted_at_its_limiter() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    for address in [HERE, ELSEWHERE, ""] {
        let plan = visit(&gate, address, new_pass(&first), None, NOW + DAY - 1, 2);
        assert_eq!(plan.identity.shopper, first.identity.shopper);
        assert_eq!(plan.identity.limiter, first.identity.limiter, "{address}");
        assert!(!plan.identity.newcomer);
        assert_eq!(plan.new_pass, None);
    }
}

#[test]
fn a_pass_renewed_on_its_own_network_does_not_count_as_new() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let plan = visit(&gate, HERE, new_pass(&first), None, NOW + DAY, 2);
    assert_eq!(
        (plan.identity.shopper, plan.identity.limiter),
        (first.identity.shopper, first.identity.limiter)
    );
    assert!(!plan.identity.newcomer);
    let renewed = Pass::read(new_pass(&plan), &keys(), NOW + DAY).unwrap();
    assert!(!renewed.is_due(&keys(), NOW + DAY));
    // It keeps the time of its first issue.
    let last = Pass::issue(
        first.identity.shopper,
        first.identity.limiter,
        tag(HERE),
        tag(HERE),
        &keys(),
        NOW,
    )
    .renew(first.identity.limiter, tag(HERE), &keys(), NOW + DAY);
    assert_eq!(renewed, last);
}

#[test]
fn a_pass_renewed_elsewhere_moves_there_as_a_newcomer() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let there = visit(&gate, ELSEWHERE, "", None, NOW, 9).identity.limiter;
    let moved = visit(&gate, ELSEWHERE, new_pass(&first), None, NOW + DAY, 2);
    assert_eq!(moved.identity.shopper, first.identity.shopper);
    assert_eq!(moved.identity.limiter, there);
    assert_ne!(moved.identity.limiter, first.identity.limiter);
    assert!(moved.identity.newcomer);
    // From now on it is counted at the limiter there, and only there.
    let plan = visit(&gate, HERE, new_pass(&moved), None, NOW + DAY + 1, 3);
    assert_eq!(
        (plan.identity.shopper, plan.identity.limiter),
        (first.identity.shopper, there)
    );
    assert!(!plan.identity.newcomer);
}

#[test]
fn a_conversation_is_kept_across_a_move() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let id = session(&first);
    let mut pass = new_pass(&first).to_owned();
    for (number, address) in [(2, ELSEWHERE), (3, "203.0.113.5"), (4, HERE)] {
        let now = NOW + u32::from(number) * DAY;
        let plan = visit(&gate, address, &pass, Some(&id), now, number);
        assert_eq!(session(&plan), id, "at {address}");
        assert!(plan.identity.newcomer, "at {address}");
        pass = new_pass(&plan).to_owned();
        // An id made after the move is kept, too.
        let other = session(&visit(&gate, address, &pass, None, now, number + 10));
        assert_ne!(other, id);
        assert_eq!(
            session(&visit(&gate, HERE, &pass, Some(&other), now, 5)),
            other
        );
    }
}

#[test]
fn no_session_id_begins_a_new_conversation() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let pass = new_pass(&first);
    let second = visit(&gate, HERE, pass, None, NOW, 2);
    let third = visit(&gate, HERE, pass, Some(""), NOW, 3);
    let ids = [session(&first), session(&second), session(&third)];
    assert_ne!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
    assert_ne!(ids[0], ids[2]);
}

#[test]
fn the_holders_own_session_id_goes_through_as_it_is() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let id = session(&first);
    for address in [HERE, ELSEWHERE] {
        let plan = visit(&gate, address, new_pass(&first), Some(&id), NOW, 2);
        assert_eq!(session(&plan), id, "{address}");
        assert_eq!(plan.identity.shopper, first.identity.shopper);
    }
}

#[test]
fn an_id_that_a_client_picked_stands_for_one_conversation() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", Some(FOREIGN), NOW, 1);
    let id = session(&first);
    assert_ne!(id, FOREIGN);
    let pass = new_pass(&first);
    // One page keeps its own id, and one takes over the echoed id.
    for sent in [FOREIGN, &id] {
        let plan = visit(&gate, HERE, pass, Some(sent), NOW + 60, 2);
        assert_eq!(session(&plan), id, "{sent}");
        assert!(!plan.identity.newcomer);
    }
    let other = visit(&gate, HERE, "", Some(FOREIGN), NOW, 3);
    assert_ne!(session(&other), id);
}

#[test]
fn a_session_id_alone_is_a_pass_on_its_own_network() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let id = session(&first);
    let plan = visit(&gate, HERE, "", Some(&id), NOW + 60, 2);
    assert_eq!(
        (plan.identity.shopper, plan.identity.limiter),
        (first.identity.shopper, first.identity.limiter)
    );
    assert!(!plan.identity.fresh);
    assert_eq!(session(&plan), id);
    let pass = Pass::read(new_pass(&plan), &keys(), NOW + 60).unwrap();
    assert_eq!(
        (pass.shopper, pass.limiter, pass.network, pass.first),
        (
            first.identity.shopper,
            first.identity.limiter,
            tag(HERE),
            tag(HERE)
        )
    );
}

#[test]
fn a_session_id_alone_counts_as_new_at_a_limiter_without_a_chat_of_its_shopper() {
    let gate = Settings::good().open();
    let id = session(&visit(&gate, HERE, "", None, NOW, 1));
    // Ids never expire. Each id of a past month would otherwise be one more budget beside the
    // newcomers'.
    let plan = visit(&gate, HERE, "", Some(&id), NOW + 365 * DAY, 2);
    assert!(plan.identity.newcomer);
    assert!(!plan.identity.fresh);
}

#[test]
fn a_session_id_alone_is_a_foreign_id_on_another_network() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let id = session(&first);
    let plan = visit(&gate, ELSEWHERE, "", Some(&id), NOW + 60, 2);
    assert_ne!(plan.identity.shopper, first.identity.shopper);
    assert_ne!(plan.identity.limiter, first.identity.limiter);
    assert!(plan.identity.newcomer);
    assert_ne!(session(&plan), id);
    // The id that stands for it works like a pass there.
    let next = visit(&gate, ELSEWHERE, "", Some(&session(&plan)), NOW + 120, 3);
    assert_eq!(next.identity.shopper, plan.identity.shopper);
    assert_eq!(session(&next), session(&plan));
    assert!(!next.identity.fresh);
}

#[test]
fn another_shoppers_session_id_never_goes_through() {
    let gate = Settings::good().open();
    let anna = visit(&gate, HERE, "", None, NOW, 1);
    let stolen = session(&anna);
    let bert_here = visit(&gate, HERE, "", None, NOW, 2);
    let bert_there = visit(&gate, ELSEWHERE, "", None, NOW, 3);
    for bert in [&bert_here, &bert_there] {
        for address in [HERE, ELSEWHERE] {
            for now in [NOW, NOW + DAY] {
                let plan = visit(&gate, address, new_pass(bert), Some(&stolen), now, 4);
                assert_ne!(session(&plan), stolen, "{address}");
                assert_eq!(plan.identity.shopper, bert.identity.shopper);
            }
        }
    }
    // The thief has no pass and comes from elsewhere.
    for address in [ELSEWHERE, "192.0.2.2", ""] {
        let plan = visit(&gate, address, "", Some(&stolen), NOW, 5);
        assert_ne!(session(&plan), stolen, "{address}");
        assert_ne!(plan.identity.shopper, anna.identity.shopper);
    }
}

#[test]
fn an_id_spelled_otherwise_is_a_foreign_one() {
    let gate = Settings::good().open();
    let first = visit(&gate, HERE, "", None, NOW, 1);
    let id = session(&first);
    for spelling in [
        id.to_uppercase(),
        format!("{{{id}}}"),
        id.replace('-', ""),
        format!("{id} "),
    ] {
        if spelling == id {
            continue;
        }
        let plan = visit(&gate, HERE, "", Some(&spelling), NOW, 2);
        assert!(plan.identity.newcomer, "{spelling}");
        assert_ne!(session(&plan), id, "{spelling}");
    }
}
