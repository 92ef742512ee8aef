//! Shopify's App Proxy: which queries are signed, and whom they are for.

use concierge_proxy::app_proxy::{self, AppProxy, Visit, shopper_address};
use concierge_proxy::keys;
use concierge_proxy::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::Sha256;

use crate::support::{NOW, cases};

const SECRET: &str = "hush";
const SHOP: &str = "shop-name.myshopify.com";

fn app() -> AppProxy {
    AppProxy {
        secret: Secret::new(SECRET),
        next: None,
        shop: SHOP.to_owned(),
    }
}

pub fn sign(secret: &str, signed: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    hmac.update(signed.as_bytes());
    let code = hmac.finalize().into_bytes();
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A query as Shopify signs it, with these parameters, each already in its escaped form.
pub fn query(secret: &str, parameters: &[(&str, &str)]) -> String {
    let plain = |text: &str| text.replace("%2F", "/").replace('+', " ");
    let mut signed: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    signed.sort();
    let mut query: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    query.push(format!("signature={}", sign(secret, &signed.concat())));
    query.join("&")
}

pub fn parameters<'a>(customer: &'a str, timestamp: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("shop", SHOP),
        ("logged_in_customer_id", customer),
        ("path_prefix", "%2Fapps%2Fawesome+reviews"),
        ("timestamp", timestamp),
    ]
}

fn now() -> String {
    NOW.to_string()
}

fn verified(query: &str) -> Option<Visit> {
    app().verify(query, None, NOW)
}

#[test]
fn the_form_and_the_code_are_shopifys() {
    // The published example, with a parameter that we do not take.
    let signed = "extra=1,2logged_in_customer_id=1path_prefix=/apps/awesome_reviews\
                  shop=shop-name.myshopify.comtimestamp=1317327555";
    let signature = "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb";
    assert!(keys::is_signed(signed.as_bytes(), b"hush", signature));
    let published = format!(
        "extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1&path_prefix=%2Fapps%2F\
         awesome_reviews&timestamp=1317327555&signature={signature}"
    );
    assert_eq!(app().verify(&published, None, 1_317_327_555), None);
}

#[test]
fn a_signed_query_says_which_customer_it_is_for() {
    let now = now();
    for (id, customer) in [
        ("", None),
        ("1", Some("1")),
        ("18446744073709551615", Some("18446744073709551615")),
    ] {
        let visit = verified(&query(SECRET, &parameters(id, &now)));
        let customer = customer.map(str::to_owned);
        assert_eq!(visit, Some(Visit { customer }), "{id:?}");
    }
}

#[test]
fn the_order_of_the_parameters_does_not_matter() {
    let now = now();
    let good = query(SECRET, &parameters("1", &now));
    let mut pairs: Vec<_> = good.split('&').collect();
    pairs.rotate_left(2);
    assert!(verified(&pairs.join("&")).is_some());
}

#[test]
fn a_query_with_anything_else_or_anything_twice_is_refused() {
    let now = now();
    for extra in [
        ("extra", "1"),
        ("shop", SHOP),
        ("timestamp", &*now),
        ("logged_in_customer_id", "2"),
        ("session_id", "a"),
        ("", ""),
    ] {
        let mut all = parameters("1", &now);
        all.push(extra);
        assert_eq!(verified(&query(SECRET, &all)), None, "{extra:?}");
    }
    for missing in 0..4 {
        let mut all = parameters("1", &now);
        all.remove(missing);
        assert_eq!(verified(&query(SECRET, &all)), None, "{missing}");
    }
    let good = query(SECRET, &parameters("1", &now));
    let signature = good.rsplit_once('=').unwrap().1;
    for other in [
        format!("{good}&signature={signature}"),
        format!("{good}&"),
        good.replace(signature, &signature.to_uppercase()),
        good.replace(signature, &signature[1..]),
        good.replace("%2F", "%2f%"),
        good.replace("%2F", "%ff"),
    ] {
        assert_eq!(verified(&other), None, "{other}");
    }
}

