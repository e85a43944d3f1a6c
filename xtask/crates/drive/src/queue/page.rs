//! Pages for people: in the summary of a CI run, and below `target` for `ci summary`.

use crate::session::Session;
use anyhow::{Context, Result};
use ci::queue::{Decided, Queue, markdown};
use std::io::Write;

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
    step_summary(&page)?;
    Ok(())
}

/// Appends a page to the summary of a CI step; whether there is one.
pub fn step_summary(page: &str) -> Result<bool> {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return Ok(false);
    };
    let mut file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(std::path::PathBuf::from(file))
        .context("cannot write the summary (GITHUB_STEP_SUMMARY)")?;
    writeln!(file, "{page}")?;
    Ok(true)
}
