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
