//! What is left to do on one machine.

use super::action::{Install, InstallPlan, InstallStep, Probe};
use super::tree::Trees;
use crate::step::Action;
use model::name::Label;
use model::platform::Arch;
use std::collections::BTreeSet;

/// What was found on the machine; names that the plan does not mention need not be there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Installed packages, without architecture, or formulas.
    pub packages: BTreeSet<String>,
    /// Files that exist.
    pub files: BTreeSet<String>,
    /// apt's lists are there and young enough.
    pub lists_fresh: bool,
}

/// A step that is not done, reduced to what is missing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PendingStep {
    /// The step.
    pub id: Label,
    /// What is left of it.
    pub actions: Vec<Install>,
}

impl PendingStep {
    /// The actions that do it.
    pub fn lower(&self) -> impl Iterator<Item = Action> {
        self.actions.iter().flat_map(Install::lower)
    }
}

/// Everything that is left to do, in order; empty when the machine is ready.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pending {
    /// How their sources are come by.
    pub trees: Trees,
    /// Steps in order.
    pub steps: Vec<PendingStep>,
}

impl InstallPlan {
    /// What is left to do on a machine in state `found`.
    pub fn pending(&self, found: &State) -> Pending {
        let open = |step: &&InstallStep| !step.is_done(found);
        let any = self.steps.iter().filter(open).any(|step| step.done != Probe::FollowsOthers);
        let mut stale = !found.lists_fresh;
        let steps = self.steps.iter().filter(open).filter(|_| any);
        let steps = steps.map(|step| step.reduced(found, &mut stale)).collect();
        Pending { trees: self.trees, steps }
    }

    /// Whose Homebrew it installs from, if it is a plan for a Mac.
    pub fn homebrew(&self) -> Option<Arch> {
        self.steps.iter().flat_map(|step| &step.actions).find_map(|action| match action {
            Install::Brew { arch, .. } => Some(*arch),
            _ => None,
        })
    }

    /// Every package that a probe of the plan asks about.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(InstallStep::packages)
    }

    /// Every file that a probe of the plan asks about.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.steps
            .iter()
            .flat_map(|step| match &step.done {
                Probe::Files(files) => files.as_slice(),
                Probe::Packages | Probe::FollowsOthers => &[],
            })
            .map(String::as_str)
    }
}

impl InstallStep {
    fn packages(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().flat_map(Install::packages).map(AsRef::as_ref)
    }

    fn is_done(&self, found: &State) -> bool {
        match &self.done {
            Probe::Packages => self.packages().all(|package| found.packages.contains(package)),
            Probe::Files(files) => files.iter().all(|file| found.files.contains(file)),
            Probe::FollowsOthers => false,
        }
    }

    /// The step without what is there already; `stale` carries from step to step whether apt's lists need a refresh.
    fn reduced(&self, found: &State, stale: &mut bool) -> PendingStep {
        let mut actions = Vec::new();
        for action in &self.actions {
            match action {
                Install::AptInstall { packages } => {
                    let missing = packages.iter().filter(|name| !found.packages.contains(name.as_ref()));
                    let packages: Vec<_> = missing.cloned().collect();
                    if packages.is_empty() {
                        continue;
                    }
                    if std::mem::take(stale) {
                        actions.push(Install::AptUpdate);
                    }
                    actions.push(Install::AptInstall { packages });
                }
                Install::Brew { arch, formulas } => {
                    let missing = formulas.iter().filter(|name| !found.packages.contains(name.as_ref()));
                    actions.push(Install::Brew { arch: *arch, formulas: missing.cloned().collect() });
                }
                Install::AptRepository { .. } => {
                    *stale = true;
                    actions.push(action.clone());
                }
                Install::AptUpdate | Install::Do(_) => actions.push(action.clone()),
            }
        }
        PendingStep { id: self.id.clone(), actions }
    }
}
