//! Where the upstream is.

use concierge_proxy::settings::Setting;

use crate::support::Settings;

fn base_url(text: &str) -> Result<String, Vec<String>> {
    let settings = Settings::good().with(Setting::BaseUrl, text);
    match settings.read().1 {
        Ok(config) => Ok(config.base_url),
        Err(_) => Err(settings.mistakes()),
    }
}

#[test]
fn a_base_url_is_an_origin_and_plain_segments() {
    for (text, read) in [
        ("https://api.youromi.com/v1", "https://api.youromi.com/v1"),
        (
            "https://api.youromi.com/staging/v1",
            "https://api.youromi.com/staging/v1",
        ),
        ("https://api.youromi.com/v1/", "https://api.youromi.com/v1"),
        ("https://api.youromi.com", "https://api.youromi.com"),
        ("https://api.youromi.com/", "https://api.youromi.com"),
        (
            " https://API.youromi.com:443/V1\n",
            "https://api.youromi.com/V1",
        ),
        (
            "https://api.youromi.com:8443/a-b.c_d~e",
            "https://api.youromi.com:8443/a-b.c_d~e",
        ),
        ("http://localhost:9000/v1", "http://localhost:9000/v1"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://[::1]:9000/v1", "http://[::1]:9000/v1"),
    ] {
        assert_eq!(base_url(text).as_deref(), Ok(read), "{text}");
    }
}

#[test]
fn a_base_url_has_nothing_else_in_it() {
    for text in [
        "api.youromi.com/v1",
        "/v1",
        "https:///v1",
        "https:/api.youromi.com/v1",
        "http://api.youromi.com/v1",
        "ftp://api.youromi.com/v1",
        "https://user@api.youromi.com/v1",
        "https://user:pass@api.youromi.com/v1",
        "https://api.youromi.com/v1?key=1",
        "https://api.youromi.com?key=1",
        "https://api.youromi.com/v1#a",
        "https://api.youromi.com//v1",
        "https://api.youromi.com/./v1",
        "https://api.youromi.com/../v1",
        "https://api.youromi.com/v1/..",
        "https://api.youromi.com/v%31",
        "https://api.youromi.com/v1 ,https://b.example.com",
        "https://api.youromi.com\\v1",
        "https://api.youromi.com/v1\\a",
        "https://api.youromi.com/v\u{e4}",
        "https://api.youromi.com:0/v1",
        "https://*.youromi.com/v1",
        "https://api.youromi.com/v1\nx",
    ] {
        let mistakes = base_url(text).expect_err(text);
        assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
        assert!(
            mistakes[0].starts_with("CONCIERGE_BASE_URL "),
            "{mistakes:?}"
        );
    }
}

#[test]
fn the_published_fallback_stands_behind_the_published_url_alone() {
    let published = "https://nxgsc3wl3l.execute-api.us-east-1.amazonaws.com/prod/v1";
    for (base, fallback) in [
        ("https://api.youromi.com/v1", Some(published)),
        ("https://api.youromi.com/v1/", Some(published)),
        ("https://API.youromi.com:443/v1", Some(published)),
        ("https://api.youromi.com/staging/v1", None),
        ("https://api.youromi.com", None),
        ("http://localhost:9000/v1", None),
    ] {
        let config = Settings::good()
            .with(Setting::BaseUrl, base)
            .read()
            .1
            .unwrap();
        assert_eq!(config.fallback_url.as_deref(), fallback, "{base}");
    }
}

#[test]
fn a_fallback_that_is_set_stands_behind_any_url() {
    for base in ["https://api.youromi.com/v1", "http://localhost:9000/v1"] {
        let settings = Settings::good().with(Setting::BaseUrl, base);
        let config = settings
            .with(Setting::FallbackUrl, "https://b.example.com/v1/")
            .read()
            .1
            .unwrap();
        assert_eq!(
            config.fallback_url.as_deref(),
            Some("https://b.example.com/v1")
        );
    }
}

#[test]
fn an_empty_fallback_is_none() {
    for empty in ["", "  ", "\n"] {
        let config = Settings::good()
            .with(Setting::FallbackUrl, empty)
            .read()
            .1
            .unwrap();
        assert_eq!(config.fallback_url, None, "{empty:?}");
    }
}

#[test]
fn a_wrong_fallback_is_a_mistake() {
    let mistakes = Settings::good()
        .with(Setting::FallbackUrl, "http://b.example.com/v1")
        .mistakes();
    assert_eq!(mistakes.len(), 1);
    assert!(
        mistakes[0].starts_with("CONCIERGE_FALLBACK_URL "),
        "{mistakes:?}"
    );
}
