//! Durations as people say them.

use std::time::Duration;

/// `3 ms`, `4.2 s` or `2 min 5 s`.
pub fn human(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales() {
        let say = |ms| human(Duration::from_millis(ms));
        assert_eq!([say(3), say(4_250), say(125_000)], ["3 ms", "4.2 s", "2 min 5 s"]);
    }
}
