//! A plan's steps as one POSIX `sh` script: what the builder stage of a container build runs.

use super::Directories;
use super::keep::kept;
use super::word::word;
use crate::cmd::Cmd;
use crate::plan::Plan;
use crate::step::{Action, Step, Weight};
use crate::toolchain::shell_word;
use model::arg::{Arg, Piece, Place};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The compiler cache that leaves a mark of when this build began: what is younger was used by it.
const CCACHE: &str = "ccache";

/// Prints how many jobs of so many MiB fit: no more than processors, and never none.
const JOBS: &str = r"jobs() {
  memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || :)
  case $limit in
    '' | *[!0-9]*) ;;
    *) limit=$((limit / 1024)); [ $limit -ge $memory ] || memory=$limit ;;
  esac
  fit=$((memory / 1024 / $1))
  all=$(nproc)
  [ $fit -le $all ] || fit=$all
  [ $fit -ge 1 ] || fit=1
  echo $fit
}";

/// `build.sh` of a plan. It never holds the unit's key: its layer is rebuilt when the steps change, and not before.
pub fn build_sh(plan: &Plan, at: &Directories) -> String {
    let mut script = Script { at, text: String::new() };
    script.prelude(plan);
    for step in &plan.steps {
        script.step(step);
    }
    script.results(plan);
    script.tidy(plan);
    script.text
}

struct Script<'a> {
    at: &'a Directories,
    text: String,
}

impl Script<'_> {
    fn line(&mut self, line: &str) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn prelude(&mut self, plan: &Plan) {
        self.line("#!/bin/sh");
        self.line(&format!("# {}", plan.unit));
        self.line(
            "# Written by `cargo xtask plan … --realm container --print sh`: edit the recipe, not this.",
        );
        if let Some(bucket) = &plan.refresh {
            // Nothing else in here changes with the week, and the layer would never be made again.
            self.line(&format!("# Requirements as they are resolved in {bucket}."));
        }
        self.line("set -eu");
        // One stream, so that what compilers complain of stands below the step that ran them.
        self.line("exec 2>&1");
        self.line("umask 022");
        // The same as in the native realm: neither a language nor a clock reaches an output.
        self.line("export LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=0");
        if let Some(container) = plan.realm.container() {
            let path: Vec<String> = container.base.path.iter().map(|dir| shell_word(dir)).collect();
            if !path.is_empty() {
                self.line(&format!("export PATH={}:\"$PATH\"", path.join(":")));
            }
        }
        if plan.steps.iter().any(|step| step.weight != Weight::Light) {
            self.line(JOBS);
        }
        let places = places(plan);
        let directories: Vec<String> = [self.at.builds()]
            .into_iter()
            .chain(places.iter().map(|place| self.at.of(place)))
            .map(|directory| shell_word(&directory))
            .collect();
        self.line(&format!("mkdir -p {}", directories.join(" ")));
        for place in &places {
            if matches!(place, Place::Cache(label) if label.as_str() == CCACHE) {
                self.line(&format!("touch {}", shell_word(&format!("{}/.started", self.at.of(place)))));
            }
        }
    }

    fn step(&mut self, step: &Step) {
        self.line(&format!("\necho {}", shell_word(&format!("== {}", step.id))));
        match &step.action {
            Action::Fetch { pin } => {
                let tree = shell_word(&self.at.of(&Place::Source(pin.clone())));
                self.line(&format!("[ -d {tree} ] || {{ echo {tree} is not mounted >&2; exit 1; }}"));
            }
            Action::Stage { into } => {
                let (from, into) = (shell_word(&format!("{}/.", self.at.inputs())), word(into, self.at));
                self.line(&format!("mkdir -p {into}"));
                self.line(&format!("cp -RP --preserve=mode {from} {into}"));
            }
            Action::Copy { from, matching, to } => self.copy(from, matching, to),
            Action::Run { cmd } => self.run(cmd, step.weight),
        }
    }

    fn copy(&mut self, from: &Arg, matching: &[String], to: &Arg) {
        let (from, to) = (word(from, self.at), word(to, self.at));
        if matching.is_empty() {
            self.line(&format!("mkdir -p \"$(dirname {to})\""));
            self.line(&format!("cp -PT --preserve=mode --remove-destination {from} {to}"));
            return;
        }
        let names: Vec<String> = matching.iter().map(|glob| format!("-name {}", shell_word(glob))).collect();
        self.line(&format!("mkdir -p {to}"));
        // Without a single match cp has no operand and fails.
        self.line(&format!(
            "find {from} ! -type d '(' {} ')' -print0 | sort -z | xargs -0 cp -P --preserve=mode -t {to}",
            names.join(" -o ")
        ));
    }

    fn run(&mut self, cmd: &Cmd, weight: Weight) {
        let mut words = vec!["cd".to_owned(), word(&cmd.cwd, self.at), "&&".to_owned()];
        if let Weight::Parallel { mib_per_job } = weight {
            self.line(&format!("JOBS=$(jobs {mib_per_job})"));
            words.push("CMAKE_BUILD_PARALLEL_LEVEL=\"$JOBS\"".to_owned());
        }
        for (name, value) in cmd.env.iter().chain(&cmd.tuning) {
            words.push(format!("{name}={}", word(value, self.at)));
        }
        words.push(word(&cmd.program, self.at));
        words.extend(cmd.args.iter().map(|arg| word(arg, self.at)));
        self.line(&format!("({})", words.join(" ")));
    }

    /// What the compiler cache did, as lines of a count and a name.
    fn results(&mut self, plan: &Plan) {
        let used = places(plan);
        if used.iter().any(|place| matches!(place, Place::Cache(label) if label.as_str() == CCACHE)) {
            let builds = shell_word(&self.at.builds());
            self.line("\necho '== ccache'");
            self.line(&format!(
                "find {builds} -name ccache-stats.log -exec cat '{{}}' + | grep -v '^#' | sort | uniq -c"
            ));
        }
    }

    /// Objects would make the layer gigabytes large, and nobody reads them again.
    fn tidy(&mut self, plan: &Plan) {
        let builds = shell_word(&self.at.builds());
        let kept: BTreeSet<String> =
            plan.package.iter().flat_map(kept).map(|arg| word(arg, self.at)).collect();
        let mut find = format!("find {builds}");
        for path in kept {
            let _ = write!(find, " -path {path} -prune -o");
        }
        self.line("\necho '== tidy'");
        self.line(&format!("{find} ! -type d -exec rm -f '{{}}' +"));
        self.line(&format!("find {builds} -depth -type d -empty -delete"));
    }
}

/// Directories that the steps expect to be there.
fn places(plan: &Plan) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    let mut see = |arg: &Arg| {
        for piece in arg.pieces() {
            if let Piece::Place(place @ (Place::Build(_) | Place::Out | Place::Cache(_))) = piece {
                places.insert(place.clone());
            }
        }
    };
    for step in &plan.steps {
        match &step.action {
            Action::Fetch { .. } => {}
            Action::Stage { into } => see(into),
            Action::Copy { from, matching: _, to } => [from, to].into_iter().for_each(&mut see),
            Action::Run { cmd } => {
                [&cmd.program, &cmd.cwd].into_iter().for_each(&mut see);
                cmd.args.iter().chain(cmd.env.values()).chain(cmd.tuning.values()).for_each(&mut see);
            }
        }
    }
    places
}
