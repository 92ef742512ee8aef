//! The shopper's pass.

use base64ct::{Base64UrlUnpadded, Encoding};
use concierge_proxy::keys::Keys;
use concierge_proxy::network::{LimiterName, NetworkTag};
use concierge_proxy::pass::{HEADER, Pass, Shopper};
use proptest::prelude::*;

use crate::support::{DAY, NOW, api_key, cases, keys, keys_of, rotating, signer};

const LIMITER: LimiterName = LimiterName(*b"0123456789abcdef");
const TAG: NetworkTag = NetworkTag(*b"a network's tag!");
const NETWORK: NetworkTag = NetworkTag(*b"first network...");
const OTHER_NETWORK: NetworkTag = NetworkTag(*b"another network!");
const OTHER_LIMITER: LimiterName = LimiterName(*b"fedcba9876543210");

fn pass() -> Pass {
    Pass::issue(Shopper(0xfeed_beef), LIMITER, NETWORK, TAG, &keys(), NOW)
}

fn bytes_of(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).expect("base64url")
}

fn is_good(text: &str, keys: &Keys, now: u32) -> bool {
    Pass::read(text, keys, now).is_some()
}

#[test]
fn a_pass_reads_back_as_it_was_issued() {
    let text = pass().write(signer(&keys()));
    let read = Pass::read(&text, &keys(), NOW).expect("a good pass");
    assert_eq!(read, pass());
    assert_eq!(read.shopper, Shopper(0xfeed_beef));
    assert_eq!(
        (read.limiter, read.network, read.first),
        (LIMITER, NETWORK, TAG)
    );
}

