//! The parameters of a request without a body.

use concierge_proxy::contract::query::parameter;
use proptest::prelude::*;

use crate::support::cases;

#[test]
fn a_parameter_is_found_wherever_it_stands() {
    for query in [
        "page=a-_1",
        "x=1&page=a-_1",
        "page=a-_1&x=1",
        "&&page=a-_1&",
        "x&page=a-_1&=",
        "=&page=a-_1",
    ] {
        assert_eq!(parameter(query, "page"), Some("a-_1"), "{query}");
    }
}

#[test]
fn of_several_of_one_name_the_first_counts() {
    assert_eq!(parameter("page=a&page=b", "page"), Some("a"));
    assert_eq!(parameter("page=&page=b", "page"), None);
}

#[test]
fn a_name_is_matched_exactly() {
    for query in [
        "", "page", "page=", "Page=a", "pages=a", "apage=a", "p%61ge=a", " page=a", "page[]=a",
        "x=page=a",
    ] {
        assert_eq!(parameter(query, "page"), None, "{query:?}");
    }
}

#[test]
fn a_value_is_taken_as_it_was_sent() {
    for (query, value) in [
        ("page=a%20b", "a%20b"),
        ("page=a+b", "a+b"),
        ("page=a=b", "a=b"),
        ("page=\u{e4}", "\u{e4}"),
    ] {
        assert_eq!(parameter(query, "page"), Some(value));
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_query_breaks_the_reading(query in any::<String>(), name in "[a-z]{1,4}") {
        if let Some(value) = parameter(&query, &name) {
            let found = format!("{name}={value}");
            prop_assert!(query.contains(&found));
        }
    }
}
