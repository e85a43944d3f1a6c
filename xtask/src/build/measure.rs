//! From a plan to its key: hashes of the declared inputs, versions of the tools.

use super::contract::Contract;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use exec::facts::Facts;
use plan::key::{self, InputDigests, InputSet, Key, KeyDoc, Measured};
use plan::lower::template;
use plan::name::Label;
use plan::normal::{TEMPLATES, normal};
use plan::plan::{Fact, Plan};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Content, Digest, GlobSpec, Scan};

/// A plan with its key.
#[derive(Debug)]
pub struct Keyed {
    /// The plan.
    pub plan: Plan,
    /// What was measured for it.
    pub measured: Measured,
    /// Its key.
    pub key: Key,
    /// Declared inputs, root-relative.
    pub inputs: Arc<[store::RelPath]>,
    /// Tools and packages that the plan names and this machine lacks.
    pub missing: Vec<Fact>,
    /// Units that it is compiled against.
    pub deps: Vec<(Label, Keyed)>,
}

impl Keyed {
    /// Its key document.
    pub fn document(&self) -> KeyDoc<'_> {
        key::document(&self.plan, &self.measured)
    }

    /// Its key without the bucket of time, if there is one in it.
    pub fn steady(&self) -> Result<Option<Key>> {
        if self.plan.refresh.is_none() {
            return Ok(None);
        }
        let plan = Plan { refresh: None, ..self.plan.clone() };
        Ok(Some(key::key(&plan, &self.measured)?))
    }
}

/// Measures several plans with one pass over caches.
pub fn measure(session: &Session, plans: Vec<Plan>) -> Result<Vec<Keyed>> {
    let meter = Meter::new(session)?;
    let keyed: Result<Vec<_>> = plans
        .into_par_iter()
        .map(|plan| {
            let inputs = meter.inputs(&plan)?;
            meter.key(plan, &inputs)
        })
        .collect();
    meter.save();
    keyed
}

/// What plans are measured with: one scan of the checkout, one look at each tool.
pub struct Meter<'a> {
    session: &'a Session,
    templates: Mutex<BTreeMap<Utf8PathBuf, Option<String>>>,
    scan: Scan,
    facts: Mutex<Facts>,
    contract: Contract,
    packer: (String, String),
}

/// What a plan's declared inputs hold: the same for all units of a backend.
#[derive(Debug, Clone)]
pub struct Inputs {
    paths: Arc<[store::RelPath]>,
    set: Arc<InputSet>,
}

impl<'a> Meter<'a> {
    pub fn new(session: &'a Session) -> Result<Self> {
        let (store, root) = (session.store()?, session.root.as_std_path());
        Ok(Self {
            session,
            templates: Mutex::default(),
            scan: Scan::new(root, &store.stat_cache(root)),
            facts: Mutex::new(session.facts()?),
            contract: Contract::read(&session.root)?,
            packer: packer(),
        })
    }

    /// Hashes what the plan declares.
    pub fn inputs(&self, plan: &Plan) -> Result<Inputs> {
        let spec = GlobSpec::new(&plan.inputs.include, &plan.inputs.exclude)
            .with_context(|| format!("the inputs of {}", plan.unit))?;
        let inputs =
            self.scan.hash(&spec).with_context(|| format!("cannot hash the inputs of {}", plan.unit))?;
        let mut digests = digests(&inputs);
        self.contract.settle(&self.session.root, &mut digests)?;
        let set = Arc::new(InputSet::new(digests));
        Ok(Inputs { paths: inputs.files.into_iter().map(|(path, _)| path).collect(), set })
    }

    /// The key of a plan whose inputs have been hashed.
    pub fn key(&self, plan: Plan, inputs: &Inputs) -> Result<Keyed> {
        let patches = patches(&self.scan, &plan)?;
        // The tools of a container unit are those of its base, whatever this machine has.
        let facts = if plan.realm.container().is_some() { &[][..] } else { &plan.facts };
        let mut versions = lock(&self.facts).get(facts);
        let missing = facts.iter().filter(|fact| !versions.contains_key(&fact.name())).cloned().collect();
        if plan.package.is_some() {
            versions.insert(self.packer.0.clone(), self.packer.1.clone());
        }
        let mut deps = Vec::new();
        for dep in &plan.deps {
            let inputs = self.inputs(&dep.plan)?;
            deps.push((dep.label.clone(), self.key(dep.plan.clone(), &inputs)?));
        }
        let dep_keys = deps.iter().map(|(label, dep)| (label.to_string(), dep.key.to_string())).collect();
        let template = self.template(&plan)?;
        let inputs_set = Arc::clone(&inputs.set);
        let measured = Measured { inputs: inputs_set, patches, facts: versions, deps: dep_keys, template };
        let key = key::key(&plan, &measured)?;
        Ok(Keyed { plan, measured, key, inputs: Arc::clone(&inputs.paths), missing, deps })
    }

    /// What the template of a container unit says; none if there is none, which the build will be told.
    fn template(&self, plan: &Plan) -> Result<Option<String>> {
        let backend = self.session.manifests.backends.get(&plan.unit.backend);
        let Some((backend, _)) = backend.zip(plan.realm.container()) else { return Ok(None) };
        let file = template(Utf8Path::new(TEMPLATES), &backend.recipe);
        let mut templates = lock(&self.templates);
        if let Some(known) = templates.get(&file) {
            return Ok(known.clone());
        }
        let text = match fs_err::read_to_string(self.session.root.join(&file)) {
            Ok(text) => normal(file.as_str(), &text).map(|normal| Digest::of(normal.as_bytes()).to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        templates.insert(file, text.clone());
        Ok(text)
    }

    /// Keeps what was hashed and probed. A cache that cannot be written costs time on the next run, and nothing else.
    pub fn save(self) {
        lock(&self.facts).save();
        if let Err(error) = self.scan.save() {
            self.session.ui.detail(&format!("file digests were not saved: {error}"));
        }
    }
}

/// What makes packages: its rules by revision, and the launcher that it puts into every package by content.
fn packer() -> (String, String) {
    let launcher = Digest::of(pack::LAUNCHER).to_hex();
    ("packer".to_owned(), format!("rules {}, launcher {launcher:.16}", pack::REVISION))
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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
