//! What does not change when the API key does.

use concierge_proxy::contract::route::Route;
use concierge_proxy::gate::Gate;
use concierge_proxy::keys::KeySlot;
use concierge_proxy::network::Network;
use concierge_proxy::pass::Pass;
use concierge_proxy::proxy::{Asker, Who};
use concierge_proxy::settings::Setting;

use super::{new_pass, session, visit};
use crate::support::{DAY, ELSEWHERE, HERE, NOW, Settings, api_key, entropy, keys, keys_of, proxy};

fn before() -> Gate {
    Settings::good().open()
}

fn during() -> Gate {
    Settings::good()
        .with(Setting::ApiKeyNext, &api_key('1'))
        .open()
}

fn after() -> Gate {
    Settings::good().with(Setting::ApiKey, &api_key('1')).open()
}

#[test]
fn a_shopper_keeps_their_identity_through_a_rotation() {
    let first = visit(&before(), HERE, "", None, NOW, 1);
    let id = session(&first);
    let old = new_pass(&first);

    let plan = visit(&during(), HERE, old, Some(&id), NOW + DAY, 2);
    assert_eq!(
        (plan.identity.shopper, plan.identity.limiter),
        (first.identity.shopper, first.identity.limiter)
    );
    assert!(!plan.identity.newcomer);
    assert_eq!(session(&plan), id);
    let renewed = new_pass(&plan);
    assert!(Pass::read(renewed, &keys_of('1'), NOW + DAY).is_some());

    // The new key names limiters anew. That is no move: the shopper is no newcomer there.
    let later = visit(&after(), HERE, renewed, None, NOW + 2 * DAY, 3);
    assert_eq!(later.identity.shopper, first.identity.shopper);
    assert_ne!(later.identity.limiter, first.identity.limiter);
    assert_eq!(
        later.identity.limiter,
        visit(&after(), HERE, "", None, NOW, 9).identity.limiter
    );
    assert!(!later.identity.newcomer);
    // A pass that is renewed elsewhere does move.
    let elsewhere = visit(&after(), ELSEWHERE, renewed, None, NOW + 2 * DAY, 4);
    assert!(elsewhere.identity.newcomer);
}

#[test]
fn a_network_has_one_limiter_once_the_next_key_is_promoted() {
    let first = visit(&during(), HERE, "", None, NOW, 1);
    let pass = new_pass(&first);
    let here = visit(&after(), HERE, "", None, NOW, 9).identity.limiter;
    let there = visit(&after(), ELSEWHERE, "", None, NOW, 9)
        .identity
        .limiter;
    // This holds however young the pass is.
    for (address, limiter) in [(HERE, here), (ELSEWHERE, there)] {
        let plan = visit(&after(), address, pass, None, NOW + 60, 2);
        assert_eq!(plan.identity.shopper, first.identity.shopper);
        assert_eq!(plan.identity.limiter, limiter, "{address}");
        assert_eq!(plan.identity.newcomer, address == ELSEWHERE);
    }
}

#[test]
fn a_page_that_picks_its_ids_keeps_its_conversation_while_a_rotation_runs() {
    let first = visit(&before(), HERE, "", Some("my own"), NOW, 1);
    let pass = new_pass(&first);
    let id = session(&visit(&before(), HERE, pass, Some("my own"), NOW + 60, 2));
    let plan = visit(&during(), HERE, pass, Some("my own"), NOW + 120, 3);
    assert_eq!(session(&plan), id);
    assert_eq!(
        session(&visit(&during(), HERE, pass, Some(&id), NOW + 120, 4)),
        id
    );
}

#[test]
fn an_office_whose_passes_come_due_after_a_promotion_has_no_newcomer() {
    let passes: Vec<String> = (0..12)
        .map(|number| new_pass(&visit(&during(), HERE, "", None, NOW, number)).to_owned())
        .collect();
    for (number, pass) in (20..).zip(&passes) {
        let plan = visit(&after(), HERE, pass, None, NOW + DAY, number);
        assert!(!plan.identity.newcomer, "{number}");
    }
}

#[test]
fn a_next_key_that_is_refused_signs_nothing() {
    let gate = during();
    let proxy = proxy(&gate);
    let asker = Asker {
        network: Network::of(HERE),
        origin: None,
        now: NOW,
        entropy: entropy(1),
        slot: KeySlot::Current,
    };
    let fresh = proxy.plan(asker, &Who::Unknown, Route::Chat, b"{\"prompt\":\"a\"}");
    let fresh = fresh.expect("a good body").identity;
    let pass = fresh.new_pass.expect("a pass");
    let text = proxy.write(&pass, KeySlot::Current);
    assert_eq!(Pass::read(&text, &keys(), NOW), Some(pass));
    assert_eq!(Pass::read(&text, &keys_of('1'), NOW), None);
}

#[test]
fn a_conversation_begun_while_a_rotation_runs_outlives_it() {
    let first = visit(&during(), HERE, "", None, NOW, 1);
    let id = session(&first);
    let plan = visit(&after(), HERE, new_pass(&first), Some(&id), NOW + DAY, 2);
    assert_eq!(session(&plan), id);
}

#[test]
fn a_session_id_alone_is_a_pass_while_a_rotation_runs() {
    let first = visit(&before(), HERE, "", None, NOW, 1);
    let plan = visit(&during(), HERE, "", Some(&session(&first)), NOW + 60, 2);
    assert_eq!(
        (plan.identity.shopper, plan.identity.fresh),
        (first.identity.shopper, false)
    );
    assert_eq!(session(&plan), session(&first));
}

#[test]
fn a_key_that_is_replaced_without_an_overlap_is_worth_nothing() {
    let first = visit(&before(), HERE, "", None, NOW, 1);
    let id = session(&first);
    let plan = visit(&after(), HERE, new_pass(&first), Some(&id), NOW, 2);
    assert!(plan.identity.newcomer);
    assert_ne!(plan.identity.shopper, first.identity.shopper);
    assert_ne!(session(&plan), id);
}

#[test]
fn a_page_that_keeps_only_the_id_made_while_a_rotation_runs_is_known_after_it() {
    let first = visit(&during(), HERE, "", None, NOW, 1);
    let id = session(&first);
    let plan = visit(&after(), HERE, "", Some(&id), NOW + 60, 2);
    assert_eq!(
        (plan.identity.shopper, plan.identity.fresh),
        (first.identity.shopper, false)
    );
    assert_eq!(session(&plan), id);
}
