//! Who makes what is made here.

use crate::session::Session;
use model::event::Event;
use model::trust::Identity;
use trust::Maker;

/// GitHub's word for its workflows.
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The workflow of this run and the revision that it builds.
pub fn maker(session: &Session) -> Maker {
    let event = Event::read(&exec::event::capture());
    let commit = event.commit.as_ref();
    let head = || exec::checkout::commit(&session.root, None).map(|head| head.commit);
    Maker {
        workflow: exec::event::workflow().unwrap_or_else(|| "by hand".to_owned()),
        revision: commit.cloned().or_else(head).map_or_else(|| "unknown".to_owned(), |id| id.to_string()),
    }
}

/// As whom workflows of this repository sign.
pub fn own() -> Option<Identity> {
    let source = exec::event::source()?;
    Some(Identity { issuer: ISSUER.to_owned(), workflow: format!("{source}/.github/workflows/*") })
}
