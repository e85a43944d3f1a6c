//! JSON as JavaScript's `JSON.stringify` writes it: compact, and numbers in its own form.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io;

/// Appends a value; fails only for what JSON cannot say, such as a map whose keys are no text.
pub fn append<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, JavaScript))
}

/// Compact, as it is by default, but for numbers.
struct JavaScript;

impl Formatter for JavaScript {
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(number(value).as_bytes())
    }
}

/// A finite number as JavaScript prints it.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // The shortest digits that read back as the same number, which is what JavaScript asks for too.
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    // Where the point stands, counted from the first digit.
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let at = |index: i32| digits.split_at(usize::try_from(index).unwrap_or(0));
    let body = match point {
        22.. | ..=-6 => {
            let (first, rest) = at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            let plus = if point > 0 { "+" } else { "" };
            format!("{first}{dot}{rest}e{plus}{}", point - 1)
        }
        ..=0 => format!("0.{}{digits}", zeros(-point)),
        _ if point >= count => format!("{digits}{}", zeros(point - count)),
        _ => {
            let (whole, fraction) = at(point);
            format!("{whole}.{fraction}")
        }
    };
    format!("{sign}{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_javascript() {
        // What Node prints for each.
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12.0, "12"),
            (-2204.0, "-2204"),
            (12.8, "12.8"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (12_345_678_901_234_567_890.0, "12345678901234567000"),
            (0.000_001, "0.000001"),
            (0.000_000_1, "1e-7"),
            (1.25e-9, "1.25e-9"),
            (123.456, "123.456"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn text_is_escaped_as_in_javascript() {
        let mut out = Vec::new();
        append(&mut out, "a\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}\u{2028}é😀").unwrap();
        let expected = "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}\u{2028}é😀\"";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
