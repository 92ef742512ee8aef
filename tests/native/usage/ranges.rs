//! Which days a range reads, and where it begins.

use concierge_proxy::usage::Range;

use super::{DAY, MIDNIGHT, Objects, SECOND, SLOT, T0, chat};

#[test]
fn a_range_has_one_name() {
    for range in Range::ALL {
        assert_eq!(Range::named(range.name()), Some(range));
    }
    assert_eq!(Range::ALL.map(Range::name), ["hour", "day", "month"]);
    for name in ["", "Hour", "week", "day "] {
        assert_eq!(Range::named(name), None, "{name}");
    }
}

#[test]
fn a_range_reads_the_days_of_its_slots_and_of_the_last_24_hours() {
    for range in [Range::Hour, Range::Day] {
        assert_eq!(range.objects(T0), ["usage-2027-01-15", "usage-2027-01-14"]);
        assert_eq!(range.objects(MIDNIGHT)[0], "usage-2027-01-15");
        assert_eq!(range.objects(MIDNIGHT - 1)[0], "usage-2027-01-14");
    }
    let month = Range::Month.objects(T0);
    assert_eq!(month.len(), 30);
    assert_eq!(
        (&*month[0], &*month[14]),
        ("usage-2027-01-15", "usage-2027-01-01")
    );
    assert_eq!(
        (&*month[15], &*month[29]),
        ("usage-2026-12-31", "usage-2026-12-17")
    );
}

#[test]
fn the_days_of_a_range_differ_at_any_moment() {
    // Past the last second of 32 bits, too, where the names stand still.
    for now in [30 * DAY, T0, MIDNIGHT - 1, 4_294_967_295 * SECOND - 3 * DAY] {
        let mut month = Range::Month.objects(now);
        month.dedup();
        assert_eq!(month.len(), 30, "{now}");
    }
    Range::Month.objects(0);
    Range::Month.objects(u64::MAX);
}

/// How many chats a range counts at this moment.
fn chats(objects: &Objects, range: Range, now: u64) -> u64 {
    objects.report(range, now)["chats"]["total"]
        .as_u64()
        .unwrap()
}

#[test]
fn a_chat_leaves_a_range_with_its_slot() {
    // The slots of the first two cases are on both sides of a midnight.
    for begin in [MIDNIGHT - SLOT, MIDNIGHT, T0] {
        let mut objects = Objects::default();
        objects.count(&chat(), begin + 1);
        for (range, slots) in [(Range::Hour, 6), (Range::Day, 144)] {
            let last = begin + (slots + 1) * SLOT - 1;
            assert_eq!(chats(&objects, range, begin + 1), 1);
            assert_eq!(chats(&objects, range, last), 1, "{range:?}");
            assert_eq!(chats(&objects, range, last + 1), 0, "{range:?}");
        }
    }
}

#[test]
fn a_month_begins_with_the_day_29_days_ago() {
    let mut objects = Objects::default();
    objects.count(&chat(), MIDNIGHT);
    objects.count(&chat(), MIDNIGHT + DAY - 1);
    let last = MIDNIGHT + 30 * DAY - 1;
    assert_eq!(chats(&objects, Range::Month, last), 2);
    assert_eq!(chats(&objects, Range::Month, last + 1), 0);
    let curve = &objects.report(Range::Month, last)["curve"];
    assert_eq!(curve.as_array().unwrap().len(), 30);
    assert_eq!(
        (&curve[0]["at"], &curve[0]["ok"]),
        (&(MIDNIGHT / SECOND).into(), &2.into())
    );
}

#[test]
fn what_was_counted_before_the_range_is_in_no_part_of_a_report() {
    let mut objects = Objects::default();
    let sample = super::Sample {
        who: Some(super::who(1, 1)),
        ..super::failed(1)
    };
    objects.count(&sample, T0);
    let report = objects.report(Range::Hour, T0 + 7 * SLOT);
    assert_eq!(report["errors"], serde_json::json!([]));
    let nobody = serde_json::json!({"networks": [], "shoppers": []});
    assert_eq!(report["busiest"], nobody);
    assert_eq!(report["upstream"]["requests"], 0);
}
