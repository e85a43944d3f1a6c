//! `generate`: the files that are made from types, and the check that they are current.

use crate::cli::Generate;
use crate::exit::Done;
use crate::session::Session;
use anyhow::Result;
use camino::Utf8PathBuf;

/// Where the page of rules stands.
const RULES: &str = "docs/checks.md";

/// Every generated file: its path in the repository and its text.
pub(super) fn files() -> Vec<(Utf8PathBuf, String)> {
    let mut files = plan::manifest::schema::all();
    files.push((RULES.into(), check::page()));
    files
}

/// Writes the generated files, or compares them.
pub fn run(session: &Session, args: &Generate) -> Result<Done> {
    let mut stale = 0;
    for (path, text) in files() {
        let file = session.root.join(&path);
        if fs_err::read_to_string(&file).ok().as_deref() == Some(text.as_str()) {
            continue;
        }
        stale += 1;
        if args.check {
            session.ui.error(&format!("{path} is not what the types say; run `cargo xtask generate`"));
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
