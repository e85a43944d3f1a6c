//! `check`: the smoke test of a package.

use client::task::check;
use client::{Backend, Error, Launch};

use crate::Failure;
use crate::ask::ready;
use crate::cli::{Check, Task};
use crate::session::{GRACE, Source, session};
use crate::show;

pub(crate) async fn check(options: Check) -> Result<(), Failure> {
    let Check { package, task, start, load } = options;
    let launch = Launch { package, wait: start.wait, grace: GRACE, echo: start.verbose };
    let stopped = session(Source::Package(launch), async |backend: &mut Backend| match task {
        Task::Generate => {
            let _model = ready(backend, &load).await?;
            check::generate(backend.client()).await
        }
        Task::Embed => {
            let _model = ready(backend, &load).await?;
            check::embedding(backend.client()).await
        }
        Task::Store => check::vectors(backend.client()).await,
        Task::Health => Ok::<(), Error>(()),
    })
    .await?;
    match stopped {
        Some(stopped) if !stopped.is_clean() => Err(Failure::Stop(show::unclean(stopped))),
        _ => {
            println!("ok");
            Ok(())
        }
    }
}
