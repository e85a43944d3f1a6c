//! When to try again: after what, how often, how long to wait.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// How often and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Tries in all.
    pub tries: u32,
    /// The first wait; each further one is twice as long.
    pub first: Duration,
    /// The longest wait of our own.
    pub longest: Duration,
    /// The longest wait that a server may ask for.
    pub patience: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            tries: 5,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            patience: Duration::from_mins(2),
        }
    }
}

impl Backoff {
    /// Never again, except that a download that broke goes on.
    pub const ONCE: Self = Self {
        tries: 1,
        first: Duration::from_millis(100),
        longest: Duration::from_millis(100),
        patience: Duration::ZERO,
    };

    /// How long to wait after try number `tried`, counted from 1; `None`: give up.
    ///
    /// `asked` is what the server asks for.
    pub fn wait(&self, tried: u32, asked: Option<Duration>) -> Option<Duration> {
        self.drawn(tried, asked, chance())
    }

    /// `chance` in 0..1 spreads clients that failed together.
    fn drawn(&self, tried: u32, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        if tried >= self.tries {
            return None;
        }
        if let Some(asked) = asked {
            return (asked <= self.patience).then_some(asked);
        }
        let full = self.first.saturating_mul(1 << tried.saturating_sub(1).min(16)).min(self.longest);
        Some(full.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0))
    }
}

/// A number in 0..1 that differs between processes and calls.
fn chance() -> f64 {
    let number = RandomState::new().hash_one(0_u8) >> 40;
    f64::from(u32::try_from(number).unwrap_or(0)) / f64::from(1 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let backoff = Backoff { tries: 4, longest: Duration::from_millis(1500), ..Backoff::default() };
        let millis = |tried| backoff.drawn(tried, None, 1.0).map(|wait| wait.as_millis());
        assert_eq!([1, 2, 3, 4].map(millis), [Some(500), Some(1000), Some(1500), None]);
        assert_eq!(backoff.drawn(1, None, 0.0), Some(Duration::from_millis(250)));
    }

    #[test]
    fn servers_are_obeyed_within_reason() {
        let backoff = Backoff::default();
        let asked = |seconds| backoff.drawn(1, Some(Duration::from_secs(seconds)), 0.5);
        assert_eq!(asked(7), Some(Duration::from_secs(7)));
        assert_eq!(asked(121), None);
        assert_eq!(backoff.drawn(5, Some(Duration::ZERO), 0.5), None);
    }

    #[test]
    fn chance_varies_within_its_bounds() {
        let drawn: Vec<f64> = (0..16).map(|_| chance()).collect();
        assert!(drawn.iter().all(|number| (0.0..1.0).contains(number)));
        assert!(
            drawn.windows(2).any(|pair| pair[0] < pair[1]) && drawn.windows(2).any(|pair| pair[0] > pair[1])
        );
    }
}
