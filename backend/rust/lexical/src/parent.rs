//! Whether somebody is left who would stop this server.

use std::os::unix::process::parent_id;
use std::time::Duration;

/// How often it is looked at who the parent is.
const LOOK: Duration = Duration::from_millis(500);

/// Waits until the process that started this one has ended, however it did. `LOCALAI_BACKEND_PARENT_WATCH` turns that off
/// with `false`, `0`, `no` or `off`. A process that init started, as in a container, has nobody to lose.
pub async fn ended() {
    let parent = parent_id();
    if parent <= 1 || is_off(&std::env::var("LOCALAI_BACKEND_PARENT_WATCH").unwrap_or_default()) {
        return std::future::pending().await;
    }
    while parent_id() == parent {
        tokio::time::sleep(LOOK).await;
    }
}

fn is_off(setting: &str) -> bool {
    ["false", "0", "no", "off"].contains(&setting.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_on_unless_it_is_turned_off() {
        let on: Vec<_> =
            ["", "true", "1", " Off ", "no", "0", "FALSE"].map(|word| !super::is_off(word)).into();
        assert_eq!(on, [true, true, true, false, false, false, false]);
    }
}
