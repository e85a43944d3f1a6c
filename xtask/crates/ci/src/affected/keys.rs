//! Both revisions' key documents compared: a unit is touched exactly if they differ.

use super::globs::matcher;
use super::planner::{ATTRIBUTES, directory, feeds_planning};
use super::side::{Side, When};
use super::{Evidence, Head, Matcher, Reason, SelectError, Selection, Trees};
use model::backend::Backend;
use model::text::path::PlainPath;
use model::unit::UnitId;
use plan::key::{self, InputDigests, InputSet};
use plan::published::{self, units_of};
use plan::why;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) fn select(head: Head<'_>, trees: &Trees) -> Result<Selection, SelectError> {
    let comparison = Comparison {
        head,
        trees,
        before: Side { when: When::Before, trees, manifests: &trees.manifests, host: head.host },
        after: Side { when: When::After, trees, manifests: head.manifests, host: head.host },
    };
    let same_tables = trees.manifests.variants == head.manifests.variants
        && trees.manifests.pins == head.manifests.pins
        && trees.manifests.wheels == head.manifests.wheels
        && trees.manifests.repositories == head.manifests.repositories
        && trees.manifests.templates == head.manifests.templates
        && !comparison.edits_patches();
    let mut units = BTreeMap::new();
    for backend in head.manifests.backends.values() {
        units.extend(comparison.backend(backend, same_tables)?);
    }
    let mut planner = trees.edits.keys().filter(|path| feeds_planning(path));
    let Some(file) = planner.next() else {
        let why = format!("the key documents of {} and of head are at hand", trees.base);
        return Ok(Selection { evidence: Evidence::Keys, why, units });
    };
    let reason = Reason::Planner { file: file.clone(), more: planner.count() };
    let why = format!(
        "what makes keys of manifests differs from {} ({reason}), and the keys that its own planner gave are unknown: \
         whether the registry has a unit's key is all that can tell",
        trees.base
    );
    for unit in published::units(head.manifests) {
        units.entry(unit).or_default().insert(0, reason.clone());
    }
    Ok(Selection { evidence: Evidence::Everything, why, units })
}

struct Comparison<'a> {
    head: Head<'a>,
    trees: &'a Trees,
    before: Side<'a>,
    after: Side<'a>,
}

impl Comparison<'_> {
    /// Whether a file was edited that units read beside their inputs.
    fn edits_patches(&self) -> bool {
        let patches = self.head.manifests.pins.values().flat_map(|pin| &pin.patches);
        let patches: BTreeSet<&str> = patches.map(PlainPath::as_str).collect();
        self.trees.edits.keys().any(|path| patches.contains(path.as_str()))
    }

    /// The touched units of one backend.
    fn backend(
        &self,
        backend: &Backend,
        same_tables: bool,
    ) -> Result<Vec<(UnitId, Vec<Reason>)>, SelectError> {
        let old = self.trees.manifests.backends.get(&backend.name);
        let Some(old) = old else {
            return Ok(units_of(backend).map(|unit| (unit, vec![Reason::New])).collect());
        };
        let (before, after) = self.inputs(old, backend)?;
        // A plan is a function of the manifests: where none differs, and no input does, no key can.
        if same_tables && old == backend && before == after {
            return Ok(Vec::new());
        }
        let (before, after) = (Arc::new(InputSet::new(before)), Arc::new(InputSet::new(after)));
        let published: BTreeSet<UnitId> = units_of(old).collect();
        let mut touched = Vec::new();
        for unit in units_of(backend) {
            let reasons = if published.contains(&unit) {
                self.unit(&unit, &before, &after)?
            } else {
                vec![Reason::New]
            };
            if !reasons.is_empty() {
                touched.push((unit, reasons));
            }
        }
        Ok(touched)
    }

    /// The inputs of a backend at base and head; without those that are the same, where the globs are.
    fn inputs(&self, old: &Backend, new: &Backend) -> Result<(InputDigests, InputDigests), SelectError> {
        let (before, after) = (matcher(self.head, old)?, matcher(self.head, new)?);
        let edited = || self.trees.edits.keys().map(String::as_str);
        let mut both = if old.inputs == new.inputs {
            (self.before.inputs(&*before, edited()), self.after.inputs(&*after, edited()))
        } else {
            let (old, new) = (self.before.paths(), self.after.paths());
            (self.before.inputs(&*before, old), self.after.inputs(&*after, new))
        };
        for path in self.attributes(&*after) {
            let content = |side: &Side<'_>| side.content(path).unwrap_or_default();
            both.0.insert(path.to_owned(), content(&self.before));
            both.1.insert(path.to_owned(), content(&self.after));
        }
        Ok(both)
    }

    /// The edited rules by which git changes files on their way to disk, of directories that hold inputs.
    fn attributes(&self, matcher: &dyn Matcher) -> Vec<&str> {
        let rules =
            self.trees.edits.keys().filter_map(|path| Some((path.as_str(), directory(path, ATTRIBUTES)?)));
        let holds = |above: &str| {
            let below = |path: &str| {
                above.is_empty() || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
            };
            self.after.paths().any(|path| below(path) && matcher.takes(path))
        };
        rules.filter(|(_, above)| matcher.reaches(above) && holds(above)).map(|(path, _)| path).collect()
    }

    /// The reasons why one unit is touched; none if it is not.
    fn unit(
        &self,
        unit: &UnitId,
        before: &Arc<InputSet>,
        after: &Arc<InputSet>,
    ) -> Result<Vec<Reason>, SelectError> {
        let unplanned = |error| SelectError::Plan { unit: unit.clone(), error: Box::new(error) };
        let new = self.after.plan(unit).map_err(unplanned)?;
        let old = match self.before.plan(unit) {
            Ok(old) => old,
            Err(error) => return Ok(vec![Reason::Unplanned { why: error.to_string() }]),
        };
        let (old_measured, new_measured) =
            (self.before.measured(&old, before)?, self.after.measured(&new, after)?);
        if key::key(&old, &old_measured) == key::key(&new, &new_measured) {
            return Ok(Vec::new());
        }
        let old = key::document(&old, &old_measured).to_json()?;
        let new = key::document(&new, &new_measured).to_json()?;
        Ok(why::changes(&old, &new)?.into_iter().map(Reason::Key).collect())
    }
}
