//! How often requirements that are not locked are resolved anew.

use crate::time::calendar;
use std::time::{SystemTime, UNIX_EPOCH};

/// The bucket that stands in the key of a unit with floating requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Refresh {
    /// Every Monday, by the ISO week with its own year.
    IsoWeek,
    /// Every day.
    Day,
    /// Every hour.
    Hour,
    /// When something else changes.
    Never,
}

impl Refresh {
    /// The bucket as a strftime(3) format in UTC; none where nothing is ever renewed for its age.
    ///
    /// A week goes with the ISO year `%G`, not with the calendar's `%Y`, which the reference has. They differ around
    /// New Year: 1 January 2027 lies in week `2026-W53`, and `%Y-W%V` says `2027-W53`, a week that does not exist; on
    /// 30 December 2024 it says `2024-W01` a second time, and hits a cache that is a year old.
    pub fn strftime(self) -> Option<&'static str> {
        match self {
            Self::IsoWeek => Some("%G-W%V"),
            Self::Day => Some("%Y-%m-%d"),
            Self::Hour => Some("%Y-%m-%dT%H"),
            Self::Never => None,
        }
    }

    /// The bucket of a moment in UTC, as `date -u` prints it in the cadence's format.
    pub fn bucket(self, now: SystemTime) -> Option<String> {
        let (day, seconds) = calendar::since_1970(now);
        match self {
            Self::IsoWeek => Some(iso_week(day)),
            Self::Day => Some(calendar::date(day)),
            Self::Hour => Some(format!("{}T{:02}", calendar::date(day), seconds / 3600)),
            Self::Never => None,
        }
    }

    /// Whether a text is the bucket of some moment since 1970.
    pub fn is_bucket(self, text: &str) -> bool {
        let begun = begin(text).and_then(|begun| calendar::parse_rfc3339(&begun));
        begun.is_some_and(|since| self.bucket(UNIX_EPOCH + since).as_deref() == Some(text))
    }
}

/// When a bucket begins, as RFC 3339 has it; none for a text that names no bucket.
pub fn begin(bucket: &str) -> Option<String> {
    let (day, time) = bucket.split_once('T').unwrap_or((bucket, "00"));
    let (year, rest) = day.split_once('-')?;
    let date = match rest.strip_prefix('W') {
        Some(week) => monday(year.parse().ok()?, week.parse().ok()?)?,
        None => day.to_owned(),
    };
    Some(format!("{date}T{time}:00:00Z"))
}

/// The Monday of an ISO week.
fn monday(year: i64, week: i64) -> Option<String> {
    // The fourth of January lies in the first week.
    let fourth = calendar::days(year, 1, 4);
    let first = fourth - (fourth + 3).rem_euclid(7);
    (1..=53).contains(&week).then(|| calendar::date(first + (week - 1) * 7))
}

/// The ISO year and week of a day since 1970, as `date -u +%G-W%V` prints them.
fn iso_week(day: i64) -> String {
    // 1970-01-01 was a Thursday, and a week belongs to the year of its own.
    let thursday = day - (day + 3).rem_euclid(7) + 3;
    let (year, ..) = calendar::civil(thursday);
    let week = (thursday - calendar::days(year, 1, 1)) / 7 + 1;
    format!("{year}-W{week:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_begins_at_midnight_or_on_the_hour() {
        for (bucket, expected) in [
            ("2026-W48", "2026-11-23T00:00:00Z"),
            ("2026-W01", "2025-12-29T00:00:00Z"),
            ("2026-W53", "2026-12-28T00:00:00Z"),
            ("2024-W10", "2024-03-04T00:00:00Z"),
            ("2026-11-29", "2026-11-29T00:00:00Z"),
            ("2026-11-29T07", "2026-11-29T07:00:00Z"),
        ] {
            assert_eq!(begin(bucket).as_deref(), Some(expected), "{bucket}");
        }
        for wrong in ["", "2026", "2026-W", "2026-W99", "never"] {
            assert_eq!(begin(wrong), None, "{wrong}");
        }
    }

    fn at(refresh: Refresh, seconds: u64) -> Option<String> {
        refresh.bucket(UNIX_EPOCH + Duration::from_secs(seconds))
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
                assert_eq!(other.is_bucket(text), other == refresh, "{other:?} {text}");
            }
        }
        for no in
            ["", "2026", "2026-W00", "2027-W53", "2026-w48", "2026-W48 ", "2026-W4", "2025-02-29", "é026-W1"]
        {
            assert!(!Refresh::IsoWeek.is_bucket(no) && !Refresh::Day.is_bucket(no), "{no}");
        }
        let later = UNIX_EPOCH + Duration::from_secs(200 * 365 * 86_400 + 1);
        for refresh in [Refresh::IsoWeek, Refresh::Day, Refresh::Hour] {
            assert!(refresh.is_bucket(&refresh.bucket(later).unwrap()));
        }
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
            assert_eq!(at(Refresh::Day, seconds).as_deref(), Some(&hour[..10]));
            assert_eq!(at(Refresh::Never, seconds), None);
        }
    }
}
