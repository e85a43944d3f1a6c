//! From a list of changed files to units, by all that can reach a key: no unit is missed.

use super::planner::{ATTRIBUTES, directory, feeds_planning};
use super::{ChangedFile, Evidence, Head, Reason, SelectError, Selection};
use camino::Utf8Path;
use model::backend::{Backend, Inputs, Recipe};
use model::grpc::Grpc;
use model::manifest::{BACKEND, Manifests, SOURCES, VARIANTS};
use model::template::Template;
use plan::proto::{BASELINE, CONTRACT};
use plan::published::units_of;
use plan::toolchain::Family;
use std::collections::BTreeMap;

/// Matches the globs of inputs as the key does.
pub trait Globs {
    /// What matches those of `inputs`; what is wrong with them.
    fn matcher(&self, inputs: &Inputs) -> Result<Box<dyn Matcher>, String>;
}

/// The globs of one backend's inputs.
pub trait Matcher {
    /// Whether a file is an input.
    fn takes(&self, file: &str) -> bool;
    /// Whether something at or below a directory may be; the root is empty.
    fn reaches(&self, directory: &str) -> bool;
}

pub(super) fn select(head: Head<'_>, files: &[ChangedFile], why: &str) -> Result<Selection, SelectError> {
    let mut units = BTreeMap::new();
    for backend in head.manifests.backends.values() {
        let matcher = matcher(head, backend)?;
        let touching = files.iter().filter(|file| touches(head.manifests, backend, &*matcher, file));
        let reasons: Vec<Reason> = touching.map(|file| Reason::File { file: file.path.clone() }).collect();
        if !reasons.is_empty() {
            units.extend(units_of(backend).map(|unit| (unit, reasons.clone())));
        }
    }
    Ok(Selection { evidence: Evidence::Globs, why: why.to_owned(), units })
}

pub(super) fn matcher(head: Head<'_>, backend: &Backend) -> Result<Box<dyn Matcher>, SelectError> {
    let named = |why| SelectError::Globs { backend: backend.name.clone(), why };
    head.globs.matcher(&backend.inputs).map_err(named)
}

fn touches(manifests: &Manifests, backend: &Backend, matcher: &dyn Matcher, file: &ChangedFile) -> bool {
    let ChangedFile { path, directory: is_directory } = file;
    let below = |name: &str| *is_directory && Utf8Path::new(name).starts_with(path);
    let is = |name: &str| path == name || below(name);
    let takes_base = Family::of_recipe(&backend.recipe, Grpc::System).has_bases();
    let templates = [Some(backend.recipe.template()), takes_base.then_some(Template::Base)];
    let takes_pins = !backend.sources.is_empty() || matches!(backend.recipe, Recipe::Cmake(_));
    matcher.takes(path)
        || (*is_directory && matcher.reaches(path))
        || feeds_planning(path)
        || is(VARIANTS)
        || is(backend.dir.join(BACKEND).as_str())
        || is(SOURCES)
        || (takes_pins
            && manifests.pins.values().flat_map(|pin| &pin.patches).any(|patch| is(patch.as_str())))
        || templates.iter().flatten().any(|template| is(template.path().as_str()))
        || (is(BASELINE) && matcher.takes(CONTRACT))
        || directory(path, ATTRIBUTES).is_some_and(|above| matcher.reaches(above))
}
