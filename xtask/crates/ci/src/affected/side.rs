//! One of two revisions that are compared: its plans, and keys that are good for nothing but that.

use super::{Content, Kind, Matcher, SelectError, Trees};
use model::host::Host;
use model::key::Key;
use model::manifest::Manifests;
use model::text::normal::{is_normalised, normal};
use model::unit::UnitId;
use plan::Plan;
use plan::key::{self, InputDigests, InputSet, Measured};
use plan::proto::{BASELINE, CONTRACT, Contract};
use plan::published;
use plan::recipe::PlanError;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether more of a file than its digest must be known to tell what an edit of it touches.
pub fn is_told_by_text(path: &str) -> bool {
    is_normalised(path)
}

/// Whether keys hold something else of a contract when this file is edited.
pub fn is_of_contract(path: &str) -> bool {
    path == CONTRACT || path == BASELINE
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

/// One revision.
pub(super) struct Side<'a> {
    pub when: When,
    pub trees: &'a Trees,
    pub manifests: &'a Manifests,
    pub host: &'a Host,
}

impl Side<'_> {
    /// What stands for the content of a file; none if there is no such file.
    pub fn content(&self, path: &str) -> Option<String> {
        let known = self.known(path)?;
        let id = self.trees.texts.get(path).and_then(|texts| self.meaning(path, texts));
        Some(if id.is_some() { Content { kind: known.kind, id }.text() } else { known.text() })
    }

    /// What stands for the meaning of an edited file, where that is less than its bytes.
    fn meaning(&self, path: &str, (before, after): &(String, String)) -> Option<String> {
        let text = if self.when == When::Before { before } else { after };
        Some(blake3::hash(normal(path, text)?.as_bytes()).to_hex().to_string())
    }

    /// What stands for the content of the contract, where it or its baseline was edited, for units with these inputs.
    fn contract(&self, matcher: &dyn Matcher) -> Option<String> {
        let known = self.known(CONTRACT)?;
        let edit = self.trees.contract.as_ref()?;
        let side = if self.when == When::Before { &edit.before } else { &edit.after };
        // Without a baseline on either side, what was there before is one.
        let bare = edit.before.baseline.is_none() && edit.after.baseline.is_none();
        let baseline = if bare { Some(&edit.before.text) } else { side.baseline.as_ref() };
        let contract = baseline.and_then(|baseline| Contract::of(baseline, &side.text));
        let sources = edit.sources.iter().filter(|(path, _)| matcher.takes(path));
        let held = contract.map(|one| one.for_sources(sources.map(|(_, text)| text.as_str())));
        let id = blake3::hash(held.as_ref().unwrap_or(&side.text).as_bytes()).to_hex().to_string();
        Some(Content { kind: known.kind, id: Some(id) }.text())
    }

    fn known(&self, path: &str) -> Option<&Content> {
        match (self.trees.edits.get(path), self.when) {
            (Some(edit), When::Before) => edit.before.as_ref(),
            (Some(edit), When::After) => edit.after.as_ref(),
            (None, _) => self.trees.before.get(path),
        }
    }

    /// Every path of the revision.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let edited = self.trees.edits.keys();
        let same = self.trees.before.keys().filter(|path| !self.trees.edits.contains_key(*path));
        same.chain(edited).map(String::as_str)
    }

    /// The inputs among `paths`.
    pub fn inputs<'p>(&self, matcher: &dyn Matcher, paths: impl Iterator<Item = &'p str>) -> InputDigests {
        let taken = paths.filter(|path| matcher.takes(path) || self.is_reached(matcher, path));
        let mut inputs: InputDigests =
            taken.filter_map(|path| Some((path.to_owned(), self.content(path)?))).collect();
        // The baseline is no input, and yet counts where the contract is one.
        if let Some(contract) = self.contract(matcher).filter(|_| matcher.takes(CONTRACT)) {
            inputs.insert(CONTRACT.to_owned(), contract);
        }
        inputs
    }

    /// Whether a path is a repository of its own whose files may be inputs.
    fn is_reached(&self, matcher: &dyn Matcher, path: &str) -> bool {
        let submodule =
            |content: Option<&Content>| content.is_some_and(|content| content.kind == Kind::Submodule);
        let is = match self.trees.edits.get(path) {
            Some(edit) => submodule(edit.before.as_ref()) || submodule(edit.after.as_ref()),
            None => submodule(self.trees.before.get(path)),
        };
        is && matcher.reaches(path)
    }

    /// The plan by which a unit is published.
    pub fn plan(&self, unit: &UnitId) -> Result<Plan, PlanError> {
        published::plan(self.manifests, self.host, unit)
    }

    /// All that is measured of a plan, but for facts: those are of the machine, the same for both revisions.
    pub fn measured(&self, plan: &Plan, inputs: &Arc<InputSet>) -> Result<Measured, SelectError> {
        let patches = plan.pins.iter().flat_map(|pin| &pin.patches);
        let patches =
            patches.filter_map(|patch| Some((patch.to_string(), self.content(patch.as_str())?))).collect();
        let mut deps = BTreeMap::new();
        for dep in &plan.deps {
            let key = self.key(&dep.plan, &Arc::new(InputSet::new(InputDigests::new())))?;
            deps.insert(dep.label.to_string(), key.to_string());
        }
        Ok(Measured { inputs: Arc::clone(inputs), patches, facts: BTreeMap::new(), deps })
    }

    fn key(&self, plan: &Plan, inputs: &Arc<InputSet>) -> Result<Key, SelectError> {
        Ok(key::key(plan, &self.measured(plan, inputs)?))
    }
}
