//! Which pages may call.

mod entries;

use concierge_proxy::origin::AllowList;
use proptest::prelude::*;

use crate::support::cases;

fn list(text: &str) -> AllowList {
    let (list, bad) = AllowList::parse(text);
    assert_eq!(bad, [], "{text} is a good list");
    list
}

#[test]
fn an_exact_entry_lets_in_its_own_origin() {
    for (entry, origin) in [
        ("https://shop.example.com", "https://shop.example.com"),
        (
            "https://shop.example.com:8443",
            "https://shop.example.com:8443",
        ),
        (
            "https://xn--bcher-kva.example",
            "https://xn--bcher-kva.example",
        ),
        ("http://localhost:8787", "http://localhost:8787"),
        ("http://[::1]:8787", "http://[::1]:8787"),
    ] {
        assert!(list(entry).allows(origin), "{entry} lets in {origin}");
    }
}

#[test]
fn an_exact_entry_lets_in_no_other_origin() {
    let list = list("https://shop.example.com");
    for origin in [
        "",
        "null",
        "*",
        "https://shop.example.com.evil.com",
        "https://shop.example.community",
        "https://evilshop.example.com",
        "https://evil-shop.example.com",
        "https://evil.shop.example.com",
        "https://example.com",
        "https://shop-example.com",
        "https://shopxexample.com",
        "https://shop.example.co",
        "https://shop.example.com.",
        "https://shop.example.com:443",
        "https://shop.example.com:8443",
        "https://shop.example.com:",
        "https://shop.example.com/",
        "https://shop.example.com?",
        "https://shop.example.com#",
        "https://shop.example.com\\",
        "https://shop.example.com@evil.com",
        "https://evil.com@shop.example.com",
        "https://user:pass@shop.example.com",
        "https://evil.com/https://shop.example.com",
        "http://shop.example.com",
        "wss://shop.example.com",
        "HTTPS://shop.example.com",
        "https://SHOP.example.com",
        "https://shop.example.com, https://shop.example.com",
        "https://shop.example.com,https://shop.example.com",
        "https://shop.example.com https://shop.example.com",
        "https://evil.com, https://shop.example.com",
        " https://shop.example.com",
        "https://shop.example.com ",
        "https://shop.example.com\t",
        "https://shop.example.com\n",
        "https://shop.example.com\0",
        "https://shop.example.com%2eevil.com",
        "https://xn--shop-.example.com",
        "https://sh\u{43e}p.example.com",
        "https://shop\u{3002}example\u{3002}com",
        "https://\u{ff53}hop.example.com",
        "https:/shop.example.com",
        "https:shop.example.com",
        "//shop.example.com",
        "shop.example.com",
    ] {
        assert!(!list.allows(origin), "{origin:?} got in");
    }
}

#[test]
fn a_wildcard_stands_for_a_part_of_one_label() {
    for (entry, origin) in [
        (
            "https://*-123.shopifypreview.com",
            "https://a-123.shopifypreview.com",
        ),
        (
            "https://*-123.shopifypreview.com",
            "https://x7k2-9-123.shopifypreview.com",
        ),
        (
            "https://*-123.shopifypreview.com",
            "https://--123.shopifypreview.com",
        ),
        ("https://*.example.com", "https://a.example.com"),
        ("https://*.example.com", "https://xn--bcher-kva.example.com"),
        ("https://pr-*.example.com", "https://pr-7.example.com"),
        (
            "https://pr-*-x.example.com:8443",
            "https://pr-7-x.example.com:8443",
        ),
        ("https://*.Example.COM:443", "https://a.example.com"),
    ] {
        assert!(list(entry).allows(origin), "{entry} lets in {origin}");
    }
}

