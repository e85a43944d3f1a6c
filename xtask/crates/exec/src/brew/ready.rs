//! Makes formulas usable, whatever a cache or an earlier run left: installed, linked one by one, complete, and run once.

use super::read;
use crate::resolved::Resolved;
use crate::run::{self, RunError};
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use model::macos::Homebrew;
use plan::toolchain::{QUIET, brewfile};
use std::collections::BTreeSet;
use std::process::Command;

/// Programs that are run before anything relies on them, with their formulas: one whose libraries are gone or of another
/// version is installed, linked, and dies.
const RUN: [(&str, &str); 3] = [("ccache", "ccache"), ("cmake", "cmake"), ("protobuf", "protoc")];
/// How often what is missing is looked for: what comes to mend one thing may lack another.
const ROUNDS: usize = 3;

/// Why formulas are not usable.
#[derive(Debug, thiserror::Error)]
pub enum BrewError {
    /// Homebrew failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// It did what it was told, and something is still not there.
    #[error(
        "Homebrew ran, yet these cannot be used: {left}; `brew doctor` may say why, and {log} has all that it said"
    )]
    Left {
        /// The formulas.
        left: String,
        /// Full output.
        log: Utf8PathBuf,
    },
    /// A program dies even after it was installed anew.
    #[error("`{program} --version` fails even after `brew reinstall {formula}`: run it by hand to see why")]
    Broken {
        /// The program.
        program: Utf8PathBuf,
        /// Whose it is.
        formula: &'static str,
    },
}

/// Homebrew below `prefix`, with a log of all that it says.
struct Brew<'a> {
    prefix: &'a Utf8Path,
    log: &'a Utf8Path,
    watch: &'a mut dyn FnMut(&str),
}

/// Makes `formulas` and all that they need usable. Never as root: Homebrew refuses that by itself.
pub fn make_ready(
    prefix: &Utf8Path,
    formulas: &[&str],
    log: &Utf8Path,
    watch: &mut dyn FnMut(&str),
) -> Result<(), BrewError> {
    let mut brew = Brew { prefix, log, watch };
    let installed = brew.state();
    let absent: Vec<&str> =
        formulas.iter().copied().filter(|name| !installed.formulas.contains_key(*name)).collect();
    if !absent.is_empty() {
        brew.bundle(&absent)?;
    }
    brew.link(formulas)?;
    brew.complete(formulas)?;
    brew.renew(formulas)?;
    brew.prove(formulas)?;
    let state = brew.state();
    let left: Vec<&str> = formulas.iter().copied().filter(|name| !state.has(name)).collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(BrewError::Left { left: left.join(", "), log: log.to_owned() })
}

/// The formulas and all that they need, as far as receipts say, that are there or not.
fn with_needs(state: &Homebrew, formulas: &[&str]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open: Vec<String> = formulas.iter().map(|name| (*name).to_owned()).collect();
    while let Some(name) = open.pop() {
        if let Some(formula) = state.formulas.get(&name).filter(|_| !all.contains(&name)) {
            open.extend(formula.needs.iter().cloned());
        }
        all.insert(name);
    }
    all
}

impl Brew<'_> {
    fn state(&self) -> Homebrew {
        read(self.prefix).unwrap_or_default()
    }

    fn command(&self, args: &[&str]) -> Resolved {
        let program = self.prefix.join("bin/brew");
        let mut command = Resolved::new(program, Utf8Path::new("/")).args(args.iter().copied());
        command.env.extend(QUIET.map(|name| (name.to_owned(), "1".to_owned())));
        command
    }

    fn run(&mut self, args: &[&str]) -> Result<(), RunError> {
        run::run(&self.command(args), self.log, &mut *self.watch)
    }

    fn bundle(&mut self, formulas: &[&str]) -> Result<(), RunError> {
        let mut command = self.command(&["bundle", "install", "--no-upgrade", "--file=-"]);
        command.stdin = Some(brewfile(formulas.iter().copied()));
        run::run(&command, self.log, &mut *self.watch)
    }

    /// A restored keg has no links, and installing it again makes none. Each is linked by itself: of several, none is where
    /// the first has no keg.
    fn link(&mut self, formulas: &[&str]) -> Result<(), RunError> {
        let state = self.state();
        for name in with_needs(&state, formulas) {
            if state.formulas.get(&name).is_some_and(|formula| !formula.reachable) {
                match self.run(&["link", "--overwrite", &name]) {
                    // What is in its way is seen at the end, with everything else.
                    Ok(()) | Err(RunError::Failed { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// What was installed before its newer dependencies were known lacks them, and nothing but `missing` says so.
    fn complete(&mut self, formulas: &[&str]) -> Result<(), RunError> {
        for _ in 0..ROUNDS {
            let missing = self.missing(formulas);
            if missing.is_empty() {
                break;
            }
            for name in &missing {
                self.run(&["install", name])?;
            }
        }
        Ok(())
    }

    /// Of one formula it prints what is missing, of several also of which: it exits with 1 then.
    fn missing(&self, formulas: &[&str]) -> BTreeSet<String> {
        let Resolved { program, args, env, cwd, .. } = self.command(&[&["missing"], formulas].concat());
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(env).current_dir(cwd);
        let Ok(output) = Run::new(command).output() else { return BTreeSet::new() };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let names = said.lines().flat_map(|line| line.rsplit(": ").next().unwrap_or(line).split_whitespace());
        names.map(str::to_owned).collect()
    }

    /// What neither a link nor an installation made usable, such as one that is never linked and has lost its `opt`.
    fn renew(&mut self, formulas: &[&str]) -> Result<(), RunError> {
        let state = self.state();
        for name in with_needs(&state, formulas) {
            match state.formulas.get(&name) {
                Some(formula) if formula.reachable => {}
                Some(_) => self.run(&["reinstall", &name])?,
                None => self.run(&["install", &name])?,
            }
        }
        Ok(())
    }

    fn prove(&mut self, formulas: &[&str]) -> Result<(), BrewError> {
        for (formula, program) in RUN.iter().filter(|(formula, _)| formulas.contains(formula)) {
            let path = self.prefix.join("bin").join(program);
            if runs(&path) {
                continue;
            }
            self.run(&["reinstall", formula])?;
            if !runs(&path) {
                return Err(BrewError::Broken { program: path, formula });
            }
        }
        Ok(())
    }
}

/// Whether a program says its version. One that cannot be loaded is killed.
fn runs(program: &Utf8Path) -> bool {
    let mut command = Command::new(program);
    command.arg("--version");
    Run::new(command).output().is_ok_and(|output| output.status.success())
}
