//! Tokens in which the merchant's server says who the shopper is: which are good, and which are not.

use base64ct::{Base64UrlUnpadded, Encoding};
use concierge_proxy::token::{Checked, Claims, Fault, MAX_TOKEN_BYTES, TokenKey, check};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{NOW, WORKER, cases};

const SECRET: &str = "a secret of the merchant's own server";
/// The public key of RFC 7515, appendix A.3, and that of RFC 8037, appendix A.
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn encode(value: &Value) -> String {
    Base64UrlUnpadded::encode_string(value.to_string().as_bytes())
}

fn mac(text: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    hmac.update(text.as_bytes());
    Base64UrlUnpadded::encode_string(&hmac.finalize().into_bytes())
}

fn signed(header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", encode(header), encode(claims));
    format!("Bearer {text}.{}", mac(&text))
}

fn good() -> Value {
    json!({"sub": "customer 7", "exp": NOW + 600, "aud": WORKER, "scope": "read_memories other"})
}

/// The good claims with some of them changed. Null takes one away.
fn with(changes: &Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

pub fn token(claims: &Value) -> String {
    signed(&json!({"alg": "HS256", "typ": "JWT"}), claims)
}

fn read(authorization: &str) -> Result<Claims, Fault> {
    read_by(SECRET, authorization).map(|checked| match checked {
        Checked::Good(claims) => claims,
        Checked::IfSigned(..) => panic!("a shared secret leaves nothing to check"),
    })
}

fn read_by(key: &str, authorization: &str) -> Result<Checked, Fault> {
    let key = TokenKey::parse(key).expect("a key");
    check(authorization, &key, WORKER, NOW)
}

#[test]
fn a_good_token_says_who_the_shopper_is_and_what_they_may() {
    let claims = read(&token(&good())).expect("a good token");
    assert_eq!(claims.subject, "customer 7");
    assert!(claims.allows("read_memories") && claims.allows("other"));
    for scope in ["read", "read_memories other", "", "READ_MEMORIES"] {
        assert!(!claims.allows(scope), "{scope:?}");
    }
}

#[test]
fn what_the_standard_leaves_open_is_taken() {
    for changes in [
        json!({"aud": "concierge-proxy"}),
        json!({"aud": ["https://other.example", WORKER]}),
        json!({"exp": f64::from(NOW) + 600.5}),
        json!({"scope": null}),
        json!({"nbf": NOW + 60, "iat": NOW + 60}),
        json!({"exp": NOW - 59}),
        json!({"exp": NOW + 86_400 + 60}),
        json!({"sub": "ä".repeat(127)}),
    ] {
        assert!(read(&token(&with(&changes))).is_ok(), "{changes}");
    }
    for header in [
        json!({"alg": "HS256"}),
        json!({"alg": "HS256", "typ": "jwt", "kid": "any"}),
    ] {
        assert!(read(&signed(&header, &good())).is_ok(), "{header}");
    }
    let lower = token(&good()).replace("Bearer", "bearer");
    assert!(read(&lower).is_ok());
}

#[test]
fn claims_that_are_missing_or_wrong_are_refused() {
    for (changes, fault) in [
        (json!({"exp": null}), Fault::Expired),
        (json!({"exp": NOW - 60}), Fault::Expired),
        (json!({"exp": 0}), Fault::Expired),
        (json!({"exp": NOW + 86_400 + 61}), Fault::TooLong),
        (json!({"exp": 1e300}), Fault::Malformed),
        (json!({"exp": "1900000000"}), Fault::Malformed),
        (json!({"exp": -1}), Fault::Malformed),
        (json!({"nbf": NOW + 61}), Fault::NotYet),
        (json!({"iat": NOW + 61}), Fault::NotYet),
        (json!({"iat": "now"}), Fault::Malformed),
        (json!({"aud": null}), Fault::Audience),
        (json!({"aud": ""}), Fault::Audience),
        (json!({"aud": []}), Fault::Audience),
        (json!({"aud": "https://other.example"}), Fault::Audience),
        (json!({"aud": format!("{WORKER}/")}), Fault::Audience),
        (json!({"aud": {"0": WORKER}}), Fault::Audience),
        (json!({"aud": [[WORKER]]}), Fault::Audience),
        (json!({"sub": null}), Fault::Subject),
        (json!({"sub": ""}), Fault::Subject),
        (json!({"sub": " "}), Fault::Subject),
        (json!({"sub": 7}), Fault::Subject),
        (json!({"sub": "a".repeat(256)}), Fault::Subject),
    ] {
        assert_eq!(read(&token(&with(&changes))), Err(fault), "{changes}");
    }
}

#[test]
fn a_token_never_chooses_how_it_is_checked() {
    for (header, fault) in [
        (json!({"alg": "none"}), Fault::Algorithm),
        (json!({"alg": "None"}), Fault::Algorithm),
        (json!({"alg": "hs256"}), Fault::Algorithm),
        (json!({"alg": "HS384"}), Fault::Algorithm),
        (json!({"alg": "RS256"}), Fault::Algorithm),
        (json!({"alg": "ES256"}), Fault::Algorithm),
        (json!({"alg": ["HS256"]}), Fault::Algorithm),
        (json!({}), Fault::Algorithm),
        (json!({"alg": "HS256", "crit": ["exp"]}), Fault::Malformed),
        (
            json!({"alg": "HS256", "typ": "secevent+jwt"}),
            Fault::Malformed,
        ),
        (json!({"alg": "HS256", "typ": 1}), Fault::Malformed),
        (json!("HS256"), Fault::Malformed),
    ] {
        assert_eq!(read(&signed(&header, &good())), Err(fault), "{header}");
    }
    // The public key as a secret (RFC 8725, section 2.1).
    let confused = token(&good());
    for key in [P256, ED25519] {
        assert_eq!(read_by(key, &confused), Err(Fault::Algorithm));
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let good = token(&good());
    let bare = good.trim_start_matches("Bearer ");
    let unsigned = bare.rsplit_once('.').unwrap().0;
    let long = with_length(MAX_TOKEN_BYTES + 1);
    for (authorization, fault) in [
        ("Bearer".to_owned(), Fault::Malformed),
        ("Bearer ".to_owned(), Fault::Malformed),
        (bare.to_owned(), Fault::Malformed),
        (format!("Basic {bare}"), Fault::Malformed),
        (format!("Bearer {unsigned}"), Fault::Malformed),
        (format!("Bearer {unsigned}."), Fault::Signature),
        (format!("Bearer {bare}="), Fault::Malformed),
        (format!("Bearer {bare}, Bearer {bare}"), Fault::Signature),
        (format!("Bearer .{bare}"), Fault::Malformed),
        (format!("Bearer a.b.c.{bare}"), Fault::Malformed),
        (
            format!("Bearer {}", bare.replace('.', "..")),
            Fault::Signature,
        ),
        (format!("Bearer {bare}\u{e4}"), Fault::Malformed),
        (long, Fault::Malformed),
    ] {
        assert_eq!(read(&authorization), Err(fault), "{authorization}");
    }
    assert!(read(&with_length(MAX_TOKEN_BYTES)).is_ok());
}

/// A good token of about so many bytes.
fn with_length(bytes: usize) -> String {
    let longest = |padding: usize| token(&with(&json!({"padding": "a".repeat(padding)})));
    let fits = (0..bytes).rev().map(longest);
    let excess = |token: &String| token.len() - "Bearer ".len();
    if bytes > MAX_TOKEN_BYTES {
        return (0..)
            .map(longest)
            .find(|token| excess(token) >= bytes)
            .unwrap();
    }
    fits.into_iter()
        .find(|token| excess(token) <= bytes)
        .unwrap()
}

#[test]
fn a_set_of_public_keys_checks_by_the_algorithm_and_the_name() {
    let named = |jwk: &str, kid: &str| jwk.replacen('{', &format!(r#"{{"kid":"{kid}","#), 1);
    let set = format!(
        r#"{{"keys":[{},{},{}]}}"#,
        named(P256, "a"),
        named(P256, "b"),
        ED25519
    );
    let signature = Base64UrlUnpadded::encode_string(&[7; 64]);
    let checks = |header: Value| {
        let text = format!("{}.{}", encode(&header), encode(&good()));
        match read_by(&set, &format!("Bearer {text}.{signature}")) {
            Ok(Checked::IfSigned(claims, check)) => {
                assert_eq!(claims.subject, "customer 7");
                assert_eq!(check.signed, text.as_bytes());
                assert_eq!(check.signature, [7; 64]);
                Ok(check.keys.len())
            }
            Ok(Checked::Good(_)) => panic!("nothing was checked"),
            Err(fault) => Err(fault),
        }
    };
    assert_eq!(checks(json!({"alg": "ES256"})), Ok(2));
    assert_eq!(checks(json!({"alg": "ES256", "kid": "b"})), Ok(1));
    assert_eq!(
        checks(json!({"alg": "ES256", "kid": "c"})),
        Err(Fault::Algorithm)
    );
    assert_eq!(checks(json!({"alg": "EdDSA", "kid": "a"})), Ok(1));
    assert_eq!(checks(json!({"alg": "HS256"})), Err(Fault::Algorithm));
    assert_eq!(checks(json!({"alg": "none"})), Err(Fault::Algorithm));
    let text = format!("{}.{}", encode(&json!({"alg": "EdDSA"})), encode(&good()));
    for bytes in [0, 63, 65, 128] {
        let signature = Base64UrlUnpadded::encode_string(&vec![7; bytes]);
        let read = read_by(ED25519, &format!("Bearer {text}.{signature}"));
        assert_eq!(read, Err(Fault::Signature), "{bytes}");
    }
}

#[test]
fn a_key_is_a_long_secret_or_a_set_of_public_keys_and_nothing_private() {
    let private = P256.replacen('{', r#"{"d":"AA","#, 1);
    let nine = [P256; 9].join(",");
    for (text, words) in [
        ("short".to_owned(), "32 to 512 bytes"),
        ("a".repeat(31), "32 to 512 bytes"),
        ("a".repeat(513), "32 to 512 bytes"),
        ("{".to_owned(), "not valid JSON"),
        (private.clone(), "private or secret key"),
        (
            format!(r#"{{"keys":[{P256},{private}]}}"#),
            "private or secret key",
        ),
        (
            r#"{"kty":"oct","k":"AAAA"}"#.to_owned(),
            "private or secret key",
        ),
        (r#"{"keys":[]}"#.to_owned(), "1 to 8 keys"),
        (format!(r#"{{"keys":[{nine}]}}"#), "1 to 8 keys"),
        (
            r#"{"kty":"RSA","n":"AA","e":"AQAB"}"#.to_owned(),
            "neither P-256 nor Ed25519",
        ),
        (P256.replace("P-256", "P-384"), "neither P-256 nor Ed25519"),
        (P256.replace("f83O", ""), "32 bytes"),
        (P256.replacen('{', r#"{"alg":"EdDSA","#, 1), "does not fit"),
    ] {
        let reason = TokenKey::parse(&text).expect_err(&text);
        assert!(reason.contains(words), "{reason}");
        assert!(
            !reason.contains("f83O") && !reason.contains("aaa"),
            "{reason}"
        );
    }
    for text in [&"a".repeat(32), P256, ED25519] {
        assert!(TokenKey::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn nothing_of_a_token_or_its_key_is_printed() {
    let claims = read(&token(&good())).unwrap();
    assert_eq!(format!("{claims:?}"), "Claims(***)");
    let key = TokenKey::parse(SECRET).unwrap();
    assert!(!format!("{key:?}").contains("merchant"), "{key:?}");
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_token_with_any_character_changed_is_refused(place in any::<prop::sample::Index>(), by in 1_u8..63) {
        let good = token(&good());
        let start = "Bearer ".len();
        let place = start + place.index(good.len() - start);
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bytes = good.clone().into_bytes();
        let old = alphabet.iter().position(|byte| *byte == bytes[place]);
        bytes[place] = match old {
            Some(old) => alphabet[(old + usize::from(by)) % alphabet.len()],
            None => b'A',
        };
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(read(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn no_text_breaks_the_check(authorization: String) {
        prop_assert!(read(&authorization).is_err());
        let bearer = format!("Bearer {authorization}");
        prop_assert!(read(&bearer).is_err());
        prop_assert!(read_by(P256, &bearer).is_err());
    }
}
