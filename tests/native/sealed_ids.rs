//! What an upstream has made for a shopper, sealed: who can open it, and who cannot.

mod conversations;
mod pages;

use base64ct::{Base64UrlUnpadded, Encoding};
use concierge_proxy::keys::{KeySlot, Keys};
use concierge_proxy::network::NetworkTag;
use concierge_proxy::pass::Shopper;
use concierge_proxy::sealed::{Kind, Sealed};
use proptest::prelude::*;

use crate::support::{cases, keys, keys_of, rotating, signer};

const TAG: NetworkTag = NetworkTag(*b"0123456789abcdef");
const OTHER_TAG: NetworkTag = NetworkTag(*b"fedcba9876543210");
const KINDS: [Kind; 2] = [Kind::Session, Kind::Page];
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn sealed(parts: &[&str]) -> Sealed {
    Sealed {
        shopper: Shopper(0xa11a_0001),
        assistant: 2,
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
    }
}

/// A conversation's id, sealed under these keys.
fn text(kind: Kind, keys: &Keys) -> String {
    let sealed = sealed(&["7c9e6679-7425-40de-944b-e07fc1f90ae7"]);
    sealed.seal(kind, &TAG, signer(keys)).expect("a text")
}

fn open(kind: Kind, text: &str, keys: &Keys) -> Option<Sealed> {
    Sealed::open(kind, text, &TAG, keys).map(|(sealed, _)| sealed)
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_was_sealed_opens(
        shopper: u32,
        assistant: u8,
        tag: [u8; 16],
        part in "[^\u{0}]{0,12}",
        more in prop::collection::vec("[^\u{0}]{0,4}", 0..3),
    ) {
        let tag = NetworkTag(tag);
        let parts: Vec<String> = [part].into_iter().chain(more).collect();
        let sealed = Sealed { shopper: Shopper(shopper), assistant, parts };
        for kind in KINDS {
            if let Some(text) = sealed.seal(kind, &tag, signer(&keys())) {
                let opened = Sealed::open(kind, &text, &tag, &keys());
                prop_assert_eq!(opened, Some((sealed.clone(), KeySlot::Current)));
                prop_assert!(text.bytes().all(|byte| ALPHABET.contains(&byte)));
            }
        }
    }

    #[test]
    fn no_text_opens_by_chance(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let encoded = Base64UrlUnpadded::encode_string(&bytes);
        for kind in KINDS {
            prop_assert_eq!(open(kind, &text, &keys()), None);
            prop_assert_eq!(open(kind, &encoded, &keys()), None);
        }
    }
}

#[test]
fn a_text_with_any_bit_flipped_opens_nothing() {
    let good = text(Kind::Session, &keys());
    let bytes = Base64UrlUnpadded::decode_vec(&good).expect("base64url");
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flipped = Base64UrlUnpadded::encode_string(&bytes);
        assert_eq!(open(Kind::Session, &flipped, &keys()), None, "bit {bit}");
    }
}

#[test]
fn a_text_with_any_other_character_opens_nothing() {
    let good = text(Kind::Session, &keys());
    for place in 0..good.len() {
        for other in ALPHABET
            .iter()
            .chain(b"=+/ %.")
            .map(|byte| char::from(*byte))
        {
            let mut spelling = good.clone();
            spelling.replace_range(place..=place, &other.to_string());
            let opened = open(Kind::Session, &spelling, &keys());
            assert_eq!(opened.is_some(), spelling == good, "{other} at {place}");
        }
    }
}

#[test]
fn a_text_that_is_cut_or_longer_opens_nothing() {
    let good = text(Kind::Session, &keys());
    for end in 0..good.len() {
        assert_eq!(open(Kind::Session, &good[..end], &keys()), None, "{end}");
        assert_eq!(
            open(Kind::Session, &good[end + 1..], &keys()),
            None,
            "{end}"
        );
    }
    for tail in ["A", "AA", "AAAA", "=", "==", "\n", " ", "\u{0}", &good] {
        assert_eq!(
            open(Kind::Session, &format!("{good}{tail}"), &keys()),
            None,
            "{tail:?}"
        );
    }
}

#[test]
fn a_text_has_one_spelling() {
    // Of these lengths, the last character of two in three holds bits that stand for nothing.
    for length in 1..7 {
        let id = "a".repeat(length);
        let good = sealed(&[&id])
            .seal(Kind::Session, &TAG, signer(&keys()))
            .expect("a text");
        let (last, rest) = (good.len() - 1, &good[..good.len() - 1]);
        let spellings = ALPHABET
            .iter()
            .map(|last| format!("{rest}{}", char::from(*last)));
        let good_ones = spellings.filter(|text| open(Kind::Session, text, &keys()).is_some());
        assert_eq!(good_ones.collect::<Vec<_>>(), [&*good], "{length} {last}");
        for spelling in [
            format!("{good}="),
            format!("{good}=="),
            good.replace('-', "+").replace('_', "/") + "=",
            format!(" {good}"),
            format!("{good}\n"),
            good.to_lowercase(),
        ] {
            assert_eq!(
                open(Kind::Session, &spelling, &keys()),
                None,
                "{spelling:?}"
            );
        }
    }
}

