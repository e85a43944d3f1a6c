//! A plan's steps as one POSIX `sh` script: what the builder stage of a container build runs.

use super::keep::kept;
use crate::plan::Plan;
use crate::shell::{Directories, JOBS, heading, lines, make_directories, quote, word};
use crate::step::Step;
use model::arg::Place;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The compiler cache that leaves a mark of when this build began: what is younger was used by it.
const CCACHE: &str = "ccache";
/// The mark.
const STARTED: &str = ".started";
/// What of the cache came out of a registry's image, as `pack cache-load` lists it.
pub const SEEDED: &str = ".seeded";

/// `prepare.sh` of a plan with a fence: what runs before it, with a network. It leaves all that it made to `build.sh`.
pub fn prepare_sh(plan: &Plan, at: &Directories) -> Option<String> {
    let (before, behind) = parts(plan);
    if behind.is_empty() {
        return None;
    }
    let mut script = Script { at, text: String::new() };
    script.prelude(plan);
    for step in before {
        script.step(step);
    }
    Some(script.text)
}

/// `build.sh` of a plan, from its fence on where it has one. It never holds the unit's key: its layer is rebuilt when the
/// steps change, and not before.
pub fn build_sh(plan: &Plan, at: &Directories) -> String {
    let mut script = Script { at, text: String::new() };
    script.prelude(plan);
    let (before, behind) = parts(plan);
    for step in if behind.is_empty() { before } else { behind } {
        script.step(step);
    }
    script.results(plan);
    script.tidy(plan);
    script.text
}

/// The steps before the fence, and the rest.
fn parts(plan: &Plan) -> (&[Step], &[Step]) {
    let fence = plan.steps.iter().position(|step| step.action.is_fenced());
    plan.steps.split_at(fence.unwrap_or(plan.steps.len()))
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
            let path: Vec<String> = container.base.path.iter().map(|dir| quote(dir)).collect();
            if !path.is_empty() {
                self.line(&format!("export PATH={}:\"$PATH\"", path.join(":")));
            }
        }
        if plan.steps.iter().any(|step| step.action.is_parallel()) {
            self.line(JOBS);
        }
        let places = places(plan);
        let directories = places.iter().map(|place| self.at.of(place));
        self.line(&make_directories([self.at.builds().to_owned()].into_iter().chain(directories)));
        for place in &places {
            if matches!(place, Place::Cache(label) if label.as_str() == CCACHE) {
                self.line(&format!("touch {}", quote(&format!("{}/{STARTED}", self.at.of(place)))));
            }
        }
    }

    fn step(&mut self, step: &Step) {
        self.line(&format!("\n{}", heading(&step.id)));
        for line in lines(&step.action, self.at) {
            self.line(&line);
        }
    }

    /// What the compiler cache did, as lines of a count and names.
    fn results(&mut self, plan: &Plan) {
        let cache = Place::Cache(match CCACHE.parse() {
            Ok(label) => label,
            Err(_) => return,
        });
        if !places(plan).contains(&cache) {
            return;
        }
        let (builds, cache) = (quote(self.at.builds()), quote(&self.at.of(&cache)));
        self.line("\necho '== ccache'");
        // A line for each compilation, without the file's name.
        self.line(&format!(
            "find {builds} -name ccache-stats.log -exec cat '{{}}' + | sed 's/^#.*/#/' | tr '\\n' ' ' | tr '#' '\\n' | sort | uniq -c"
        ));
        // Of what an image brought, what was used: its time was renewed.
        self.line(&format!("if [ -f {cache}/{SEEDED} ]; then"));
        self.line(&format!(
            "  (cd {cache} && find . -name '*R' -newer {STARTED} | sed 's/^..//' | grep -cxFf {SEEDED} | sed 's/$/ registry_seed/')"
        ));
        self.line(&format!("  rm -f {cache}/{SEEDED}"));
        self.line("fi");
    }

    /// Objects would make the layer gigabytes large, and nobody reads them again.
    fn tidy(&mut self, plan: &Plan) {
        let builds = quote(self.at.builds());
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
    plan.steps.iter().for_each(|step| step.action.add_places(&mut places));
    places
}
