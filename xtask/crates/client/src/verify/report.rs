//! What became of each case.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::{Backend, Error, Result};

/// Nothing that a case waits for takes longer: starting is bounded by itself, and loading a tiny model is short.
const LIMIT: Duration = Duration::from_mins(5);

/// One case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is expected, as a sentence without its subject.
    pub case: &'static str,
    /// How long it took to find out.
    pub time: Duration,
    /// What was found.
    pub verdict: Verdict,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is so.
    Passed,
    /// It does not concern this backend, or could not be tried.
    Skipped(String),
    /// It is not so.
    Failed(String),
}

pub(super) struct Report<F> {
    pub(super) outcomes: Vec<Outcome>,
    each: F,
    /// Why nothing more can be asked of the backend that is running.
    gone: Option<&'static str>,
}

impl<F: FnMut(&Outcome)> Report<F> {
    pub(super) fn new(each: F) -> Self {
        Self { outcomes: Vec::new(), each, gone: None }
    }

    /// Decides a case that yields what others need.
    pub(super) async fn get<T>(
        &mut self,
        case: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        let begun = Instant::now();
        match timeout(LIMIT, work).await {
            Ok(Ok(value)) => {
                self.add(case, begun, Verdict::Passed);
                Some(value)
            }
            Ok(Err(error)) => {
                self.add(case, begun, Verdict::Failed(error.to_string()));
                None
            }
            Err(_) => {
                self.add(case, begun, Verdict::Failed(format!("nothing came of it within {LIMIT:?}")));
                None
            }
        }
    }

    /// Decides a case that says itself whether it concerns the backend.
    pub(super) async fn case(
        &mut self,
        case: &'static str,
        work: impl Future<Output = Result<Option<&'static str>>>,
    ) {
        let begun = Instant::now();
        let verdict = match timeout(LIMIT, work).await {
            Ok(Ok(None)) => Verdict::Passed,
            Ok(Ok(Some(why))) => Verdict::Skipped(why.to_owned()),
            Ok(Err(error)) => {
                if matches!(error, Error::Crashed { .. }) {
                    self.gone = Some("the backend ended under an earlier case");
                }
                Verdict::Failed(error.to_string())
            }
            Err(_) => Verdict::Failed(format!("nothing came of it within {LIMIT:?}")),
        };
        self.add(case, begun, verdict);
    }

    /// The same with a backend that is running.
    pub(super) async fn of(
        &mut self,
        case: &'static str,
        backend: &mut Backend,
        work: impl AsyncFnOnce(&mut Backend) -> Result<Option<&'static str>>,
    ) {
        if let Some(why) = self.gone {
            return self.skip(&[case], why);
        }
        self.case(case, async {
            match work(backend).await {
                Err(error) => Err(backend.explain(error).await),
                decided => decided,
            }
        })
        .await;
    }

    pub(super) fn skip(&mut self, cases: &[&'static str], why: &str) {
        for case in cases {
            self.add(case, Instant::now(), Verdict::Skipped(why.to_owned()));
        }
    }

    fn add(&mut self, case: &'static str, begun: Instant, verdict: Verdict) {
        let outcome = Outcome { case, time: begun.elapsed(), verdict };
        (self.each)(&outcome);
        self.outcomes.push(outcome);
    }
}
