//! The calendar, in UTC, and moments as RFC 3339 writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 86_400;

/// Days since 1970 of a date, counted in years that begin in March, so that a leap day is the last.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + of_year - 719_468
}

/// Year, month and day of a day since 1970.
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    // No year has more days than this, so that it is found in two or three steps.
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= day).unwrap_or(1);
    (year, month, day - days(year, month, 1) + 1)
}

/// A day since 1970, as in `2026-01-02`.
pub(crate) fn date(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days since 1970, and seconds of the last one.
pub(crate) fn since_1970(moment: SystemTime) -> (i64, u64) {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    (i64::try_from(seconds / DAY).unwrap_or(0), seconds % DAY)
}

/// A moment as RFC 3339 has it, to the second.
pub fn rfc3339(moment: SystemTime) -> String {
    let (days, seconds) = since_1970(moment);
    format!("{}T{:02}:{:02}:{:02}Z", date(days), seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The time from 1970 to a date such as `2026-01-02T03:04:05.678+01:00`; none for another text, and for what was before.
pub fn parse_rfc3339(text: &str) -> Option<Duration> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers::<3>(date, '-')?;
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers::<3>(clock, ':')?;
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign, rest) => {
            let [hours, minutes] = numbers::<2>(rest, ':')?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if sign == "-" { -1 } else { 1 }
        }
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    let digits =
        fraction.bytes().all(|c| c.is_ascii_digit()).then(|| fraction.get(..9).unwrap_or(fraction))?;
    Some(Duration::new(u64::try_from(seconds).ok()?, format!("{digits:0<9}").parse().ok()?))
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let mut found = [0; N];
    let mut parts = text.split(separator);
    for slot in &mut found {
        let part = parts.next().filter(|part| part.len() <= 4 && part.bytes().all(|c| c.is_ascii_digit()))?;
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_other_s_inverse() {
        for day in -1000..40_000 {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
        assert_eq!((days(1970, 1, 1), civil(0)), (0, (1970, 1, 1)));
    }

    #[test]
    fn moments_as_others_write_them() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2000-02-29T12:00:00Z", 951_825_600.0),
            ("2000-03-01T00:00:01.5Z", 951_868_801.5),
            ("2026-01-02T03:04:05.000000000678901234Z", 1_767_323_045.0),
            ("2026-01-02T03:04:05+01:00", 1_767_319_445.0),
            ("2026-01-02 03:04:05-00:30", 1_767_324_845.0),
            ("2026-11-22T21:04:42Z", 1_795_381_482.0),
            ("2100-03-01T00:00:00Z", 4_107_542_400.0),
        ] {
            assert_eq!(parse_rfc3339(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in [
            "",
            "Z",
            "now",
            "2026-01-02",
            "2026-11-22T21:04Z",
            "2026-13-02T00:00:00Z",
            "2026-01-02T00:00:00",
            "0001-01-01T00:00:00Z",
            "1960-01-01T00:00:00Z",
            "2026-01-02T24:00:00Z",
            "2026-1-2T0:0Z",
            "2026-01-02T00:00:00.1é2Z",
            "2026-01-02T00:00:00+ab:cd",
            "2026-01-02T00:00:00é",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_told_to_the_second() {
        for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2026-01-02T03:04:05Z"] {
            let moment = UNIX_EPOCH + parse_rfc3339(text).unwrap() + Duration::from_millis(999);
            assert_eq!(rfc3339(moment), text);
        }
    }
}
