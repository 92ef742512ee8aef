//! Points in time as texts.

const SECONDS_A_DAY: u32 = 86_400;

/// Returns a time in seconds since 1970 as RFC 3339 has it, in UTC.
pub fn rfc3339(seconds: u32) -> String {
    let (year, month, day) = date(seconds / SECONDS_A_DAY);
    let second = seconds % SECONDS_A_DAY;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Returns the year, month and day of a day since 1970, in the Gregorian calendar.
///
/// Years begin in March here, so that the leap day is their last one. A calendar repeats itself
/// every 400 years, which are an era of 146,097 days.
fn date(days: u32) -> (u32, u32, u32) {
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next_year, month, day)
}
