//! The bucket of time in which floating requirements are resolved once.

use model::refresh::Refresh;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The bucket of a moment in UTC, as `date -u` prints it in the cadence's format.
pub fn bucket(refresh: Refresh, now: SystemTime) -> Option<String> {
    let (days, seconds) = since_1970(now);
    match refresh {
        Refresh::IsoWeek => Some(iso_week(days)),
        Refresh::Day => Some(date(days)),
        Refresh::Hour => Some(format!("{}T{:02}", date(days), seconds / 3600)),
        Refresh::Never => None,
    }
}

/// A moment in UTC, as RFC 3339 has it.
pub fn rfc3339(moment: SystemTime) -> String {
    let (days, seconds) = since_1970(moment);
    format!("{}T{:02}:{:02}:{:02}Z", date(days), seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Days since 1970, and seconds of the last one.
fn since_1970(moment: SystemTime) -> (i64, u64) {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    (i64::try_from(seconds / 86_400).unwrap_or(0), seconds % 86_400)
}

fn date(days: i64) -> String {
    let (year, first) = year_of(days);
    let (month, day) = month_of(year, days - first);
    format!("{year}-{month:02}-{day:02}")
}

/// Whether a text is the bucket of some moment since 1970.
pub fn is_bucket(refresh: Refresh, text: &str) -> bool {
    let Some(year) = text.get(..4).and_then(|year| year.parse().ok()) else { return false };
    let first: u64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let hours = if refresh == Refresh::Hour { 24 } else { 1 };
    // The year of a week may begin a little before the calendar's, and end a little after it.
    (first.saturating_sub(3)..first + 369)
        .flat_map(|day| (0..hours).map(move |hour| day * 86_400 + hour * 3600))
        .any(|moment| bucket(refresh, UNIX_EPOCH + Duration::from_secs(moment)).as_deref() == Some(text))
}

/// The ISO year and week of a day since 1970, as `date -u +%G-W%V` prints them.
///
/// The year is the ISO year (`%G`), not the calendar's (`%Y`): the two differ around New Year, where the reference's
/// `%Y-W%V` names weeks that do not exist, such as `2027-W53` for the first day of 2027.
fn iso_week(days: i64) -> String {
    // 1970-01-01 was a Thursday: day 0 of this count is the Monday before it.
    let weekday = (days + 3).rem_euclid(7);
    let thursday = days - weekday + 3;
    let (year, first_day) = year_of(thursday);
    let week = (thursday - first_day) / 7 + 1;
    format!("{year}-W{week:02}")
}

/// The calendar year of a day since 1970, and that year's first day.
fn year_of(day: i64) -> (i64, i64) {
    let mut year = 1970;
    let mut first = 0;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if day < first + length {
            return (year, first);
        }
        first += length;
        year += 1;
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Month and day of a day of a year, which is counted from 0.
fn month_of(year: i64, mut day: i64) -> (u32, i64) {
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(refresh: Refresh, seconds: u64) -> Option<String> {
        bucket(refresh, UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn weeks_around_new_year() {
        let cases = [
            (0, "1970-W01"),
            (1_609_459_200, "2020-W53"), // 2021-01-01
            (1_798_761_600, "2026-W53"), // 2027-01-01, where `%Y-W%V` says 2027-W53
            (1_735_516_800, "2025-W01"), // 2024-12-30
            (1_795_305_600, "2026-W47"), // 2026-11-22
        ];
        for (seconds, week) in cases {
            assert_eq!(at(Refresh::IsoWeek, seconds).as_deref(), Some(week), "{seconds}");
        }
    }

    #[test]
    fn a_bucket_is_one_of_its_own_cadence_and_of_some_moment() {
        let all = [
            (Refresh::IsoWeek, "2026-W48"),
            (Refresh::IsoWeek, "2026-W53"),
            (Refresh::IsoWeek, "2025-W01"),
            (Refresh::Day, "2024-02-29"),
            (Refresh::Day, "1970-01-01"),
            (Refresh::Hour, "2026-12-31T23"),
        ];
        for (refresh, text) in all {
            for other in [Refresh::IsoWeek, Refresh::Day, Refresh::Hour, Refresh::Never] {
                assert_eq!(is_bucket(other, text), other == refresh, "{other:?} {text}");
            }
        }
        for no in
            ["", "2026", "2026-W00", "2027-W53", "2026-w48", "2026-W48 ", "2026-W4", "2025-02-29", "é026-W1"]
        {
            assert!(!is_bucket(Refresh::IsoWeek, no) && !is_bucket(Refresh::Day, no), "{no}");
        }
        let later = UNIX_EPOCH + Duration::from_secs(200 * 365 * 86_400 + 1);
        for refresh in [Refresh::IsoWeek, Refresh::Day, Refresh::Hour] {
            assert!(is_bucket(refresh, &bucket(refresh, later).unwrap()));
        }
    }

    #[test]
    fn a_moment_is_told_to_the_second() {
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(1_767_323_045)), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn days_and_hours_over_leap_years() {
        let cases = [
            (0, "1970-01-01T00"),
            (951_782_400, "2000-02-29T00"),
            (951_868_799, "2000-02-29T23"),
            (1_709_251_200, "2024-03-01T00"),
            (1_767_225_599, "2025-12-31T23"),
            (1_795_384_800, "2026-11-22T22"),
        ];
        for (seconds, hour) in cases {
            assert_eq!(at(Refresh::Hour, seconds).as_deref(), Some(hour));
            let moment = rfc3339(UNIX_EPOCH + Duration::from_secs(seconds));
            assert!(moment.starts_with(hour) && moment.len() == 20, "{moment}");
            assert_eq!(at(Refresh::Day, seconds).as_deref(), Some(&hour[..10]));
            assert_eq!(at(Refresh::Never, seconds), None);
        }
    }
}
