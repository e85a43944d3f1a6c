//! The contract as a test of one package: what LocalAI does with a backend, and whether the backend bears it.

mod cases;
mod junit;
mod memory;
mod report;

pub use junit::junit;
pub use report::{Outcome, Verdict};

use std::path::PathBuf;

use crate::task::{Place, Task};
use crate::{Backend, Launch};
use report::Report;

/// What is tested, and with what.
#[derive(Debug)]
pub struct Trial {
    /// How the package is started.
    pub launch: Launch,
    /// What it is for.
    pub task: Task,
    /// A model that it must load; without one, its own or a tiny one.
    pub model: Option<PathBuf>,
    /// This very program, which can stand between itself and a backend (see [`Launch::parent`]).
    pub program: PathBuf,
}

/// Runs every case; `each` hears of one as soon as it is decided.
pub async fn verify(trial: &Trial, each: impl FnMut(&Outcome)) -> Vec<Outcome> {
    let mut report = Report::new(each);
    lasting(trial, &mut report).await;
    report.case("stops while it works", cases::stop_while_busy(trial)).await;
    report.case("demands the token", cases::token(trial)).await;
    report.case("ends with its parent", cases::parent(trial)).await;
    report.outcomes
}

/// The cases of one process, from its start to its end.
async fn lasting(trial: &Trial, report: &mut Report<impl FnMut(&Outcome)>) {
    let (task, place) = (trial.task, Place::of(&trial.launch));
    let Some(mut backend) = report.get("gets ready", Backend::start(&trial.launch)).await else {
        return report.skip(cases::LASTING, "it did not get ready");
    };
    let it = &mut backend;
    report.of("refuses a bad model", it, async |it| cases::bad_model(it, task, &place).await).await;
    let Some(_model) = report.get("loads a model", cases::load(it.client(), trial)).await else {
        return report.skip(&cases::LASTING[2..], "it loaded no model");
    };
    report.of("answers", it, async |it| cases::answer(it, task).await).await;
    report.of("streams", it, async |it| cases::stream(it, task).await).await;
    report.of("goes on after callers left", it, async |it| cases::leave(it, task).await).await;
    report.of("answers callers at once", it, async |it| cases::parallel(it, task).await).await;
    report.of("refuses a stale identity", it, async |it| cases::identity(it, task).await).await;
    report.of("keeps its memory", it, async |it| cases::memory(it, task).await).await;
    report.of("frees and stops", it, async |it| cases::free_and_stop(it).await).await;
}
