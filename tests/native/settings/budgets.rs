//! How a budget is spelled.

use concierge_proxy::limits::{Budget, Window};
use concierge_proxy::settings::Setting;

use crate::support::{Settings, budget, limits};

fn caps(text: &str) -> Result<Vec<(u32, &'static str)>, String> {
    let caps = |budget: Budget| {
        budget
            .caps()
            .iter()
            .map(|cap| (cap.count, cap.window.name()))
            .collect()
    };
    Budget::parse(text).map(caps)
}

#[test]
fn a_budget_is_a_list_of_caps_the_shortest_window_first() {
    for (text, read) in [
        ("1/second", vec![(1, "second")]),
        ("20000/day", vec![(20_000, "day")]),
        (
            "6/minute, 40/hour, 100/day",
            vec![(6, "minute"), (40, "hour"), (100, "day")],
        ),
        (
            "100/day,6/minute,1/second,40/hour",
            vec![(1, "second"), (6, "minute"), (40, "hour"), (100, "day")],
        ),
        (
            " 6 / minute ,\n40 /hour ",
            vec![(6, "minute"), (40, "hour")],
        ),
        ("10/minute, 10/hour", vec![(10, "minute"), (10, "hour")]),
        ("50/minute, 10/hour", vec![(50, "minute"), (10, "hour")]),
    ] {
        assert_eq!(caps(text), Ok(read), "{text}");
    }
}

#[test]
fn a_cap_that_is_misspelled_is_refused_with_its_place() {
    for (text, place) in [
        ("", "cap 1 "),
        ("6", "cap 1 "),
        ("6minute", "cap 1 "),
        ("6 per minute", "cap 1 "),
        ("/minute", "cap 1 "),
        ("6/", "cap 1 "),
        ("0/minute", "cap 1 "),
        ("20001/day", "cap 1 "),
        ("4294967296/day", "cap 1 "),
        ("06/minute", "cap 1 "),
        ("+6/minute", "cap 1 "),
        ("-6/minute", "cap 1 "),
        ("6.0/minute", "cap 1 "),
        ("6e3/minute", "cap 1 "),
        ("6_000/day", "cap 1 "),
        ("\u{ff16}/minute", "cap 1 "),
        ("6/minutes", "cap 1 "),
        ("6/Minute", "cap 1 "),
        ("6/min", "cap 1 "),
        ("6/week", "cap 1 "),
        ("6/60", "cap 1 "),
        ("6/minute/hour", "cap 1 "),
        ("6/minute,", "cap 2 "),
        ("6/minute; 40/hour", "cap 1 "),
        ("6/minute, 40/hour, 0/day", "cap 3 "),
        ("6/minute, 7/minute", "cap 2 "),
        ("6/minute, 40/hour, 6/minute", "cap 3 "),
    ] {
        let reason = caps(text).expect_err(text);
        assert!(reason.starts_with(place), "{text:?}: {reason}");
    }
}

#[test]
fn the_headline_is_the_hours_cap_or_the_longest_windows() {
    for (text, count, window) in [
        ("6/minute, 40/hour, 100/day", 40, Window::Hour),
        ("40/hour", 40, Window::Hour),
        ("100/day, 6/minute", 100, Window::Day),
        ("6/minute, 2/second", 6, Window::Minute),
        ("2/second", 2, Window::Second),
    ] {
        let headline = budget(text).headline();
        assert_eq!((headline.count, headline.window), (count, window), "{text}");
    }
}

#[test]
fn the_horizon_is_the_longest_window_of_all_budgets() {
    for (shopper, newcomer, network, horizon) in [
        ("1/second", "1/second", "1/second", Window::Second),
        ("1/second", "1/minute", "1/second", Window::Minute),
        ("1/hour", "1/minute", "1/second", Window::Hour),
        ("1/hour", "1/minute", "1/second, 1/day", Window::Day),
    ] {
        assert_eq!(limits(shopper, newcomer, network).horizon(), horizon);
    }
}

#[test]
fn each_budget_is_read_from_its_own_setting() {
    let config = Settings::good()
        .with(Setting::ShopperLimits, "1/second")
        .with(Setting::NewcomerLimits, "2/minute")
        .with(Setting::NetworkLimits, "3/hour")
        .read()
        .1
        .unwrap();
    assert_eq!(config.limits, limits("1/second", "2/minute", "3/hour"));
}

#[test]
fn windows_are_as_long_as_they_are_named() {
    let lengths = Window::ALL.map(|window| (window.name(), window.seconds(), window.millis()));
    assert_eq!(
        lengths,
        [
            ("second", 1, 1_000),
            ("minute", 60, 60_000),
            ("hour", 3_600, 3_600_000),
            ("day", 86_400, 86_400_000),
        ]
    );
}
