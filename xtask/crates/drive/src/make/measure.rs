//! From a plan to its key: hashes of the declared inputs, versions of the tools.

use super::belonging::Ours;
use super::contract::Contract;
use crate::session::Session;
use anyhow::{Context, Result};
use exec::facts::Facts;
use model::digest::Digest;
use model::key::Key;
use model::name::Label;
use model::platform::Os;
use model::text::path::PlainPath;
use plan::key::{self, InputDigests, InputSet, KeyDoc, Measured};
use plan::made::digest_of;
use plan::realm::Realm;
use plan::{Fact, Plan};
use rayon::prelude::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Content, GlobSpec, Input, Scan};

/// A plan with its key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// The plan.
    pub plan: Plan,
    /// What was measured for it.
    pub measured: Measured,
    /// Its key.
    pub key: Key,
    /// Declared inputs, root-relative, as they were hashed.
    pub inputs: Arc<[Input]>,
    /// What is staged in place of the contract of all backends, where that is not the contract as it lies there.
    pub contract: Option<Arc<str>>,
    /// Patches of its pins, likewise.
    pub patches: Arc<[Input]>,
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
    pub fn steady(&self) -> Option<Key> {
        self.plan.refresh.as_ref()?;
        let plan = Plan { refresh: None, ..self.plan.clone() };
        Some(key::key(&plan, &self.measured))
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

/// Measures one plan anew.
pub fn measure_again(session: &Session, plan: &Plan) -> Result<Keyed> {
    measure(session, vec![plan.clone()])?.pop().context("one plan gives one key: a defect")
}

/// What plans are measured with: one scan of the checkout, one look at each tool.
pub struct Meter<'a> {
    session: &'a Session,
    scan: Scan,
    facts: Mutex<Facts<'a>>,
    contract: Contract,
    packer: Packer,
}

/// What a plan's declared inputs hold: the same for all units of a backend.
#[derive(Debug, Clone)]
pub struct Inputs {
    files: Arc<[Input]>,
    contract: Option<Arc<str>>,
    set: Arc<InputSet>,
}

impl<'a> Meter<'a> {
    pub fn new(session: &'a Session) -> Result<Self> {
        let (store, root) = (session.store()?, session.root.as_std_path());
        let ours = Ours(checkout::Files::of(&session.root).context("cannot tell which files are inputs")?);
        Ok(Self {
            session,
            scan: Scan::new(root, &store.stat_cache(root), Box::new(ours)),
            facts: Mutex::new(session.facts()?),
            contract: Contract::read(&session.root)?,
            packer: Packer::new(),
        })
    }

    /// Hashes what the plan declares.
    pub fn inputs(&self, plan: &Plan) -> Result<Inputs> {
        let model::backend::Inputs { include, exclude, generated } = &plan.inputs;
        let spec = GlobSpec::new(include, exclude).and_then(|spec| spec.generated(generated));
        let spec = spec.with_context(|| format!("the inputs of {}", plan.unit))?;
        let inputs =
            self.scan.hash(&spec).with_context(|| format!("cannot hash the inputs of {}", plan.unit))?;
        let mut digests = digests(&inputs.files);
        let contract = self.contract.settle(&self.session.root, &mut digests)?;
        let set = Arc::new(InputSet::new(digests));
        Ok(Inputs { files: inputs.files.into(), contract, set })
    }

    /// The key of a plan whose inputs have been hashed.
    pub fn key(&self, plan: Plan, inputs: &Inputs) -> Result<Keyed> {
        let patches = patches(&self.scan, &plan)?;
        let (mut facts, missing) = {
            let mut known = lock(&self.facts);
            (known.get(&plan.facts), known.missing(&plan.facts))
        };
        if plan.package.is_some() {
            facts.extend([self.packer.fact(&plan)]);
        }
        let mut deps = Vec::new();
        for dep in &plan.deps {
            let inputs = self.inputs(&dep.plan)?;
            deps.push((dep.label.clone(), self.key(dep.plan.clone(), &inputs)?));
        }
        let dep_keys = deps.iter().map(|(label, dep)| (label.to_string(), dep.key.to_string())).collect();
        let measured =
            Measured { inputs: Arc::clone(&inputs.set), patches: digests(&patches), facts, deps: dep_keys };
        let key = key::key(&plan, &measured);
        let (inputs, contract) = (Arc::clone(&inputs.files), inputs.contract.clone());
        Ok(Keyed { plan, measured, key, inputs, contract, patches: patches.into(), missing, deps })
    }

    /// Keeps what was hashed and probed. A cache that cannot be written costs time on the next run, and nothing else.
    pub fn save(self) {
        for path in self.scan.unnamed() {
            let path = path.display();
            self.session.ui.warn(&format!("{path}: its name is not UTF-8, so no build sees it; rename it"));
        }
        if self.session.only_looks() {
            return;
        }
        lock(&self.facts).save();
        if let Err(error) = self.scan.save() {
            self.session.ui.detail(&format!("file digests were not saved: {error}"));
        }
    }
}

/// Whether the tools and packages are still those that the key names: one may have been installed in between.
pub fn has_its_facts(session: &Session, keyed: &Keyed) -> Result<bool> {
    let mut now = session.facts()?.get(&keyed.plan.facts);
    if keyed.plan.package.is_some() {
        now.extend([Packer::new().fact(&keyed.plan)]);
    }
    Ok(now == keyed.measured.facts)
}

/// What makes packages: its rules by revision, and the launcher that it puts into every package.
struct Packer {
    compiled: String,
    sources: String,
}

impl Packer {
    fn new() -> Self {
        let compiled = format!("launcher {:.16}", Digest::of(pack::LAUNCHER).to_hex());
        Self { compiled, sources: format!("launcher from {:.16}", digest_of(pack::LAUNCHER_SOURCES)) }
    }

    /// Its fact in a key document. Who looks a published package up has another compiler, or another machine, than who made
    /// it, and the same key: such a launcher is known by its sources. In the local cache it is known by what it was
    /// compiled to.
    fn fact(&self, plan: &Plan) -> (String, String) {
        let is_own = plan.realm == Realm::Native && plan.unit.platform.os == Os::Linux;
        let launcher = if is_own { &self.compiled } else { &self.sources };
        ("packer".to_owned(), format!("rules {}, {launcher}", pack::REVISION))
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn patches(scan: &Scan, plan: &Plan) -> Result<Vec<Input>> {
    let files: Vec<&str> = plan.pins.iter().flat_map(|pin| &pin.patches).map(PlainPath::as_str).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    // The manifest names each of them, whatever git thinks of it.
    Ok(scan.hash(&GlobSpec::new([""; 0], [""; 0])?.generated(files)?)?.files)
}

fn digests(inputs: &[Input]) -> InputDigests {
    let text = |content: &Content| match content {
        Content::File { digest, executable: true } => format!("{digest} x"),
        Content::File { digest, executable: false } => digest.to_string(),
        Content::Link { target } => format!("link {target}"),
    };
    inputs.iter().map(|(path, content)| (path.as_str().into(), text(content))).collect()
}
