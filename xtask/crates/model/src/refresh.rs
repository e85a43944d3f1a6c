//! How often requirements that are not locked are resolved anew.

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
    let fourth = days(year, 1, 4);
    let first = fourth - (fourth + 3).rem_euclid(7);
    let day = (1..=53).contains(&week).then(|| first + (week - 1) * 7)?;
    let (year, month, day) = civil(day);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// Days since 1970 of a date, counted in years that begin in March, so that a leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + of_year - 719_468
}

/// The date of a day since 1970.
fn civil(day: i64) -> (i64, i64, i64) {
    // No year has more days than this, so that it is found in two or three steps.
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= day).unwrap_or(1);
    (year, month, day - days(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn days_and_dates_are_each_other_s_inverse() {
        for day in -1000..40_000 {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
        assert_eq!((days(1970, 1, 1), civil(0)), (0, (1970, 1, 1)));
    }
}
