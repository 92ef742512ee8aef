//! Times in ISO 8601, in UTC.

const DAY_MS: u64 = 86_400_000;

/// Returns a time such as `2026-05-05T12:00:00.000Z`, from milliseconds since 1970.
pub fn iso_8601(ms: u64) -> String {
    let (year, month, day) = date(ms / DAY_MS);
    let rest = ms % DAY_MS;
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Returns the date of a day since 1970, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Years begin in March here, so the leap day is the last day of its year.
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (year_of_era + era * 400 + next, month, day)
}

/// Returns the milliseconds since 1970 of a date and a time. `None` if it is none, or is earlier.
///
/// A time without an offset is in UTC. The fraction of a second does not count.
pub fn milliseconds(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', ' ']).filter(|_| is_iso_8601(text))?;
    let (clock, sign, offset) = match (time.split_once('+'), time.split_once('-')) {
        (Some((clock, offset)), _) => (clock, -1, offset),
        (None, Some((clock, offset))) => (clock, 1, offset),
        (None, None) => (time, 1, ""),
    };
    let clock = clock.split(['Z', '.']).next()?;
    let (hours, minutes, seconds) = hours_minutes_seconds(clock)?;
    let (more_hours, more_minutes, _) = match offset {
        "" => (0, 0, 0),
        offset => hours_minutes_seconds(offset)?,
    };
    let hours = i64::try_from(days(date)?).ok()? * 24 + hours + sign * more_hours;
    let seconds = (hours * 60 + minutes + sign * more_minutes) * 60 + seconds;
    u64::try_from(seconds * 1_000).ok()
}

/// Returns the numbers of a time such as `12:00` or `12:00:30`.
fn hours_minutes_seconds(clock: &str) -> Option<(i64, i64, i64)> {
    let mut numbers = clock.split(':').map(|number| number.parse::<u16>().ok());
    let (hours, minutes) = (numbers.next()??, numbers.next()??);
    let seconds = numbers.next().unwrap_or(Some(0))?;
    Some((hours.into(), minutes.into(), seconds.into()))
}

/// Returns the days since 1970, in the Gregorian calendar.
fn days(date: &str) -> Option<u64> {
    let mut numbers = date
        .split('-')
        .map_while(|number| number.parse::<u64>().ok());
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    // Years begin in March, as in `date`.
    let (year, month) = match month {
        ..3 => (year.checked_sub(1)?, month + 9),
        _ => (year, month - 3),
    };
    let day_of_year = (153 * month + 2) / 5 + day.checked_sub(1)?;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days.checked_sub(719_468)
}

/// Returns whether a text is a date and a time with an offset or none.
pub fn is_iso_8601(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', ' ']) else {
        return false;
    };
    let clock = time
        .split_once(['Z', '+', '-', '.'])
        .map_or(time, |(clock, _)| clock);
    let numbers = |text: &str, separator: char, most: &[u32]| {
        let parts: Vec<Option<u32>> = text.split(separator).map(|n| n.parse().ok()).collect();
        parts.len() == most.len()
            && parts
                .iter()
                .zip(most)
                .all(|(part, most)| part.is_some_and(|part| part <= *most))
    };
    numbers(date, '-', &[9_999, 12, 31])
        && (numbers(clock, ':', &[23, 59, 60]) || numbers(clock, ':', &[23, 59]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(iso_8601(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso_8601(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(iso_8601(1_777_939_200_123), "2026-05-05T00:00:00.123Z");
        assert_eq!(iso_8601(1_798_761_599_999), "2026-12-31T23:59:59.999Z");
    }

    #[test]
    fn times_are_read_in_their_own_zone() {
        for (text, time) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("2000-02-29T12:00:30.999Z", "2000-02-29T12:00:30.000Z"),
            ("2026-03-01 00:30+02:00", "2026-02-28T22:30:00.000Z"),
            ("2026-12-31T23:00:00.5-01:30", "2027-01-01T00:30:00.000Z"),
        ] {
            assert_eq!(milliseconds(text).map(iso_8601).as_deref(), Some(time));
        }
        for text in ["1969-12-31T23:00Z", "2026-00-00T00:00Z", "tomorrow"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_told_from_other_texts() {
        for time in [
            "2026-05-05T12:00:00Z",
            "2026-05-05T12:00:00.123Z",
            "2026-05-05T12:00:00+02:00",
            "2026-05-05 12:00",
        ] {
            assert!(is_iso_8601(time), "{time}");
        }
        for text in ["", "yesterday", "2026-05-05", "2026-13-05T12:00Z", "1777"] {
            assert!(!is_iso_8601(text), "{text}");
        }
    }
}
