//! What a request needs permission for, as token services name it.

use model::oci::Repository;

/// What is to be done, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access<'a> {
    Pull(&'a Repository),
    Push(&'a Repository),
    Delete(&'a Repository),
    /// Blobs of `from` are to be known in `to`.
    Mount {
        from: &'a Repository,
        to: &'a Repository,
    },
}

impl<'a> Access<'a> {
    /// The repository that is asked.
    pub(crate) fn repository(&self) -> &'a Repository {
        match self {
            Self::Pull(repository)
            | Self::Push(repository)
            | Self::Delete(repository)
            | Self::Mount { to: repository, .. } => repository,
        }
    }

    /// The scopes of a token.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let scope = |repository: &Repository, actions| format!("repository:{}:{actions}", repository.path());
        match self {
            Self::Pull(repository) => vec![scope(repository, "pull")],
            Self::Push(repository) => vec![scope(repository, "pull,push")],
            Self::Delete(repository) => vec![scope(repository, "pull,push,delete")],
            Self::Mount { from, to } => vec![scope(to, "pull,push"), scope(from, "pull")],
        }
    }
}
