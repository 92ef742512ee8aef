//! The keys that sign, where they are not the API keys.

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};
use concierge_proxy::config::Config;
use concierge_proxy::settings::{Raw, Setting};
use proptest::prelude::*;

use crate::support::{Settings, api_key, cases};

const BOUNDS: &str = "SIGNING_KEY must be 32 to 64 bytes in hex or base64";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn config(settings: &Settings) -> Config {
    settings.read().1.expect("right settings")
}

/// The bytes that a signing key of this spelling stands for.
fn read(text: &str) -> Option<Vec<u8>> {
    let settings = Settings::good().with(Setting::SigningKey, text);
    let config = settings.read().1.ok()?;
    assert!(!config.signing.by_api_key);
    Some(config.signing.current.expose().to_vec())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_signing_key_is_the_same_bytes_in_every_spelling(bytes in prop::collection::vec(any::<u8>(), 32..=64)) {
        let hex = hex(&bytes);
        for text in [
            hex.to_uppercase(),
            hex,
            Base64::encode_string(&bytes),
            Base64Unpadded::encode_string(&bytes),
            Base64Url::encode_string(&bytes),
            Base64UrlUnpadded::encode_string(&bytes),
        ] {
            // A text of hex digits alone is hex, as unlikely as that is in base64.
            prop_assert_eq!(read(&text), Some(bytes.clone()), "{}", text);
            prop_assert_eq!(read(&format!(" {text}\n")), Some(bytes.clone()));
        }
    }
}

#[test]
fn a_signing_key_of_another_length_is_a_mistake() {
    for length in (1..32).chain(65..200) {
        // In base64, a text of these bytes is not one of hex digits alone.
        let bytes = vec![0xfb; length];
        for text in [
            hex(&bytes),
            Base64::encode_string(&bytes),
            Base64UrlUnpadded::encode_string(&bytes),
        ] {
            let mistakes = Settings::good().with(Setting::SigningKey, &text).mistakes();
            assert_eq!(mistakes, [BOUNDS], "{length}");
        }
    }
}

#[test]
fn what_is_neither_hex_nor_base64_is_a_mistake() {
    let good = hex(&[0xa5; 32]);
    for text in [
        &good[1..],
        &format!("0x{good}"),
        &good.replacen("a5", "a5 ", 1),
        &good.replacen("a5", "a5:", 1),
        &format!("{good}\u{e4}"),
        "a passphrase that is long enough to be a key, but is none",
        &"*".repeat(43),
        // The last character holds bits that stand for nothing.
        &format!("{}B", "A".repeat(42)),
    ] {
        let mistakes = Settings::good().with(Setting::SigningKey, text).mistakes();
        assert_eq!(mistakes, [BOUNDS], "{text}");
    }
}

#[test]
fn a_signing_key_is_needed_where_the_assistant_has_no_key() {
    let missing = "SIGNING_KEY is missing: this assistant has no key to sign with instead";
    for settings in [Settings::rewardsbot(), Settings::omniops_as_built()] {
        assert_eq!(settings.mistakes(), [""; 0]);
        for raw in [Raw::Missing, Raw::Text(" ".to_owned())] {
            let settings = settings.clone().raw(Setting::SigningKey, raw);
            assert_eq!(settings.mistakes(), [missing]);
        }
        let wrong = settings.with(Setting::SigningKey, "short");
        assert_eq!(wrong.mistakes(), [BOUNDS]);
    }
}

#[test]
fn where_the_assistant_has_a_key_that_one_signs_unless_another_is_set() {
    for settings in [Settings::good(), Settings::homie(), Settings::omniops()] {
        let next = settings.with(Setting::ApiKeyNext, &api_key('1'));
        let signing = config(&next).signing;
        assert!(signing.by_api_key);
        assert_eq!(signing.current.expose(), api_key('0').as_bytes());
        assert_eq!(
            signing.next.expect("a next one").expose(),
            api_key('1').as_bytes()
        );
        let signing = config(&next.with(Setting::SigningKey, &hex(&[7; 32]))).signing;
        assert!(!signing.by_api_key);
        assert_eq!(signing.current.expose(), [7; 32]);
        assert!(signing.next.is_none(), "the next API key signs nothing");
    }
}

#[test]
fn a_missing_or_wrong_api_key_is_the_only_mistake() {
    let missing = Settings::homie().raw(Setting::ApiKey, Raw::Missing);
    assert_eq!(missing.mistakes(), ["CONCIERGE_API_KEY is missing"]);
    let wrong = Settings::good().with(Setting::ApiKey, "nonsense");
    assert_eq!(wrong.mistakes().len(), 1);
    // A signing key stands in for no API key.
    let signed = missing.with(Setting::SigningKey, &hex(&[7; 32]));
    assert_eq!(signed.mistakes(), ["CONCIERGE_API_KEY is missing"]);
}

#[test]
fn a_next_signing_key_needs_a_current_one() {
    let next = hex(&[8; 32]);
    let alone = Settings::good().with(Setting::SigningKeyNext, &next);
    assert_eq!(
        alone.mistakes(),
        ["SIGNING_KEY_NEXT is set without SIGNING_KEY"]
    );
    let wrong = Settings::good().with(Setting::SigningKeyNext, "short");
    assert_eq!(wrong.mistakes(), [BOUNDS.replace("KEY ", "KEY_NEXT ")]);
    let both = Settings::good().with(Setting::SigningKey, &hex(&[7; 32]));
    let both = both.with(Setting::SigningKeyNext, &next);
    let signing = config(&both).signing;
    assert_eq!(signing.next.expect("a next one").expose(), [8; 32]);
}

#[test]
fn a_next_signing_key_that_is_the_current_one_is_none() {
    let bytes = [0xa5; 32];
    let settings = Settings::rewardsbot().with(Setting::SigningKey, &hex(&bytes));
    let settings = settings.with(Setting::SigningKeyNext, &Base64::encode_string(&bytes));
    assert!(config(&settings).signing.next.is_none());
}

#[test]
fn a_signing_key_never_prints() {
    let settings = Settings::rewardsbot()
        .with(Setting::SigningKey, &hex(&[0x77; 32]))
        .with(Setting::SigningKeyNext, &hex(&[0x88; 32]));
    let gate = settings.open();
    for printed in [
        format!("{gate:?}"),
        format!("{gate:#?}"),
        format!("{:?}", settings.read()),
    ] {
        for digits in ["7777", "8888", "119, 119", "136, 136", "119,\n"] {
            assert!(!printed.contains(digits), "{printed}");
        }
    }
    assert!(format!("{:?}", config(&settings).signing).contains("SecretBytes(***)"));
}
