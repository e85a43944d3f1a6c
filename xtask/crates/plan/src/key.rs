//! Keys: everything that can change a unit's output, as a readable document, hashed.

use crate::arg::Arg;
use crate::container::Container;
use crate::flavor::Flavor;
use crate::name::PinName;
use crate::package::Package;
use crate::plan::Plan;
use crate::source::{Pin, Upstream};
use crate::step::{Action, Step};
use crate::unit::UnitId;
use std::collections::BTreeMap;

/// Changing how outputs are made without a change in any document field means raising this.
const SCHEMA: u32 = 1;
/// The blake3 key-derivation context: keys of this document can never equal a hash of something else.
const CONTEXT: &str = "inference-backends 2026-11 unit key v1";

/// A unit's key: 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Key(String);

impl Key {
    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// What the store says of one input file: its digest and whether it is executable.
pub type InputDigests = BTreeMap<String, String>;

/// What was probed and hashed outside of planning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measured {
    /// Root-relative path → `<blake3>` with ` x` behind it when executable, or `link <target>`.
    pub inputs: InputDigests,
    /// Patch file → digest.
    pub patches: InputDigests,
    /// Tool or package → version.
    pub facts: BTreeMap<String, String>,
    /// Dependency unit → its key.
    pub deps: BTreeMap<String, String>,
}

/// The key document: kept beside the artifact so that two of them can be compared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeyDoc {
    schema: u32,
    unit: UnitId,
    flavors: Vec<Flavor>,
    realm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseDoc>,
    steps: Vec<StepDoc>,
    package: Option<Package>,
    inputs: InputDigests,
    pins: BTreeMap<PinName, PinDoc>,
    facts: BTreeMap<String, String>,
    deps: BTreeMap<String, String>,
    refresh: Option<String>,
    cpu: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct BaseDoc {
    image: String,
    install: String,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct StepDoc {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct RunDoc {
    program: Arg,
    args: Vec<Arg>,
    env: BTreeMap<String, Arg>,
    cwd: Arg,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct PinDoc {
    content: String,
    exclude: Vec<String>,
    patches: Vec<String>,
}

/// The key document of a plan and what was measured for it.
pub fn document(plan: &Plan, measured: &Measured) -> KeyDoc {
    // Destructured in full: a field added to the plan must be placed here before the crate compiles again.
    let Plan {
        unit,
        flavors,
        realm,
        reason: _,
        inputs: _,
        pins,
        facts: _,
        steps,
        disk_mib: _,
        package,
        deps: _,
        refresh,
        cpu,
        settings: _,
    } = plan;
    let Measured { inputs, patches, facts, deps } = measured;
    KeyDoc {
        schema: SCHEMA,
        unit: unit.clone(),
        flavors: flavors.clone(),
        realm: realm.as_str(),
        base: realm.container().map(base_doc),
        steps: steps.iter().map(step_doc).collect(),
        package: package.clone(),
        inputs: inputs.clone(),
        pins: pins.iter().map(|pin| (pin.name.clone(), pin_doc(pin, patches))).collect(),
        facts: facts.clone(),
        deps: deps.clone(),
        refresh: refresh.clone(),
        cpu: cpu.clone(),
    }
}

fn base_doc(container: &Container) -> BaseDoc {
    // Prebuilt and from-source builders are the same by construction, and must share a key.
    let Container { base, builder: _, reason: _ } = container;
    let install = blake3::hash(base.install_sh().as_bytes()).to_hex().to_string();
    BaseDoc { image: base.image.clone(), install }
}

fn step_doc(step: &Step) -> StepDoc {
    let Step { id, action, weight: _ } = step;
    let id = id.to_string();
    match action {
        Action::Run { cmd } => {
            let crate::cmd::Cmd { program, args, env, tuning: _, cwd } = cmd.clone();
            StepDoc { id, run: Some(RunDoc { program, args, env, cwd }), other: None }
        }
        Action::Fetch { pin } => StepDoc { id, run: None, other: Some(format!("fetch {pin}")) },
        Action::Stage { into } => StepDoc { id, run: None, other: Some(format!("stage {into}")) },
        Action::Copy { from, matching, to } => {
            StepDoc { id, run: None, other: Some(format!("copy {from} {matching:?} {to}")) }
        }
    }
}

fn pin_doc(pin: &Pin, patches: &InputDigests) -> PinDoc {
    let Pin {
        name: _,
        version: _,
        upstream,
        submodules,
        tree,
        exclude,
        mirrors: _,
        patches: files,
        license: _,
        license_files: _,
    } = pin;
    // Where the bytes come from does not matter, only which bytes they are.
    let content = match (tree, upstream) {
        (Some(tree), _) => format!("tree {tree}"),
        (None, Upstream::Git { commit, .. }) if *submodules => format!("commit {commit} with submodules"),
        (None, Upstream::Git { commit, .. }) => format!("commit {commit}"),
        (None, Upstream::GitTag { url, tag, .. }) => format!("tag {tag} of {url}"),
        (None, Upstream::Archive { sha256, subdir, .. } | Upstream::Crate { sha256, subdir, .. }) => {
            format!("archive {sha256} {subdir}")
        }
    };
    let patches = files.iter().map(|file| patches.get(file.as_str()).cloned().unwrap_or_default()).collect();
    PinDoc { content, exclude: exclude.clone(), patches }
}

impl KeyDoc {
    /// The document as it is stored: indented JSON with a fixed order of fields.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// The key of this document.
    pub fn key(&self) -> Result<Key, serde_json::Error> {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&serde_json::to_vec(self)?);
        Ok(Key(hasher.finalize().to_hex().to_string()))
    }
}
