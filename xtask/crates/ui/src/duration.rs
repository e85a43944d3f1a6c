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

/// `3 d`, `5 h` or `2 min`: how long ago something was.
pub fn age(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        let say = |seconds| age(Duration::from_secs(seconds));
        assert_eq!([say(3), say(125), say(7200), say(864_000)], ["3 s", "2 min", "2 h", "10 d"]);
    }

    #[test]
    fn scales() {
        let say = |ms| human(Duration::from_millis(ms));
        assert_eq!([say(3), say(4_250), say(125_000)], ["3 ms", "4.2 s", "2 min 5 s"]);
    }
}
