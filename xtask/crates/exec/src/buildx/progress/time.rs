//! Times of events, as seconds since 1970: only their differences matter.

/// The moment that `2026-11-22T21:04:42.733490914Z` names; none if the text has another form.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<i32>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (time.next()?.parse::<u8>().ok()?, time.next()?.parse::<u8>().ok()?);
    let second: f64 = time.next()?.parse().ok()?;
    let plausible = (1970..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !plausible || hour > 23 || minute > 59 || !(0.0..61.0).contains(&second) {
        return None;
    }
    // Days from civil, counted from March so that the leap day comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(f64::from(days) * 86_400.0 + f64::from(hour) * 3600.0 + f64::from(minute) * 60.0 + second)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn reads_what_buildkit_writes() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(seconds("2000-03-01T00:00:01.5Z"), Some(951_868_801.5));
        assert_eq!(seconds("2026-11-22T21:04:42Z"), Some(1_795_381_482.0));
        for text in
            ["0001-01-01T00:00:00Z", "", "Z", "2026-13-01T00:00:00Z", "2026-11-22T21:04Z", "2026-11-22"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
