//! Points in time as texts.

use concierge_proxy::timestamp::rfc3339;
use proptest::prelude::*;

use crate::support::cases;

/// The text of a time, found by counting years, months and days from 1970 on.
fn counted(seconds: u32) -> String {
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u32| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1_970;
    while days >= 365 + u32::from(is_leap(year)) {
        days -= 365 + u32::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u32::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute) = (second / 3_600, second % 3_600 / 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}Z",
        days + 1,
        second % 60
    )
}

#[test]
fn well_known_times_are_written_as_they_should_be() {
    for (seconds, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (86_399, "1970-01-01T23:59:59Z"),
        (68_169_599, "1972-02-28T23:59:59Z"),
        (68_169_600, "1972-02-29T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"),
        (1_800_000_000, "2027-01-15T08:00:00Z"),
        (2_147_483_647, "2038-01-19T03:14:07Z"),
        // 2100 is no leap year.
        (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (u32::MAX, "2106-02-07T06:28:15Z"),
    ] {
        assert_eq!(rfc3339(seconds), text);
        assert_eq!(counted(seconds), text);
    }
}

#[test]
fn every_day_has_its_date() {
    for day in 0..=u32::MAX / 86_400 {
        assert_eq!(rfc3339(day * 86_400), counted(day * 86_400));
    }
}

proptest! {
    #![proptest_config(cases(2_048))]

    #[test]
    fn every_second_has_its_time(seconds: u32) {
        prop_assert_eq!(rfc3339(seconds), counted(seconds));
    }

    #[test]
    fn a_later_time_has_a_greater_text(a: u32, b: u32) {
        prop_assert_eq!(rfc3339(a).cmp(&rfc3339(b)), a.cmp(&b));
    }
}