#[test]
fn a_wildcard_reaches_no_other_label_scheme_port_or_host() {
    let list = list("https://*-123.shopifypreview.com, https://*.example.com");
    for origin in [
        "",
        "null",
        "https://",
        "https://example.com",
        "https://.example.com",
        "https://a.b.example.com",
        "https://..example.com",
        "https://a..example.com",
        "https://evil.com/.example.com",
        "https://evil.com?.example.com",
        "https://evil.com#.example.com",
        "https://evil.com\\.example.com",
        "https://evil.com:.example.com",
        "https://user@a.example.com",
        "https://user:pass@a.example.com",
        "https://evil.com%00.example.com",
        "https://evil.com\0.example.com",
        "https://a.example.com.evil.com",
        "https://a.example.com.",
        "https://aexample.com",
        "https://a.example.com:8443",
        "https://a.example.com:443",
        "http://a.example.com",
        "https://A.example.com",
        "https://a_b.example.com",
        "https://a b.example.com",
        "https://*.example.com",
        "https://\u{e4}.example.com",
        "https://\u{ff41}.example.com",
        "https://a\u{3002}b.example.com",
        "https://a\u{ad}.example.com",
        "https://a.example.com, https://a.example.com",
        "https://a.example.com,https://b.example.com",
        "https://-123.shopifypreview.com",
        "https://a-1234.shopifypreview.com",
        "https://a-124.shopifypreview.com",
        "https://a.b-123.shopifypreview.com",
        "https://a-123.evil.shopifypreview.com",
        "https://a-123.shopifypreview.com.evil.com",
        "https://evil.com/-123.shopifypreview.com",
    ] {
        assert!(!list.allows(origin), "{origin:?} got in");
    }
}

#[test]
fn the_parts_around_a_wildcard_do_not_overlap() {
    let list = list("https://aba*aba.example.com");
    assert!(list.allows("https://abaxaba.example.com"));
    for origin in [
        "https://aba.example.com",
        "https://ababa.example.com",
        "https://abaaba.example.com",
    ] {
        assert!(!list.allows(origin), "{origin} got in");
    }
}

#[test]
fn an_empty_list_lets_in_nobody() {
    for origin in ["", "null", "*", "https://shop.example.com"] {
        assert!(!AllowList::default().allows(origin), "{origin:?} got in");
    }
}

/// An origin as a browser sends it.
fn serialised() -> impl Strategy<Value = String> {
    (
        "[a-c]{1,2}(-[a-c])?",
        prop::sample::select(vec!["example.com", "a.example", "b.com"]),
        prop::option::of(prop::sample::select(vec![80_u16, 444, 8443])),
    )
        .prop_map(|(label, parent, port)| match port {
            Some(port) => format!("https://{label}.{parent}:{port}"),
            None => format!("https://{label}.{parent}"),
        })
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn an_exact_list_allows_exactly_its_members(
        members in prop::collection::vec(serialised(), 1..5),
        stranger in serialised(),
        cut in any::<prop::sample::Index>(),
        piece in "[a-zA-Z.:@/*\u{e4} -]{0,2}",
    ) {
        let list = list(&members.join(","));
        for member in &members {
            prop_assert!(list.allows(member));
            let (head, tail) = member.split_at(cut.index(member.len() + 1));
            let bent = format!("{head}{piece}{tail}");
            prop_assert_eq!(list.allows(&bent), members.contains(&bent), "{}", bent);
            prop_assert!(!list.allows(&member.to_uppercase()));
        }
        prop_assert_eq!(list.allows(&stranger), members.contains(&stranger), "{}", stranger);
    }

    #[test]
    fn a_wildcard_matches_letters_digits_and_hyphens_alone(
        before in "[a-z0-9]{0,3}",
        after in "(-?[a-z0-9]{1,3})?",
        label in prop_oneof!["[a-z0-9-]{0,5}", "\\PC{0,4}", "[a-z0-9]{1,2}[.:@/A-Z_ ][a-z0-9]{0,2}", any::<String>()],
    ) {
        let list = list(&format!("https://{before}*{after}.example.com"));
        let plain = !label.is_empty() && label.chars().all(|char| "abcdefghijklmnopqrstuvwxyz0123456789-".contains(char));
        prop_assert_eq!(list.allows(&format!("https://{before}{label}{after}.example.com")), plain);
    }

    #[test]
    fn no_text_makes_the_reading_of_a_list_fail(text in any::<String>(), origin in any::<String>()) {
        let (list, _) = AllowList::parse(&text);
        list.allows(&origin);
    }
}
