//! From a plan to its key: hashes of the declared inputs, versions of the tools.

use crate::session::Session;
use anyhow::{Context, Result};
use exec::facts::Facts;
use plan::key::{self, InputDigests, Key, KeyDoc, Measured};
use plan::name::Label;
use plan::plan::{Fact, Plan};
use rayon::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Content, Digest, GlobSpec, Scan};

/// A plan with its key.
#[derive(Debug)]
pub struct Keyed {
    /// The plan.
    pub plan: Plan,
    /// Its key document.
    pub document: KeyDoc,
    /// Its key.
    pub key: Key,
    /// Declared inputs, root-relative.
    pub inputs: Vec<store::RelPath>,
    /// Tools and packages that the plan names and this machine lacks.
    pub missing: Vec<Fact>,
    /// Units that it is compiled against.
    pub deps: Vec<(Label, Keyed)>,
}

/// Measures several plans with one pass over caches.
pub fn measure(session: &Session, plans: Vec<Plan>) -> Result<Vec<Keyed>> {
    let store = session.store()?;
    let scan = Scan::new(session.root.as_std_path(), &store.stat_cache(session.root.as_std_path()));
    let facts = Mutex::new(session.facts()?);
    let packer = packer();
    let measured: Result<Vec<_>> =
        plans.into_par_iter().map(|plan| one(&scan, &facts, &packer, plan)).collect();
    lock(&facts).save();
    let keyed = measured?;
    // A stat cache that cannot be written costs time on the next run, and nothing else.
    if let Err(error) = scan.save() {
        session.ui.detail(&format!("file digests were not saved: {error}"));
    }
    Ok(keyed)
}

/// What makes packages: its rules by revision, and the launcher that it puts into every package by content.
fn packer() -> (String, String) {
    let launcher = Digest::of(pack::LAUNCHER).to_hex();
    ("packer".to_owned(), format!("rules {}, launcher {launcher:.16}", pack::REVISION))
}

fn lock(facts: &Mutex<Facts>) -> MutexGuard<'_, Facts> {
    facts.lock().unwrap_or_else(PoisonError::into_inner)
}

fn one(scan: &Scan, facts: &Mutex<Facts>, packer: &(String, String), plan: Plan) -> Result<Keyed> {
    let spec = GlobSpec::new(&plan.inputs.include, &plan.inputs.exclude)
        .with_context(|| format!("the inputs of {}", plan.unit))?;
    let inputs = scan.hash(&spec).with_context(|| format!("cannot hash the inputs of {}", plan.unit))?;
    let patches = patches(scan, &plan)?;
    let mut versions = lock(facts).get(&plan.facts);
    let missing = plan.facts.iter().filter(|fact| !versions.contains_key(&fact.name())).cloned().collect();
    if plan.package.is_some() {
        versions.insert(packer.0.clone(), packer.1.clone());
    }
    let digests = digests(&inputs);
    let mut deps = Vec::new();
    for dep in &plan.deps {
        deps.push((dep.label.clone(), one(scan, facts, packer, dep.plan.clone())?));
    }
    let dep_keys = deps.iter().map(|(label, dep)| (label.to_string(), dep.key.to_string())).collect();
    let measured = Measured { inputs: digests, patches, facts: versions, deps: dep_keys };
    let document = key::document(&plan, &measured);
    let key = document.key()?;
    let inputs = inputs.files.into_iter().map(|(path, _)| path).collect();
    Ok(Keyed { plan, document, key, inputs, missing, deps })
}

fn patches(scan: &Scan, plan: &Plan) -> Result<InputDigests> {
    let files: Vec<&str> = plan.pins.iter().flat_map(|pin| &pin.patches).map(|path| path.as_str()).collect();
    if files.is_empty() {
        return Ok(InputDigests::new());
    }
    Ok(digests(&scan.hash(&GlobSpec::new(files, [""; 0])?)?))
}

fn digests(inputs: &store::Inputs) -> InputDigests {
    let text = |content: &Content| match content {
        Content::File { digest, executable: true } => format!("{digest} x"),
        Content::File { digest, executable: false } => digest.to_string(),
        Content::Link { target } => format!("link {target}"),
    };
    inputs.files.iter().map(|(path, content)| (path.as_str().into(), text(content))).collect()
}
