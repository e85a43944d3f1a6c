//! Values of options that have a syntax of their own.

use std::time::Duration;

/// `KEY=VALUE` of `--set`.
pub fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// A size such as `20G`; binary multiples.
pub fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match &text[digits.len()..] {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("expected a number with K, M, G or T behind it".to_owned()),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| format!("`{text}` is not a size; write it like 20G"))
}

/// A duration such as `36h` or `7d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) = text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err("expected a number with s, m, h or d behind it".to_owned()),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| format!("`{text}` is not a duration; write it like 36h or 7d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("7d"), Ok(Duration::from_hours(168)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
        for text in ["", "7", "d", "1é", "-1h", "1.5h", "999999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("20G"), Ok(20 << 30));
        assert_eq!(bytes("7"), Ok(7));
        assert!(bytes("G").is_err() && bytes("1X").is_err() && bytes("99999999999T").is_err());
    }
}
