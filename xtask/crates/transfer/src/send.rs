//! Requests with patience: what may pass is tried again, and nothing that was answered is asked twice.

use crate::attempt::{attempt, kept};
use crate::budget::Budget;
use crate::error::TransferError;
use crate::request::Request;
use crate::response::Response;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A download that breaks is taken up again this often, as long as each try brings something.
const RESUMES: u32 = 20;

/// Makes one request; `tick` is called some times a second while the answer comes.
///
/// An answer is whatever a server says, also that it is overloaded, once patience has run out.
pub fn send(request: &Request<'_>, tick: &mut dyn FnMut()) -> Result<Response, TransferError> {
    let until = Instant::now().checked_add(request.patience.total);
    let (mut answers, error) = persist(std::slice::from_ref(request), 1, until, &Budget::new(u64::MAX), tick);
    let unsaid = || error.unwrap_or_else(|| TransferError::Broken("no answer".to_owned()));
    answers.pop().flatten().ok_or_else(unsaid)
}

/// Makes many requests, so many at a time, all of them within `limit` and with answers of no more than `memory` bytes
/// together; answers are in the order of the requests.
///
/// What is not answered is `None`: the error, or an answer that [may pass](Response::may_pass), says why. A connection
/// that breaks ends a round, because others would break as well.
pub fn send_all(
    requests: &[Request<'_>],
    parallel: usize,
    limit: Duration,
    memory: u64,
) -> (Vec<Option<Response>>, Option<TransferError>) {
    persist(requests, parallel, Instant::now().checked_add(limit), &Budget::new(memory), &mut || {})
}

fn persist(
    requests: &[Request<'_>],
    mut parallel: usize,
    until: Option<Instant>,
    memory: &Budget,
    tick: &mut dyn FnMut(),
) -> (Vec<Option<Response>>, Option<TransferError>) {
    let mut answers = vec![None; requests.len()];
    let (mut tried, mut resumed) = (0, 0);
    loop {
        let open: Vec<usize> = (0..answers.len()).filter(|at| answers[*at].is_none()).collect();
        let Some(first) = open.first() else { return (answers, None) };
        let held = kept(&requests[*first]);
        let mut failed = Failed::default();
        for (at, outcome) in round(requests, &open, parallel, until, memory, tick) {
            match outcome {
                Ok(response) if response.may_pass() => failed.answers.push((at, response)),
                Ok(response) => (answers[at], tried) = (Some(response), 0),
                Err(error) if error.may_pass() => failed.error = Some(error),
                Err(error) => return (answers, Some(error)),
            }
        }
        if failed.is_none() {
            continue;
        }
        let patience = &requests[*first].patience;
        if kept(&requests[*first]) > held && resumed < RESUMES {
            (tried, resumed) = (0, resumed + 1);
        } else {
            tried += 1;
        }
        // Whoever is refused for asking too much asks less at once.
        parallel = if failed.is_refused() { (parallel / 2).max(1) } else { parallel };
        let wait = patience.backoff.wait(tried, failed.asked());
        // Whoever has no time left to ask again need not wait for it.
        let wait = wait.filter(|wait| until.is_none_or(|until| Instant::now() + *wait < until));
        match wait.map(halt::pause) {
            Some(Ok(())) => {}
            Some(Err(stopped)) => return (answers, Some(stopped.into())),
            None => {
                failed.answers.into_iter().for_each(|(at, response)| answers[at] = Some(response));
                return (answers, failed.error);
            }
        }
    }
}

/// What a round left open.
#[derive(Default)]
struct Failed {
    answers: Vec<(usize, Response)>,
    error: Option<TransferError>,
}

impl Failed {
    fn is_none(&self) -> bool {
        self.answers.is_empty() && self.error.is_none()
    }

    fn is_refused(&self) -> bool {
        self.answers.iter().any(|(_, response)| response.status == 429)
    }

    /// How long servers ask to be left alone.
    fn asked(&self) -> Option<Duration> {
        self.answers.iter().filter_map(|(_, response)| response.headers.retry_after()).max()
    }
}

type Outcome = (usize, Result<Response, TransferError>);

/// Asks once for everything that is open, up to the first connection that breaks.
fn round(
    requests: &[Request<'_>],
    open: &[usize],
    parallel: usize,
    until: Option<Instant>,
    memory: &Budget,
    tick: &mut dyn FnMut(),
) -> Vec<Outcome> {
    let (next, broken, done) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(Vec::new()));
    let work = |tick: &mut dyn FnMut()| {
        while !broken.load(Ordering::SeqCst) {
            let Some(at) = open.get(next.fetch_add(1, Ordering::SeqCst)) else { return };
            let outcome = attempt(&requests[*at], until, memory, tick);
            broken.fetch_or(outcome.is_err(), Ordering::SeqCst);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((*at, outcome));
        }
    };
    thread::scope(|scope| {
        for _ in 1..parallel.min(open.len()) {
            // Without this thread there are fewer at a time.
            drop(thread::Builder::new().spawn_scoped(scope, || work(&mut || {})));
        }
        work(tick);
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}
