//! The actions of others that the workflows use: all of them, each at one commit.

/// An action at a commit. A tag can be moved to other code; a commit cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    /// Repository, and the directory in it where there is one.
    pub name: &'static str,
    /// The commit.
    pub commit: &'static str,
    /// The release that the commit is, for people and for bots that renew pins.
    pub version: &'static str,
}

/// Gets the repository.
pub const CHECKOUT: Action = Action {
    name: "actions/checkout",
    commit: "3d3c42e5aac5ba805825da76410c181273ba90b1",
    version: "v7.0.1",
};

/// Keeps files for other jobs of the run.
pub const UPLOAD: Action = Action {
    name: "actions/upload-artifact",
    commit: "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a",
    version: "v7.0.1",
};

/// Gets them.
pub const DOWNLOAD: Action = Action {
    name: "actions/download-artifact",
    commit: "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",
    version: "v8.0.1",
};

/// Reads what an earlier run kept.
pub const CACHE_RESTORE: Action = Action {
    name: "actions/cache/restore",
    commit: "27d5ce7f107fe9357f9df03efb73ab90386fccae",
    version: "v5.0.5",
};

/// Keeps it for later runs.
pub const CACHE_SAVE: Action = Action { name: "actions/cache/save", ..CACHE_RESTORE };

/// Installs cosign, verified by a checksum that the action carries.
pub const COSIGN: Action = Action {
    name: "sigstore/cosign-installer",
    commit: "6f9f17788090df1f26f669e9d70d6ae9567deba6",
    version: "v4.1.2",
};

/// The cosign that signs. The second series attaches signatures where the consumers' policy looks for them.
pub const COSIGN_RELEASE: &str = "v2.6.1";

/// All of them.
pub const ALL: [Action; 6] = [CHECKOUT, UPLOAD, DOWNLOAD, CACHE_RESTORE, CACHE_SAVE, COSIGN];