#[test]
fn the_pages_own_parameter_is_signed_like_the_others() {
    let now = now();
    let mut all = parameters("1", &now);
    all.push(("session_id", "a-b_c"));
    let good = query(SECRET, &all);
    assert!(app().verify(&good, Some("session_id"), NOW).is_some());
    assert_eq!(app().verify(&good, Some("page"), NOW), None);
    let changed = good.replace("a-b_c", "a-b_d");
    assert_eq!(app().verify(&changed, Some("session_id"), NOW), None);
}

#[test]
fn a_signature_holds_for_its_shop_its_secrets_and_90_seconds() {
    for (at, holds) in [
        (NOW - 90, true),
        (NOW - 91, false),
        (NOW + 90, true),
        (NOW + 91, false),
    ] {
        let timestamp = at.to_string();
        let visit = verified(&query(SECRET, &parameters("1", &timestamp)));
        assert_eq!(visit.is_some(), holds, "{at}");
    }
    let now = now();
    let good = query(SECRET, &parameters("1", &now));
    let other_shop = AppProxy {
        shop: "other.myshopify.com".to_owned(),
        ..app()
    };
    assert_eq!(other_shop.verify(&good, None, NOW), None);
    let next = query("another secret", &parameters("1", &now));
    assert_eq!(verified(&next), None);
    let rotating = AppProxy {
        next: Some(Secret::new("another secret")),
        ..app()
    };
    assert!(rotating.verify(&next, None, NOW).is_some());
    assert!(rotating.verify(&good, None, NOW).is_some());
}

#[test]
fn a_customer_is_a_number() {
    let now = now();
    for id in ["gid", "1a", "-1", "+1", "1 ", "123456789012345678901"] {
        assert_eq!(
            verified(&query(SECRET, &parameters(id, &now))),
            None,
            "{id:?}"
        );
    }
}

#[test]
fn the_address_is_the_last_one_that_is_not_the_peers() {
    for (forwarded, address) in [
        ("198.51.100.7, 192.0.2.1", Some("198.51.100.7")),
        ("10.0.0.1, 198.51.100.7, 192.0.2.1", Some("198.51.100.7")),
        ("198.51.100.7,192.0.2.1,192.0.2.1", Some("198.51.100.7")),
        ("198.51.100.7", Some("198.51.100.7")),
        ("192.0.2.1", None),
        ("", None),
        (" , ", None),
    ] {
        assert_eq!(
            shopper_address(forwarded, "192.0.2.1"),
            address,
            "{forwarded:?}"
        );
    }
}

#[test]
fn a_shop_has_a_name_at_shopify() {
    assert_eq!(
        app_proxy::parse_shop("Acme-1.myshopify.com").as_deref(),
        Ok("acme-1.myshopify.com")
    );
    for text in [
        "acme",
        ".myshopify.com",
        "a.b.myshopify.com",
        "https://a.myshopify.com",
        "acme.com",
    ] {
        assert!(app_proxy::parse_shop(text).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_signed_query_with_any_character_changed_is_refused(place in any::<prop::sample::Index>(), by in any::<char>()) {
        let now = now();
        let good = query(SECRET, &parameters("1", &now));
        let mut chars: Vec<char> = good.chars().collect();
        let place = place.index(chars.len());
        prop_assume!(chars[place] != by);
        // One escape has two spellings.
        prop_assume!(!(chars[place] == 'F' && by == 'f'));
        prop_assume!(!(chars[place] == '+' && by == ' '));
        chars[place] = by;
        let changed: String = chars.into_iter().collect();
        prop_assert_eq!(verified(&changed), None, "{}", changed);
    }

    #[test]
    fn no_query_breaks_the_check(query: String) {
        prop_assert_eq!(verified(&query), None);
        prop_assert_eq!(verified(&format!("{query}&signature=")), None);
    }
}
