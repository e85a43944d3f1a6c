//! `generate`: the files that are made from types and from other files, and the check that they are current.

use crate::cli::Generate;
use crate::exit::Done;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use drive::session::Session;
use plan::proto::{BASELINE, CONTRACT, adds_declarations_only};

/// Where the page of rules stands.
const RULES: &str = "docs/checks.md";

/// Every generated file: its path in the repository and its text. `read` gives those of which they are made.
pub(super) fn files(read: impl Fn(&Utf8Path) -> Option<String>) -> Vec<(Utf8PathBuf, String)> {
    let mut files = model::manifest::schema::all();
    files.push(localai::filter::rules::SCHEMA.generated());
    files.push((RULES.into(), check::page()));
    if let Some(contract) = read(CONTRACT.into()) {
        // While the contract adds to it, the baseline stays; once it says something else, every key changes anyhow.
        let stands = read(BASELINE.into()).filter(|baseline| adds_declarations_only(baseline, &contract));
        files.push((BASELINE.into(), stands.unwrap_or(contract)));
    }
    files
}

/// Writes the generated files, or compares them.
pub fn run(session: &Session, args: &Generate) -> Result<Done> {
    let mut stale = 0;
    for (path, text) in files(|path| fs_err::read_to_string(session.root.join(path)).ok()) {
        let file = session.root.join(&path);
        if fs_err::read_to_string(&file).ok().as_deref() == Some(text.as_str()) {
            continue;
        }
        stale += 1;
        if args.check {
            session.ui.error(&format!("{path} is not current; run `cargo xtask generate`"));
        } else {
            if let Some(dir) = file.parent() {
                fs_err::create_dir_all(dir)?;
            }
            fs_err::write(&file, text)?;
            session.ui.note(&format!("wrote {path}"));
        }
    }
    if args.check && stale > 0 {
        return Ok(Done::Differs);
    }
    session.ui.done(if stale == 0 { "generated files are current" } else { "generated files were written" });
    Ok(Done::Well)
}
