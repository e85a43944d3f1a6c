//! The last lines that a backend printed, kept for the moment something goes wrong.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

const KEPT: usize = 30;

/// A shared, bounded log; shown indented, as the end of an error message.
#[derive(Clone, Debug, Default)]
pub struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    pub(crate) fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

impl fmt::Display for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_empty() {
            return f.write_str("\nthe backend printed nothing");
        }
        f.write_str("\nthe backend's last lines:")?;
        lines.iter().try_for_each(|line| write!(f, "\n  | {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Tail};

    #[test]
    fn only_the_last_lines_are_kept() {
        let tail = Tail::default();
        assert!(tail.to_string().contains("printed nothing"));
        (0..KEPT + 5).for_each(|n| tail.push(format!("line {n}")));
        let shown = tail.to_string();
        assert!(!shown.contains("| line 4\n") && shown.contains("| line 5\n"), "{shown}");
        assert!(shown.ends_with(&format!("| line {}", KEPT + 4)), "{shown}");
    }
}
