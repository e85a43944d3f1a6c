//! Whether somebody is left who would stop this server.

use std::os::unix::process::parent_id;
use std::time::Duration;

/// How often it is looked at who the parent is.
const LOOK: Duration = Duration::from_millis(500);

/// The process that started this one. `LOCALAI_BACKEND_PARENT_WATCH` turns the watch off with `false`, `0`, `no` or `off`.
/// A process that init started, as in a container, has nobody to lose.
pub struct Parent(Option<u32>);

impl Parent {
    /// Whoever it is now: to be asked before anybody can know that this serves, and end.
    pub fn of_now() -> Self {
        let is_off = is_off(&std::env::var("LOCALAI_BACKEND_PARENT_WATCH").unwrap_or_default());
        Self(Some(parent_id()).filter(|parent| *parent > 1 && !is_off))
    }

    /// Waits until it has ended, however it did.
    pub async fn ended(self) {
        let Some(parent) = self.0 else { return std::future::pending().await };
        while parent_id() == parent {
            tokio::time::sleep(LOOK).await;
        }
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