#[test]
fn one_kind_never_opens_as_another() {
    for (made, opened) in [(Kind::Session, Kind::Page), (Kind::Page, Kind::Session)] {
        let text = text(made, &keys());
        assert!(open(made, &text, &keys()).is_some());
        assert_eq!(open(opened, &text, &keys()), None);
    }
}

#[test]
fn a_text_opens_only_for_its_own_first_network() {
    let text = text(Kind::Session, &keys());
    assert_eq!(
        Sealed::open(Kind::Session, &text, &OTHER_TAG, &keys()),
        None
    );
    for bit in 0..128 {
        let mut tag = TAG;
        tag.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            Sealed::open(Kind::Session, &text, &tag, &keys()),
            None,
            "bit {bit}"
        );
    }
}

#[test]
fn a_text_of_another_key_opens_nothing() {
    let text = text(Kind::Session, &keys_of('1'));
    assert_eq!(open(Kind::Session, &text, &keys_of('0')), None);
}

#[test]
fn while_a_rotation_runs_texts_of_both_keys_open_and_the_next_one_makes_them() {
    let (old, both, new) = (keys_of('0'), rotating('0', '1'), keys_of('1'));
    let (before, during) = (text(Kind::Session, &old), text(Kind::Session, &both));
    let slot = |text: &str, keys: &Keys| {
        Sealed::open(Kind::Session, text, &TAG, keys).map(|(_, slot)| slot)
    };
    assert_eq!(slot(&before, &both), Some(KeySlot::Current));
    assert_eq!(slot(&during, &both), Some(KeySlot::Next));
    assert_eq!(slot(&during, &new), Some(KeySlot::Current));
    assert_eq!(slot(&before, &new), None);
    assert_eq!(during, text(Kind::Session, &new));
}

#[test]
fn the_same_content_always_has_the_same_text_and_no_other_has_it() {
    let seal = |sealed: &Sealed, kind, tag| sealed.seal(kind, tag, signer(&keys()));
    let one = sealed(&["a", "b"]);
    let mut texts = vec![seal(&one, Kind::Session, &TAG)];
    assert_eq!(seal(&one, Kind::Session, &TAG), texts[0]);
    for (other, kind, tag) in [
        (one.clone(), Kind::Page, &TAG),
        (one.clone(), Kind::Session, &OTHER_TAG),
        (sealed(&["a", "c"]), Kind::Session, &TAG),
        (sealed(&["ab"]), Kind::Session, &TAG),
        (sealed(&["", "ab"]), Kind::Session, &TAG),
        (sealed(&["a", "b", ""]), Kind::Session, &TAG),
        (
            Sealed {
                assistant: 3,
                ..one.clone()
            },
            Kind::Session,
            &TAG,
        ),
        (
            Sealed {
                shopper: Shopper(1),
                ..one.clone()
            },
            Kind::Session,
            &TAG,
        ),
    ] {
        let text = seal(&other, kind, tag);
        assert!(!texts.contains(&text), "{other:?}");
        texts.push(text);
    }
}

#[test]
fn two_texts_of_one_shopper_have_no_part_in_common() {
    let one = text(Kind::Session, &keys());
    let two = sealed(&["7c9e6679-7425-40de-944b-e07fc1f90ae8"]);
    let two = two
        .seal(Kind::Session, &TAG, signer(&keys()))
        .expect("a text");
    let same = one.bytes().zip(two.bytes()).filter(|(a, b)| a == b).count();
    // By chance, one character in 64 is the same.
    assert!(same < one.len() / 8, "{same} of {}", one.len());
}

#[test]
fn what_is_too_long_is_not_sealed() {
    // A part of `n` bytes is sealed with 37 bytes beside it.
    for (kind, most, chars) in [(Kind::Session, 59, 128), (Kind::Page, 347, 512)] {
        let seal = |bytes: usize| sealed(&[&"a".repeat(bytes)]).seal(kind, &TAG, signer(&keys()));
        let longest = seal(most).expect("a text");
        assert_eq!(longest.len(), chars);
        assert!(open(kind, &longest, &keys()).is_some());
        assert_eq!(seal(most + 1), None);
        assert_eq!(seal(10_000), None);
    }
}

#[test]
fn a_part_with_a_nul_is_not_sealed() {
    for parts in [&["\0"][..], &["a\0b"], &["a", "b\0"]] {
        assert_eq!(sealed(parts).seal(Kind::Page, &TAG, signer(&keys())), None);
    }
}

#[test]
fn nothing_of_the_content_is_readable() {
    let text = text(Kind::Session, &keys());
    let bytes = Base64UrlUnpadded::decode_vec(&text).expect("base64url");
    for secret in [&b"7c9e"[..], b"40de", &[0xa1, 0x1a, 0, 1]] {
        assert!(!bytes.windows(4).any(|part| part == secret));
    }
}

#[test]
fn what_seals_never_prints() {
    let printed = format!("{:?}", signer(&keys()).sealing());
    assert_eq!(printed, "Sealing(***)");
}
