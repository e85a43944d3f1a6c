//! Answers of commands that had nothing to do, given again while all is as it was.

use crate::commands::tell_fresh;
use drive::make::{Built, How};
use drive::session::{self, Session};
use memo::Question;
use std::time::Instant;
use ui::{Reporting, Ui};

/// Commands whose answers are kept: read often, and made of nothing but files.
const COMMANDS: [&str; 4] = ["build-backend", "hash", "list", "matrix"];

/// What stands before all that was printed.
#[derive(serde::Serialize, serde::Deserialize)]
struct Head {
    /// How many bytes were printed at once, and whether to stderr.
    printed: Vec<(bool, usize)>,
    reporting: Reporting,
    /// Units that are there; they are told with the time that it took to see that.
    fresh: Vec<Fresh>,
}

/// Backend, variant, platform, key and package.
type Fresh = [String; 5];

/// What was asked, if answers to it are kept.
pub fn question() -> Option<Question> {
    let is_one = |arg: std::ffi::OsString| COMMANDS.iter().any(|command| arg == *command);
    let store = || store::Store::look(session::cache_dir().ok()?.as_std_path()).ok();
    std::env::args_os().any(is_one).then(|| Question::asked(&store()?.answers())).flatten()
}

/// Notes from now on what the answer stands on, and what it is.
pub fn begin(question: Question) {
    memo::begin(question);
    ui::note_printed();
}

/// Keeps what was printed, and the units that are told behind it.
pub fn keep(session: &Session, fresh: &[Built]) {
    let printed = ui::printed();
    let fresh = fresh.iter().map(|Built { unit, key, package, .. }| {
        let words = [unit.backend.as_str(), unit.variant.as_str(), unit.platform.as_str()];
        let [backend, variant, platform] = words.map(str::to_owned);
        [backend, variant, platform, key.to_string(), package.to_string()]
    });
    let head = Head {
        printed: printed.iter().map(|(is_error, text)| (*is_error, text.len())).collect(),
        reporting: session.ui.reporting(),
        fresh: fresh.collect(),
    };
    let Ok(head) = serde_json::to_string(&head) else { return };
    let answer: String =
        [head.as_str(), "\n"].into_iter().chain(printed.iter().map(|(_, text)| text.as_str())).collect();
    // The first answer may be the first thing that is cached at all.
    if let Err(error) = session.store().and_then(|_| Ok(memo::keep(answer.as_bytes())?)) {
        session.ui.detail(&format!("the answer was not kept: {error}"));
    }
}

/// Gives the answer again, if it holds; whether it did.
pub fn tell_again(question: &Question, began: Instant) -> Option<()> {
    let answer = String::from_utf8(question.recall()?).ok()?;
    let (head, mut rest) = answer.split_once('\n')?;
    let Head { printed, reporting, fresh } = serde_json::from_str(head).ok()?;
    let fresh: Vec<Built> = fresh.iter().map(|fresh| built(fresh, began)).collect::<Option<_>>()?;
    for (is_error, length) in printed {
        let (text, behind) = rest.split_at_checked(length)?;
        rest = behind;
        let print = if is_error { ui::err } else { ui::out };
        print(format_args!("{text}"));
    }
    tell_fresh(&Ui::new(reporting), &fresh, began);
    Some(())
}

fn built([backend, variant, platform, key, package]: &Fresh, began: Instant) -> Option<Built> {
    Some(Built {
        unit: model::unit::UnitId {
            backend: backend.parse().ok()?,
            variant: variant.parse().ok()?,
            platform: platform.parse().ok()?,
        },
        key: key.parse().ok()?,
        package: package.into(),
        how: How::Fresh,
        took: began.elapsed(),
        warnings: 0,
        image: None,
    })
}