#[test]
fn a_pass_is_108_characters_that_need_no_escape() {
    let text = pass().write(signer(&keys()));
    assert_eq!(text.len(), 108);
    assert!(
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    assert_eq!(HEADER, "Shopper-Pass");
}

#[test]
fn a_pass_with_any_bit_flipped_is_none() {
    let good = bytes_of(&pass().write(signer(&keys())));
    assert_eq!(good.len(), 81);
    for bit in 0..good.len() * 8 {
        let mut forged = good.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        let text = Base64UrlUnpadded::encode_string(&forged);
        assert!(!is_good(&text, &keys(), NOW), "bit {bit}");
    }
}

#[test]
fn a_pass_cut_short_or_extended_is_none() {
    let text = pass().write(signer(&keys()));
    for length in 0..text.len() {
        assert!(
            !is_good(&text[..length], &keys(), NOW),
            "{length} characters"
        );
        assert!(
            !is_good(&text[text.len() - length..], &keys(), NOW),
            "the last {length}"
        );
    }
    for more in ["A", "AA", "AAA", "AAAA", "=", "==", " ", "\n", "\0"] {
        assert!(
            !is_good(&format!("{text}{more}"), &keys(), NOW),
            "{more:?} behind"
        );
        assert!(
            !is_good(&format!("{more}{text}"), &keys(), NOW),
            "{more:?} before"
        );
    }
}

#[test]
fn a_pass_has_one_alphabet() {
    let spelled = |sign: char| {
        (0..)
            .map(|id| {
                Pass::issue(Shopper(id), LIMITER, NETWORK, TAG, &keys(), NOW).write(signer(&keys()))
            })
            .find(|text| text.contains(sign))
            .unwrap()
    };
    for (sign, other) in [("-", "+"), ("_", "/")] {
        let text = spelled(sign.chars().next().unwrap());
        assert!(is_good(&text, &keys(), NOW));
        assert!(
            !is_good(&text.replace(sign, other), &keys(), NOW),
            "{other}"
        );
    }
    let text = pass().write(signer(&keys()));
    for place in 0..text.len() {
        for sign in ["=", " ", "%", "."] {
            let mut bent = text.clone();
            bent.replace_range(place..=place, sign);
            assert!(!is_good(&bent, &keys(), NOW), "{sign:?} at {place}");
        }
    }
}

#[test]
fn a_pass_sent_twice_is_none() {
    let text = pass().write(signer(&keys()));
    for twice in [
        format!("{text}, {text}"),
        format!("{text},{text}"),
        format!("{text} {text}"),
        format!("{text}{text}"),
        format!("{text}, "),
    ] {
        assert!(!is_good(&twice, &keys(), NOW), "{twice}");
    }
}

#[test]
fn a_pass_of_another_key_is_none() {
    let text = pass().write(signer(&keys_of('1')));
    assert!(is_good(&text, &keys_of('1'), NOW));
    assert!(!is_good(&text, &keys_of('0'), NOW));
}

#[test]
fn a_code_made_for_something_else_makes_no_pass() {
    let keys = keys();
    let whole = bytes_of(&pass().write(signer(&keys)));
    let content = &whole[..63];
    let with = |content: &[u8], code: [u8; 18]| {
        Base64UrlUnpadded::encode_string(&[content, &code[..]].concat())
    };
    let signer = signer(&keys);
    assert!(is_good(&with(content, signer.pass(&[content])), &keys, NOW));
    assert!(!is_good(
        &with(content, signer.session(&[content])),
        &keys,
        NOW
    ));
    assert!(!is_good(
        &with(content, signer.mapping(&[content])),
        &keys,
        NOW
    ));
    // Signed well, in a format that is not ours.
    for format in [0, 1, 3, 255] {
        let mut content = content.to_vec();
        content[0] = format;
        let code = signer.pass(&[&content]);
        assert!(
            !is_good(&with(&content, code), &keys, NOW),
            "format {format}"
        );
    }
}

#[test]
fn a_pass_ends_30_days_after_its_last_renewal() {
    let text = pass().write(signer(&keys()));
    assert!(is_good(&text, &keys(), NOW + 30 * DAY - 1));
    assert!(!is_good(&text, &keys(), NOW + 30 * DAY));
    assert!(!is_good(&text, &keys(), u32::MAX));
    let renewed = pass()
        .renew(LIMITER, NETWORK, &keys(), NOW + 29 * DAY)
        .write(signer(&keys()));
    assert!(is_good(&renewed, &keys(), NOW + 59 * DAY - 1));
    assert!(!is_good(&renewed, &keys(), NOW + 59 * DAY));
}

#[test]
fn a_pass_ends_90_days_after_its_first_issue_however_often_renewed() {
    let mut pass = pass();
    for day in [20, 40, 60, 80, 89] {
        pass = pass.renew(LIMITER, NETWORK, &keys(), NOW + day * DAY);
    }
    let text = pass.write(signer(&keys()));
    assert!(is_good(&text, &keys(), NOW + 90 * DAY - 1));
    assert!(!is_good(&text, &keys(), NOW + 90 * DAY));
}

#[test]
fn a_pass_from_300_seconds_ahead_is_good_and_from_301_none() {
    let text = pass().write(signer(&keys()));
    assert!(is_good(&text, &keys(), NOW - 300));
    assert!(!is_good(&text, &keys(), NOW - 301));
    assert!(!is_good(&text, &keys(), 0));
    assert!(!pass().is_due(&keys(), NOW - 300));
}

#[test]
fn a_pass_is_due_when_it_is_a_day_old() {
    assert!(!pass().is_due(&keys(), NOW));
    assert!(!pass().is_due(&keys(), NOW + DAY - 1));
    assert!(pass().is_due(&keys(), NOW + DAY));
    let renewed = pass().renew(LIMITER, NETWORK, &keys(), NOW + DAY);
    assert!(!renewed.is_due(&keys(), NOW + 2 * DAY - 1));
    assert!(renewed.is_due(&keys(), NOW + 2 * DAY));
}

#[test]
fn a_pass_is_due_when_its_limiter_has_another_name() {
    let (old, both, new) = (keys_of('0'), rotating('0', '1'), keys_of('1'));
    assert!(!pass().is_due(&old, NOW));
    // The limiters follow the current key alone.
    assert!(!pass().is_due(&both, NOW));
    assert!(pass().is_due(&new, NOW));
}

#[test]
fn a_renewed_pass_keeps_the_shopper_and_the_first_network() {
    let moved = pass().renew(OTHER_LIMITER, OTHER_NETWORK, &keys(), NOW + DAY);
    let read = Pass::read(&moved.write(signer(&keys())), &keys(), NOW + DAY).unwrap();
    assert_eq!(read.shopper, pass().shopper);
    assert_eq!((read.limiter, read.network), (OTHER_LIMITER, OTHER_NETWORK));
    assert_eq!(read.first, TAG);
}

#[test]
fn while_a_rotation_runs_both_keys_are_good_and_the_next_one_signs() {
    let (old, both, new) = (keys_of('0'), rotating('0', '1'), keys_of('1'));
    let before = pass().write(signer(&old));
    assert!(is_good(&before, &both, NOW));
    let during = pass().write(signer(&both));
    assert_eq!(during, pass().write(signer(&new)));
    assert!(is_good(&during, &both, NOW));
    // Afterwards only what the next key has signed is left.
    assert!(is_good(&during, &new, NOW));
    assert!(!is_good(&before, &new, NOW));
    assert!(!is_good(&during, &old, NOW));
}

#[test]
fn a_pass_holds_no_key() {
    let text = pass().write(signer(&keys_of('A')));
    let bytes = bytes_of(&text);
    let digits = api_key('A');
    assert!(
        !bytes
            .windows(8)
            .any(|part| digits.as_bytes().windows(8).any(|key| key == part))
    );
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_shopper_and_limiter_reads_back(shopper: u32, limiter: [u8; 16], moved: [u8; 16], network: [u8; 16], now in DAY..u32::MAX - 100 * DAY) {
        let pass = Pass::issue(Shopper(shopper), LimiterName(limiter), NETWORK, TAG, &keys(), now).renew(LimiterName(moved), NetworkTag(network), &keys(), now + DAY);
        let read = Pass::read(&pass.write(signer(&keys())), &keys(), now + DAY);
        prop_assert_eq!(read, Some(pass));
    }

    #[test]
    fn no_text_is_a_pass_by_chance(text in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{108}"], now: u32) {
        prop_assert!(!is_good(&text, &keys(), now));
    }
}
