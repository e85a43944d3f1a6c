//! `test`: the one command that passes every test, on a fresh machine as well, and says what each part of it cost.

use crate::cli::Test;
use crate::exit::Done;
use anyhow::{Context, Result, bail};
use drive::session::Session;
use exec::processor;
use halt::Run;
use model::backend::Recipe;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs the hermetic tests, then the real ones.
pub fn run(session: &Session, args: &Test) -> Result<Done> {
    let mut suite = Suite { session, filter: args.filter.as_deref(), parts: Vec::new() };
    let passed = suite.run(args.fast);
    suite.show_costs();
    passed?;
    session.ui.done(if args.fast { "hermetic tests passed" } else { "all tests passed" });
    Ok(Done::Well)
}

/// What a part of the suite took.
struct Cost {
    part: String,
    time: Duration,
    processor: Option<Duration>,
}

struct Suite<'a> {
    session: &'a Session,
    filter: Option<&'a str>,
    parts: Vec<Cost>,
}

impl Suite<'_> {
    fn run(&mut self, hermetic: bool) -> Result<()> {
        if !hermetic {
            self.part("packages", super::install_base_deps::everything)?;
        }
        self.tests("hermetic", &["--workspace"], &[])?;
        if hermetic {
            return Ok(());
        }
        // Of the whole workspace, because cargo compiles libraries anew for a package alone: with fewer features.
        // Ignored by plain `cargo test`, because they download from the package registries.
        self.tests("registries", &["--workspace", "--test", "registries"], &["--ignored"])?;
        self.rust_backends()?;
        self.tests("real", &["--workspace", "--test", "real"], &[])?;
        // Needs root, and says so.
        self.tests("containers", &["--workspace", "--test", "containers"], &[])
    }

    /// Rust backends are workspaces of their own, with a target directory for all of them.
    fn rust_backends(&mut self) -> Result<()> {
        let backends = self.session.manifests.backends.values();
        for backend in backends.filter(|backend| matches!(backend.recipe, Recipe::Rust(_))) {
            let manifest = backend.dir.join("Cargo.toml");
            let which = ["--locked", "--manifest-path", manifest.as_str()];
            self.tests_in("target/rust", backend.name.as_str(), &which, &[])?;
        }
        Ok(())
    }

    /// One target directory: the tests use the libraries that are compiled already.
    fn tests(&mut self, part: &str, which: &[&str], harness: &[&str]) -> Result<()> {
        self.tests_in("target/xtask", part, which, harness)
    }

    fn tests_in(&mut self, target: &str, part: &str, which: &[&str], harness: &[&str]) -> Result<()> {
        let which = [which, &["--target-dir", target]].concat();
        let mut harness = harness.to_vec();
        harness.extend(self.filter);
        let compiled = [&which[..], &["--no-run"]].concat();
        self.part(&format!("{part}, compiled"), |session| cargo(session, &compiled, &[]))?;
        self.part(part, |session| cargo(session, &which, &harness))
    }

    fn part(&mut self, name: &str, work: impl FnOnce(&Session) -> Result<()>) -> Result<()> {
        let (began, before) = (Instant::now(), processor::children_time());
        let done = work(self.session);
        let processor =
            processor::children_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        self.parts.push(Cost { part: name.to_owned(), time: began.elapsed(), processor });
        done
    }

    fn show_costs(&self) {
        for Cost { part, time, processor } in &self.parts {
            let processor =
                processor.map(|time| format!(", {} of processor time", ui::human(time))).unwrap_or_default();
            self.session.ui.note(&format!("{part}: {}{processor}", ui::human(*time)));
        }
        if let Some(sum) = self.parts.iter().map(|cost| cost.processor).sum::<Option<Duration>>() {
            self.session.ui.note(&format!("the suite took {} of processor time", ui::human(sum)));
        }
    }
}

fn cargo(session: &Session, which: &[&str], harness: &[&str]) -> Result<()> {
    let mut command = Command::new("cargo");
    command.current_dir(&session.root).arg("test").args(which);
    if session.offline {
        command.arg("--offline");
    }
    command.arg("--").args(harness);
    let status = Run::new(command).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("tests failed: `cargo test {}` says which", which.join(" "));
    }
    Ok(())
}
