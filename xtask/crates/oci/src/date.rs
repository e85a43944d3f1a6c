//! Dates as configurations and annotations write them: RFC 3339.

/// Seconds since 1970 of a date such as `2026-01-02T03:04:05.678+01:00`.
pub fn parse(text: &str) -> Option<u64> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers::<3>(date, '-')?;
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone);
    let clock = clock.split('.').next()?;
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
    u64::try_from(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset).ok()
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

/// Days from 1970-01-01, by Howard Hinnant's civil calendar: years begin in March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-01-02T03:04:05.678901234Z", 1_767_323_045),
            ("2026-01-02T03:04:05+01:00", 1_767_319_445),
            ("2026-01-02 03:04:05-00:30", 1_767_324_845),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "now",
            "2026-01-02",
            "2026-13-02T00:00:00Z",
            "2026-01-02T00:00:00",
            "1960-01-01T00:00:00Z",
            "2026-01-02T24:00:00Z",
            "2026-1-2T0:0Z",
            "2026-01-02T00:00:00+ab:cd",
            "2026-01-02T00:00:00é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
