//! What a plain scalar means.

use crate::value::Value;
use std::borrow::Cow;

/// Resolves a plain scalar: nothing, a truth value, a number, otherwise text.
pub(super) fn resolve(text: Cow<'_, str>) -> Value<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        other => number(other).map_or(Value::String(text), Value::Number),
    }
}

/// Only what begins like this can be a number.
fn number(text: &str) -> Option<f64> {
    match text.as_bytes().first()? {
        b'0'..=b'9' | b'+' | b'-' | b'.' => integer(text).or_else(|| float(text)),
        _ => None,
    }
}

fn integer(text: &str) -> Option<f64> {
    let (sign, digits) = match text.as_bytes()[0] {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'b', ..] => (2, &digits[2..]),
        [b'0', b'o', ..] => (8, &digits[2..]),
        [b'0', b'x', ..] => (16, &digits[2..]),
        _ => (10, digits),
    };
    let leads = radix == 10 && (digits.starts_with('_') || digits.starts_with("0_"));
    if leads || digits.ends_with('_') || !digits.bytes().any(|b| b != b'_') {
        return None;
    }
    if radix == 10 {
        let whole = digits.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        return if whole {
            digits.replace('_', "").parse::<f64>().ok().map(|value| sign * value)
        } else {
            None
        };
    }
    let mut value = 0.0;
    for c in digits.chars().filter(|c| *c != '_') {
        value = value * f64::from(radix) + f64::from(c.to_digit(radix)?);
    }
    Some(sign * value)
}

fn float(text: &str) -> Option<f64> {
    let (sign, rest) = match text.as_bytes()[0] {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    match rest {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if rest.len() == text.len() => return Some(f64::NAN),
        _ if text.ends_with('_') => return None,
        _ => {}
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let fits = match fraction {
        // A fraction alone takes no sign.
        Some(fraction) if whole.is_empty() => {
            rest.len() == text.len() && !fraction.is_empty() && digits(fraction)
        }
        Some(fraction) => whole.as_bytes()[0].is_ascii_digit() && digits(whole) && digits(fraction),
        None => whole.bytes().next().is_some_and(|b| b.is_ascii_digit()) && digits(whole),
    };
    let plain = || rest.replace('_', "").parse::<f64>().ok();
    if fits { plain().map(|value| sign * value) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_what_they_mean_to_js_yaml() {
        for (text, json) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nULL", "\"nULL\""),
            ("true", "true"),
            ("False", "false"),
            ("yes", "\"yes\""),
            ("on", "\"on\""),
            ("12", "12"),
            ("012", "12"),
            ("-0", "0"),
            ("+7", "7"),
            ("1_000", "1000"),
            ("1_", "\"1_\""),
            ("_1", "\"_1\""),
            ("0_1", "1"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("0b101", "5"),
            ("0x", "\"0x\""),
            ("0o8", "\"0o8\""),
            ("-0x10", "-16"),
            ("12.8", "12.8"),
            ("12.0", "12"),
            (".5", "0.5"),
            ("-.5", "\"-.5\""),
            ("1.", "1"),
            ("1e3", "1000"),
            ("1e", "\"1e\""),
            ("1.5E-3", "0.0015"),
            (".inf", "null"),
            (".nan", "null"),
            ("-", "\"-\""),
            ("-cpu-x", "\"-cpu-x\""),
            ("1.2.3", "\"1.2.3\""),
            ("v1", "\"v1\""),
            ("...", "\"...\""),
        ] {
            let value = resolve(text.into());
            let mut out = Vec::new();
            crate::json::append(&mut out, &value).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), json, "{text}");
        }
    }
}
