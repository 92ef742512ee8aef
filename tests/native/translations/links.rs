//! Which links of an upstream reach a page.

use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use super::products;
use crate::support::Settings;
use crate::support::shop::Shop;

/// An upstream's answer with this link.
type Answer = fn(&str) -> Value;

/// For each assistant its settings, and an answer whose product has this picture and this page.
fn assistants() -> [(Settings, Answer); 3] {
    [
        (Settings::homie(), |link| {
            json!({"content": "A hat.", "products": [
                {"designation": "A hat", "image": link, "uri": link, "url": link}]})
        }),
        (Settings::rewardsbot(), |link| {
            json!({"agent_reply": "A hat.", "found_products": {"search_results": {"a": [
                {"name": "A hat", "image_url": link, "direct_link": link, "detail_link": link}]}}})
        }),
        (Settings::omniops_as_built(), |link| {
            json!({"message": "A hat.", "shoppingMetadata": {"products": [
                {"name": "A hat", "image": link, "permalink": link,
                 "images": [link, {"src": link}]}]}})
        }),
    ]
}

/// What becomes of a link, at an upstream with this base URL.
fn passed(base_url: &str, link: &str) -> Option<String> {
    let mut results = assistants().map(|(settings, upstream)| {
        let mut shop = Shop::open(&settings.with(Setting::BaseUrl, base_url));
        let product = products(&mut shop, &upstream(link)).remove(0);
        assert_eq!(product["image"], product["url"], "{link}");
        product["url"].as_str().map(str::to_owned)
    });
    let first = results[0].take();
    assert!(results[1..].iter().all(|other| *other == first), "{link}");
    first
}

const UPSTREAM: &str = "https://upstream.example.com/api";

#[test]
fn a_link_that_is_https_is_passed_on_as_it_is() {
    for link in [
        "https://shop.example.com",
        "https://shop.example.com/p/hat?size=m&colour=red#top",
        "https://shop.example.com:8443/p/hat",
        "https://shop.example.com/p/%C3%A4",
        "https://shop.example.com/p/h\u{e4}t",
        "https://192.0.2.7/p",
        "https://[2001:db8::7]/p",
        "https://localhost/p",
    ] {
        assert_eq!(passed(UPSTREAM, link).as_deref(), Some(link));
    }
}

#[test]
fn no_other_link_is_passed_on() {
    for link in [
        "",
        " ",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "javascript://shop.example.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:image/png;base64,AAAA",
        "vbscript:a",
        "blob:https://shop.example.com/1",
        "file:///etc/passwd",
        "ftp://shop.example.com/a",
        "http://shop.example.com/p",
        "http://localhost:9000/p",
        "//shop.example.com/p",
        "/p/hat",
        "p/hat",
        "https:/shop.example.com",
        "https:shop.example.com",
        "https://",
        "https:///p",
        " https://shop.example.com/p",
        "https://shop.example.com/p ",
        "https://shop.example.com/a b",
        "https://shop.example.com/a\tb",
        "https://shop.example.com/a\u{0}b",
        "https://user@shop.example.com/p",
        "https://user:password@shop.example.com/p",
        "https://shop.example.com:99999/p",
        "https://shop.example.com\\@evil.example/p\u{a0}",
        "https://sh\u{f6}p.example.com/p",
        "https://shop..example.com/p",
        "https://999.1.1.1/p",
    ] {
        assert_eq!(passed(UPSTREAM, link), None, "{link:?}");
    }
}

#[test]
fn a_link_of_more_than_2048_bytes_is_left_out() {
    let link = |bytes: usize| format!("https://shop.example.com/{}", "a".repeat(bytes - 25));
    assert_eq!(passed(UPSTREAM, &link(2_048)), Some(link(2_048)));
    assert_eq!(passed(UPSTREAM, &link(2_049)), None);
}

#[test]
fn a_link_to_this_machine_may_be_http_only_if_the_upstream_is_there_too() {
    for link in [
        "http://localhost:9000/p",
        "http://127.0.0.1/p",
        "http://[::1]:8080/p",
    ] {
        assert_eq!(passed("http://localhost:9000", link).as_deref(), Some(link));
        assert_eq!(passed(UPSTREAM, link), None);
        // Where the upstream is reached by https, it counts as elsewhere.
        assert_eq!(passed("https://localhost:9000", link), None);
    }
    for link in [
        "http://shop.example.com/p",
        "http://127.0.0.1.example.com/p",
        "http://localhost.example.com/p",
        "http://192.0.2.7/p",
        "javascript:alert(1)",
    ] {
        assert_eq!(passed("http://localhost:9000", link), None, "{link}");
    }
    let https = "https://shop.example.com/p";
    assert_eq!(
        passed("http://127.0.0.1:9000", https).as_deref(),
        Some(https)
    );
}

#[test]
fn a_link_that_is_no_text_is_left_out() {
    for link in [
        json!(null),
        json!(7),
        json!(true),
        json!({"src": 7}),
        json!([[]]),
    ] {
        let upstream = json!({"message": "A hat.", "shoppingMetadata": {"products": [
            {"name": "A hat", "image": link, "images": [link], "permalink": link}]}});
        let mut shop = Shop::open(&Settings::omniops_as_built());
        let product = products(&mut shop, &upstream).remove(0);
        assert_eq!(
            (&product["image"], &product["url"]),
            (&json!(null), &json!(null))
        );
    }
}
