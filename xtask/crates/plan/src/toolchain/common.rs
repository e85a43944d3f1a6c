//! Commands that several steps have.

use crate::cmd::Cmd;

/// A download that fails where a server answers with an error page, and that is never in the clear.
pub(super) fn curl(url: &str, to: &str) -> Cmd {
    Cmd::root("curl")
        .args(["--fail", "--silent", "--show-error", "--location", "--retry", "3"])
        .args(["--proto", "=https", "--output", to, url])
}

/// Write a file that everybody may read.
pub(super) fn write(path: &str, text: &str) -> Cmd {
    Cmd::root("tee").arg(path).stdin(text)
}
