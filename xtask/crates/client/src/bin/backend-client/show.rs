//! What people read.

use std::time::Duration;

use client::task::Answer;
use client::{Backend, Known};

pub(crate) fn identity(backend: &Backend) -> String {
    let Known { backend: name, version } = backend.known();
    let words =
        [name.as_str(), version].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let who = if words.is_empty() { "a backend" } else { &words };
    format!("{who} at {}", backend.address())
}

/// For example `64 tokens, the first after 12 ms, then 5400 tokens/s; ended: length`.
pub(crate) fn timing(answer: &Answer) -> String {
    let first =
        answer.first_text.map(|first| format!(", the first after {}", short(first))).unwrap_or_default();
    let rate =
        answer.tokens_per_second().map(|rate| format!(", then {rate:.1} tokens/s")).unwrap_or_default();
    let ended =
        answer.ending.reason.as_deref().map(|reason| format!("; ended: {reason}")).unwrap_or_default();
    format!("{} tokens{first}{rate}{ended}", answer.tokens)
}

/// Three digits and a unit are enough for a duration.
pub(crate) fn short(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1e3)
    }
}

/// For example `384 numbers: 0.0123 -0.0456 0.0789 …`.
pub(crate) fn vector(vector: &[f32]) -> String {
    let shown: Vec<String> = vector.iter().take(6).map(|number| format!("{number:.4}")).collect();
    let more = if vector.len() > shown.len() { " …" } else { "" };
    format!("{} numbers: {}{more}", vector.len(), shown.join(" "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{short, vector};

    #[test]
    fn durations_and_vectors_are_short() {
        assert_eq!(short(Duration::from_micros(1_234)), "1.2 ms");
        assert_eq!(short(Duration::from_micros(123_456)), "123 ms");
        assert_eq!(short(Duration::from_millis(12_345)), "12.3 s");
        assert_eq!(vector(&[0.5, -1.0]), "2 numbers: 0.5000 -1.0000");
        assert!(vector(&[0.0; 7]).ends_with(" …"));
    }
}
