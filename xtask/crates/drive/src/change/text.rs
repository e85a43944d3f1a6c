//! Files of a revision, as text.

use crate::session::Session;
use checkout::{Git, GitError};
use ci::affected::{Content, Kind};

/// What a file says; none if it is no text.
pub(super) fn text(
    session: &Session,
    git: Git<'_>,
    path: &str,
    content: &Content,
) -> Result<Option<String>, GitError> {
    let Kind::File { .. } = content.kind else { return Ok(None) };
    let bytes = match &content.id {
        Some(id) => git.contents(&[id])?.pop(),
        None => fs_err::read(session.root.join(path)).ok(),
    };
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}
