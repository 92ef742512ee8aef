//! Which key goes first, and which one signs.

use concierge_proxy::attempts::{self, Outcome};
use concierge_proxy::keys::KeySlot;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::endpoints::Endpoint;
use concierge_proxy::memory::key_slots::{KeySlots, NOTICE_MS, TRY_AGAIN_MS};

use super::{T0, learn_at};

#[test]
fn a_refused_key_is_told_once_a_minute_each() {
    let mut key_slots = KeySlots::default();
    let current = key_slots.state_mut(KeySlot::Current);
    assert!(current.refused(T0));
    assert!(!current.refused(T0 + NOTICE_MS - 1));
    assert!(key_slots.state_mut(KeySlot::Next).refused(T0));
    assert!(
        key_slots
            .state_mut(KeySlot::Current)
            .refused(T0 + NOTICE_MS)
    );
}

#[test]
fn a_clock_that_ran_ahead_silences_no_notice() {
    let mut key_slots = KeySlots::default();
    key_slots.state_mut(KeySlot::Next).refused(T0 + 86_400_000);
    assert!(key_slots.state_mut(KeySlot::Next).refused(T0));
}

#[test]
fn the_next_key_goes_first_unless_it_is_refused() {
    let mut memory = Memory::default();
    let refuse = |memory: &mut Memory, slot| {
        learn_at(
            memory,
            &Outcome::KeyRefused,
            (Endpoint::Primary, slot),
            1,
            T0,
        )
    };
    assert_eq!(memory.key_slots.first(false, T0), KeySlot::Current);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Next);
    assert!(refuse(&mut memory, KeySlot::Next).reports_key);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Current);
    attempts::learn_good(Endpoint::Primary, KeySlot::Current, true, &mut memory);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Current);
    // The old key is gone, and the new one works now.
    refuse(&mut memory, KeySlot::Current);
    attempts::learn_good(Endpoint::Primary, KeySlot::Next, true, &mut memory);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Next);
}

#[test]
fn a_next_key_that_was_refused_is_tried_again() {
    let mut memory = Memory::default();
    let next = (Endpoint::Primary, KeySlot::Next);
    learn_at(&mut memory, &Outcome::KeyRefused, next, 1, T0);
    let later = T0 + TRY_AGAIN_MS;
    assert_eq!(memory.key_slots.first(true, later - 1), KeySlot::Current);
    assert_eq!(memory.key_slots.first(true, later), KeySlot::Next);
}

#[test]
fn a_key_that_was_refused_signs_nothing_until_it_is_taken() {
    let mut key_slots = KeySlots::default();
    assert_eq!(key_slots.signing(), KeySlot::Next);
    key_slots.state_mut(KeySlot::Next).refused(T0);
    // It may be tried again by then; it has not been.
    assert_eq!(key_slots.first(true, T0 + TRY_AGAIN_MS), KeySlot::Next);
    assert_eq!(key_slots.signing(), KeySlot::Current);
    key_slots.state_mut(KeySlot::Next).accepted();
    assert_eq!(key_slots.signing(), KeySlot::Next);
}
