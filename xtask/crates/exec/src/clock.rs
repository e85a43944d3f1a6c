//! The ISO week, in which floating requirements are resolved once.

use std::time::{SystemTime, UNIX_EPOCH};

/// The ISO year and week in UTC of a moment, as `date -u +%G-W%V` prints it.
///
/// The year is the ISO year (`%G`), not the calendar's (`%Y`): the two differ around New Year, where the reference's
/// `%Y-W%V` names weeks that do not exist, such as `2027-W53` for the first day of 2027.
pub fn iso_week(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let days = i64::try_from(seconds / 86_400).unwrap_or(0);
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
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = if leap { 366 } else { 365 };
        if day < first + length {
            return (year, first);
        }
        first += length;
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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
            assert_eq!(iso_week(UNIX_EPOCH + Duration::from_secs(seconds)), week, "{seconds}");
        }
    }
}
