//! What a fetch tells whoever watches.

use model::name::PinName;
use std::path::Path;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Another process fetches the same pin: waiting for it.
    Waiting {
        /// The pin.
        pin: &'a PinName,
    },
    /// The tree in the cache is not what was verified; it is fetched again.
    Changed {
        /// The pin.
        pin: &'a PinName,
        /// What was changed in it.
        file: &'a Path,
    },
    /// Builds use the tree that is to be replaced: waiting for them.
    InUse {
        /// The pin.
        pin: &'a PinName,
    },
    /// A mirror is being tried.
    Trying {
        /// The pin.
        pin: &'a PinName,
        /// The mirror in words.
        mirror: &'a str,
    },
    /// A download moves on.
    Progress {
        /// The pin.
        pin: &'a PinName,
        /// Bytes on disk so far.
        bytes: u64,
    },
    /// A mirror failed; the next one is tried.
    Failed {
        /// The pin.
        pin: &'a PinName,
        /// The mirror in words.
        mirror: &'a str,
        /// Why, in words.
        reason: &'a str,
    },
    /// The tree is in place.
    Done {
        /// The pin.
        pin: &'a PinName,
        /// The mirror that had it.
        mirror: &'a str,
        /// Files and links.
        files: u64,
        /// Bytes in files.
        bytes: u64,
    },
}

/// Receives events; called from the thread that fetches.
pub trait Reporter: Send + Sync {
    /// Takes one event.
    fn report(&self, event: &Event<'_>);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _event: &Event<'_>) {}
}

impl<F: Fn(&Event<'_>) + Send + Sync> Reporter for F {
    fn report(&self, event: &Event<'_>) {
        self(event);
    }
}
