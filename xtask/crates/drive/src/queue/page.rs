//! Pages for people: in the summary of a CI run, and below `target` for `ci summary`.

use crate::session::Session;
use anyhow::Result;
use ci::queue::{Decided, Queue, markdown};

/// Where the page of the last matrix is, from the root of the checkout.
pub const PAGE: &str = "target/xtask-results/queue.md";

/// Writes what was decided into the step summary, if there is one, and keeps it for `ci summary`.
pub fn publish(
    session: &Session,
    queue: &Queue,
    evidence: &str,
    because: &dyn Fn(&Decided) -> Option<String>,
) -> Result<()> {
    let page = markdown(queue, evidence, because);
    let file = session.root.join(PAGE);
    if let Some(dir) = file.parent() {
        fs_err::create_dir_all(dir)?;
    }
    fs_err::write(&file, &page)?;
    ui::github::tell("GITHUB_STEP_SUMMARY", &format!("{page}\n"))?;
    Ok(())
}
