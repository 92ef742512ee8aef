//! How a setting spells the origins that may call.

use concierge_proxy::origin::{AllowList, serialise};

#[test]
fn an_entry_is_brought_into_the_form_that_browsers_send() {
    for (entry, origin) in [
        ("https://Shop.Example.COM", "https://shop.example.com"),
        ("HTTPS://shop.example.com", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("https://shop.example.com:80", "https://shop.example.com:80"),
        (
            "https://XN--bcher-KVA.example",
            "https://xn--bcher-kva.example",
        ),
        ("http://localhost:80", "http://localhost"),
        ("http://LOCALHOST:443", "http://localhost:443"),
        ("https://192.0.2.1:443", "https://192.0.2.1"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
    ] {
        assert_eq!(serialise(entry).as_deref(), Ok(origin), "{entry}");
        let (list, bad) = AllowList::parse(&format!(" {entry}\n"));
        assert_eq!(bad, [], "{entry}");
        assert!(list.allows(origin), "{entry} lets in {origin}");
    }
}

#[test]
fn http_is_for_this_machine_alone() {
    for entry in [
        "http://localhost",
        "http://localhost:8787",
        "http://127.0.0.1:8787",
        "http://127.9.9.9",
        "http://[::1]:8787",
    ] {
        assert_eq!(AllowList::parse(entry).1, [], "{entry}");
    }
    for entry in [
        "http://shop.example.com",
        "http://localhost.example.com",
        "http://evil-localhost",
        "http://shop.localhost",
        "http://192.0.2.1",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://126.255.255.255",
        "http://128.0.0.1",
        "http://[::2]",
        "http://[2001:db8::1]",
        "http://*.example.com",
    ] {
        let reason = AllowList::parse(entry).1[0].reason;
        assert!(reason.contains("http"), "{entry}: {reason}");
    }
}

/// A bad entry and a word of what is said about it.
const BAD: [(&str, &str); 44] = [
    ("", "empty"),
    ("null", "scheme"),
    ("*", "scheme"),
    ("shop.example.com", "scheme"),
    ("//shop.example.com", "scheme"),
    ("https:shop.example.com", "scheme"),
    ("*.example.com", "scheme"),
    ("ftp://shop.example.com", "https"),
    ("chrome-extension://abcdef", "https"),
    ("://shop.example.com", "https"),
    ("https://shop.example.com/", "path"),
    ("https://shop.example.com/a", "path"),
    ("https://shop.example.com?a", "path"),
    ("https://shop.example.com#a", "path"),
    ("https://shop.example.com\\a", "path"),
    ("https://evil/*.example.com", "path"),
    ("https://user@shop.example.com", "user"),
    ("https://user:pass@shop.example.com", "user"),
    ("https://shop.example.com:", "port"),
    ("https://shop.example.com:0", "port"),
    ("https://shop.example.com:65536", "port"),
    ("https://shop.example.com:0443", "port"),
    ("https://shop.example.com:+443", "port"),
    ("https://shop.example.com::443", "port"),
    ("https://shop.example.com:https", "port"),
    ("https://", "host"),
    ("https://.example.com", "host"),
    ("https://shop..com", "host"),
    ("https://shop.example.com.", "host"),
    ("https://-shop.example.com", "host"),
    ("https://shop-.example.com", "host"),
    ("https://shop example.com", "white space"),
    ("https://256.0.0.1", "host"),
    ("https://127.1", "host"),
    ("https://0x7f000001", "host"),
    ("https://[::1]x", "host"),
    ("https://[0:0:0:0:0:0:0:1]", "IPv6"),
    ("https://b\u{fc}cher.example", "xn--"),
    ("https://*.*.example.com", "more than one"),
    ("https://shop.*.com", "leftmost"),
    ("https://shop.example.com:*", "leftmost"),
    ("https://*", "two labels"),
    ("https://*.com", "two labels"),
    ("https://*shop", "two labels"),
];

#[test]
fn a_bad_entry_is_reported_with_its_place_and_its_reason() {
    for (entry, word) in BAD {
        let (_, bad) = AllowList::parse(&format!("https://a.example.com, {entry}"));
        assert_eq!(bad.len(), 1, "{entry:?} is one bad entry");
        assert_eq!(bad[0].place, 2, "{entry:?} stands second");
        assert!(bad[0].reason.contains(word), "{entry:?}: {}", bad[0].reason);
    }
}

#[test]
fn a_reason_never_quotes_the_entry() {
    for (entry, _) in BAD.into_iter().filter(|(entry, _)| entry.len() > 8) {
        let reason = AllowList::parse(entry).1[0].reason;
        assert!(!reason.contains(entry), "{entry:?}: {reason}");
        for part in ["shop", "example", "evil", "user", "pass"] {
            let quoted = reason.replace("a user name", "").contains(part);
            assert!(!quoted, "{entry:?}: {reason}");
        }
    }
}

#[test]
fn a_wildcard_never_makes_a_list_of_everything() {
    for entry in [
        "*",
        "https://*",
        "https://*.",
        "https://*..",
        "https://*.com",
        "https://*.com.",
        "https://*.com:443",
        "https://*:443",
        "*://shop.example.com",
        "http*://shop.example.com",
        "https://*.0.0.1",
        "https://[*]",
    ] {
        let (list, bad) = AllowList::parse(entry);
        assert_eq!(bad.len(), 1, "{entry} is no entry");
        assert_eq!(list, AllowList::default(), "{entry}");
    }
}

#[test]
fn bad_entries_leave_the_good_ones_in_the_list() {
    let (list, bad) = AllowList::parse(
        "https://a.example.com, nonsense, https://b.example.com,, https://c.example.com/x",
    );
    let places: Vec<usize> = bad.iter().map(|entry| entry.place).collect();
    assert_eq!(places, [2, 4, 5]);
    assert!(list.allows("https://a.example.com"));
    assert!(list.allows("https://b.example.com"));
    assert!(!list.allows("https://c.example.com"));
    assert!(!list.allows("nonsense"));
}

#[test]
fn a_label_is_at_most_63_bytes_long() {
    let entry = |length| format!("https://{}.example.com", "a".repeat(length));
    assert_eq!(AllowList::parse(&entry(63)).1, []);
    assert_eq!(AllowList::parse(&entry(64)).1.len(), 1);
}

#[test]
fn an_ipv4_mapped_address_is_refused_in_either_spelling() {
    // Browsers spell it one way and Rust another; nobody serves a shop from one.
    for entry in ["https://[::ffff:c000:201]", "https://[::ffff:192.0.2.1]"] {
        assert_eq!(AllowList::parse(entry).1.len(), 1, "{entry}");
    }
}
