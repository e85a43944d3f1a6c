//! What a report of a defect needs, in one block.

use super::redact::Redact;
use super::{capture, mac, plans};
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use ci::results::UnitResult;
use drive::make::{self, Lacking, results};
use drive::session::{Session, cache_dir};
use model::captured_host::CapturedHost;
use model::platform::Os;
use std::time::SystemTime;
use walkdir::WalkDir;

/// How many lines of the newest log are told.
const LINES: usize = 40;

/// The report.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    xtask: &'static str,
    commit: Option<String>,
    host: CapturedHost,
    missing: Vec<String>,
    builds: Vec<UnitResult>,
    newest_log: Option<Log>,
}

/// The end of a step's log.
#[derive(serde::Serialize)]
struct Log {
    file: String,
    end: Vec<String>,
}

/// It, as JSON.
pub fn document(session: &Session) -> Result<String> {
    let missing = if session.host.platform.os == Os::Darwin {
        mac::missing(session)?.1
    } else {
        Lacking::of(&make::measure(session, plans(session))?).lines().collect()
    };
    let report = Report {
        xtask: env!("CARGO_PKG_VERSION"),
        commit: exec::checkout::commit(&session.root, None).map(|head| head.commit.to_string()),
        host: capture::host(session)?,
        missing,
        builds: results::read(&session.root.join(results::DIR))?,
        newest_log: newest_log(&session.packages())?,
    };
    let redact = Redact::new(std::env::vars(), &[(&session.root, "<checkout>"), (&cache_dir()?, "<cache>")]);
    let value = redact.value(serde_json::to_value(report)?);
    Ok(serde_json::to_string_pretty(&value)?)
}

/// What the step wrote last that ran last.
fn newest_log(packages: &Utf8Path) -> Result<Option<Log>> {
    let changed = |path: &Utf8PathBuf| {
        path.metadata().and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let files = WalkDir::new(packages).min_depth(3).max_depth(3).into_iter().filter_map(Result::ok);
    let logs = files.filter_map(|entry| Utf8PathBuf::from_path_buf(entry.into_path()).ok()).filter(|path| {
        path.extension() == Some("log") && path.parent().is_some_and(|dir| dir.ends_with("logs"))
    });
    let Some(file) = logs.max_by_key(changed) else { return Ok(None) };
    let text = String::from_utf8_lossy(&fs_err::read(&file)?).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let end = lines[lines.len().saturating_sub(LINES)..].iter().map(|line| (*line).to_owned()).collect();
    Ok(Some(Log { file: file.into_string(), end }))
}
