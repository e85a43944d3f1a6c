//! Keys: everything that can change a unit's output, as a readable document, hashed.

use crate::cmd::Cmd;
use crate::container::{Container, Ingredients, InstalledStep};
use crate::plan::Plan;
use crate::step::{Action, Step};
use model::arg::Arg;
use model::flavor::Flavor;
use model::key::Key;
use model::name::{Label, PinName};
use model::package::Package;
use model::script::Network;
use model::source::{Pin, Upstream};
use model::unit::UnitId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changing how outputs are made without a change in any document field means raising this.
const SCHEMA: u32 = 1;
/// The blake3 key-derivation context: keys of this document can never equal a hash of something else.
const CONTEXT: &str = "inference-backends 2026-11 unit key v3";
/// The same for the one digest of a unit's inputs.
const INPUTS_CONTEXT: &str = "inference-backends 2026-11 unit inputs v1";

/// What the store says of one input file: its digest and whether it is executable.
pub type InputDigests = BTreeMap<String, String>;

/// A unit's inputs, and one digest of them all: the units of a backend share both, and the second is in their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSet {
    files: InputDigests,
    digest: String,
}

impl InputSet {
    /// From root-relative path → `<blake3>` with ` x` behind it when executable, or `link <target>`.
    pub fn new(files: InputDigests) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(INPUTS_CONTEXT);
        for (path, content) in &files {
            // Neither a path nor what is said of it can hold a NUL, so that no two sets are told in the same bytes.
            for text in [path, content] {
                hasher.update(text.as_bytes());
                hasher.update(&[0]);
            }
        }
        Self { files, digest: hasher.finalize().to_hex().to_string() }
    }
}

/// What was probed and hashed outside of planning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The declared inputs.
    pub inputs: Arc<InputSet>,
    /// Patch file → digest.
    pub patches: InputDigests,
    /// Tool or package → version.
    pub facts: BTreeMap<String, String>,
    /// Dependency unit → its key.
    pub deps: BTreeMap<String, String>,
}

/// The key document: kept beside the artifact so that two of them can be compared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeyDoc<'a> {
    schema: u32,
    unit: &'a UnitId,
    flavors: &'a [Flavor],
    realm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    install: Option<&'a [InstalledStep]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<&'a str>,
    steps: Vec<StepDoc<'a>>,
    package: Option<&'a Package>,
    inputs: InputsDoc<'a>,
    pins: BTreeMap<&'a PinName, PinDoc<'a>>,
    facts: &'a BTreeMap<String, String>,
    deps: &'a BTreeMap<String, String>,
    refresh: Option<&'a str>,
    cpu: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct BaseDoc<'a> {
    image: &'a str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<&'a str>,
}

/// People read the files; the key holds their digest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
enum InputsDoc<'a> {
    Files(&'a InputDigests),
    Digest(&'a str),
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct StepDoc<'a> {
    id: &'a Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunDoc<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    or: Vec<RunDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct RunDoc<'a> {
    program: &'a Arg,
    args: &'a [Arg],
    env: &'a BTreeMap<String, Arg>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a Arg>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdin: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    root: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fence: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct PinDoc<'a> {
    content: String,
    exclude: &'a [String],
    patches: Vec<String>,
}

/// The key document of a plan and what was measured for it.
pub fn document<'a>(plan: &'a Plan, measured: &'a Measured) -> KeyDoc<'a> {
    told(plan, measured, InputsDoc::Files(&measured.inputs.files))
}

/// The key of a plan and what was measured for it.
pub fn key(plan: &Plan, measured: &Measured) -> Key {
    Key::of(CONTEXT, &told(plan, measured, InputsDoc::Digest(&measured.inputs.digest)))
}

fn told<'a>(plan: &'a Plan, measured: &'a Measured, inputs: InputsDoc<'a>) -> KeyDoc<'a> {
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
        tests: _,
        disk_mib: _,
        package,
        deps: _,
        refresh,
        cpu,
        settings: _,
    } = plan;
    let Measured { inputs: _, patches, facts, deps } = measured;
    KeyDoc {
        schema: SCHEMA,
        unit,
        flavors,
        realm: realm.as_str(),
        base: realm.container().map(base_doc),
        install: realm.container().map(|container| container.base.steps()),
        template: realm.container().and_then(|container| container.template.as_deref()),
        steps: steps.iter().map(step_doc).collect(),
        package: package.as_ref(),
        inputs,
        pins: pins.iter().map(|pin| (&pin.name, pin_doc(pin, patches))).collect(),
        facts,
        deps,
        refresh: refresh.as_deref(),
        cpu: cpu.as_deref(),
    }
}

fn base_doc(container: &Container) -> BaseDoc<'_> {
    // Prebuilt and from-source builders are the same by construction, and must share a key.
    let Container { base, builder: _, image: _, reason: _, template: _ } = container;
    let Ingredients { platform: _, image, distro: _, install: _, path, template, prebuilt: _ } = &***base;
    BaseDoc { image, path: path.join(":"), template: template.as_deref() }
}

fn step_doc(step: &Step) -> StepDoc<'_> {
    let Step { id, action } = step;
    let other = match action {
        Action::Run { .. } | Action::FirstOf { .. } => None,
        Action::Fetch { pin } => Some(format!("fetch {pin}")),
        Action::Stage { into } => Some(format!("stage {into}")),
        Action::Copy { from, matching, to } => Some(format!("copy {from} {matching:?} {to}")),
        Action::Tree { from, to } => Some(format!("tree {from} {to}")),
        Action::Write { text, to } => Some(format!("write {to} {}", blake3::hash(text.as_bytes()))),
    };
    let mut cmds = action.cmds().iter().map(run_doc);
    StepDoc { id, run: cmds.next(), or: cmds.collect(), other }
}

fn run_doc(cmd: &Cmd) -> RunDoc<'_> {
    let Cmd { program, args, env, tuning: _, cwd, stdin, root, fence, weight: _ } = cmd;
    let fence = fence.map(Network::as_str);
    RunDoc { program, args, env, cwd: cwd.as_ref(), stdin: stdin.as_deref(), root: *root, fence }
}

/// Which bytes a pin's tree holds. Where they come from does not matter.
pub(crate) fn content(pin: &Pin) -> String {
    match (&pin.tree, &pin.upstream) {
        (Some(tree), _) => format!("tree {tree}"),
        (None, Upstream::Git { commit, .. }) if pin.submodules => format!("commit {commit} with submodules"),
        (None, Upstream::Git { commit, .. }) => format!("commit {commit}"),
        (None, Upstream::GitTag { url, tag, .. }) => format!("tag {tag} of {url}"),
        (None, Upstream::Archive { sha256, subdir, .. } | Upstream::Crate { sha256, subdir, .. }) => {
            format!("archive {sha256} {subdir}")
        }
    }
}

fn pin_doc<'a>(pin: &'a Pin, patches: &InputDigests) -> PinDoc<'a> {
    let Pin {
        name: _,
        version: _,
        upstream: _,
        submodules: _,
        tree: _,
        exclude,
        mirrors: _,
        patches: files,
        license: _,
        license_files: _,
    } = pin;
    let patches = files.iter().map(|file| patches.get(file.as_str()).cloned().unwrap_or_default()).collect();
    PinDoc { content: content(pin), exclude, patches }
}

impl KeyDoc<'_> {
    /// The document as it is stored: indented JSON with a fixed order of fields.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}
