//! One backend of the tree: its rows, what it reads, and the best recipe that can be proven for it.

use super::configured::Called;
use super::dockerfile;
use super::engine::Engine;
use super::fetched::fetched;
use super::index::About;
use super::inputs::{inputs, natively, texts};
use super::makefile::Fetch;
use super::native;
use super::python;
use super::server;
use super::shell::joined;
use super::tree::Tree;
use super::ways::{Way, Ways};
use crate::import::{List, Row};
use camino::{Utf8Path, Utf8PathBuf};
use model::image_names::TagSuffix;
use model::name::{BackendName, PinName, VariantName};
use model::platform::{Os, Platform};
use model::source::{Commit, Pin, Upstream};
use std::collections::{BTreeMap, BTreeSet};

/// The directories of backends, and the language of each.
const LANGUAGES: [&str; 4] = ["cpp", "go", "python", "rust"];

/// A backend as its manifest will say it.
pub(super) struct Adopted {
    pub name: BackendName,
    pub dir: Utf8PathBuf,
    pub about: About,
    pub license: &'static str,
    pub inputs: Vec<(&'static str, Vec<String>)>,
    pub sources: BTreeSet<PinName>,
    pub place: Vec<(PinName, Utf8PathBuf)>,
    pub packages: BTreeSet<String>,
    pub variants: BTreeMap<VariantName, Vec<Platform>>,
    pub suffixes: BTreeMap<VariantName, TagSuffix>,
    pub recipe: Recipe,
    /// Trees that it places.
    pub pins: BTreeMap<PinName, Wanted>,
    /// What a person should look at.
    pub notes: Vec<String>,
}

/// A tree that a row of `backend/sources.yaml` must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub url: String,
    pub commit: Commit,
    pub submodules: bool,
}

impl Wanted {
    /// Whether a pin is that tree.
    pub fn is(&self, pin: &Pin) -> bool {
        matches!(&pin.upstream, Upstream::Git { url, commit } if *url == self.url && *commit == self.commit)
            && pin.patches.is_empty()
            && pin.submodules == self.submodules
    }

    /// The commit that stands in a pin which is this tree at another time, and which nobody added anything to.
    pub fn succeeds<'p>(&self, pin: &'p Pin) -> Option<&'p Commit> {
        match &pin.upstream {
            Upstream::Git { url, commit } if *url == self.url && *commit != self.commit => {
                (pin.tree.is_none() && pin.mirrors.is_empty() && pin.patches.is_empty()).then_some(commit)
            }
            _ => None,
        }
    }
}

/// How it is built.
pub(super) enum Recipe {
    /// By its family's own recipe.
    Cmake(Engine),
    Go(native::Go),
    Python(python::Python),
    /// By its own script; why its family's recipe does not fit.
    Script(Script, String),
}

impl Recipe {
    /// Why it is not its family's own.
    pub fn why_script(&self) -> Option<String> {
        match self {
            Self::Cmake(_) | Self::Go(_) | Self::Python(_) => None,
            Self::Script(_, why) => Some(why.clone()),
        }
    }

    /// Whether its key holds a bucket of time.
    pub fn floats(&self) -> bool {
        match self {
            Self::Cmake(_) | Self::Go(_) => false,
            Self::Python(_) => true,
            Self::Script(script, _) => script.floats,
        }
    }
}

/// Its own script, behind a fence where nothing is fetched.
pub(super) struct Script {
    pub prepare: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub steps: Vec<Vec<String>>,
    pub output: Utf8PathBuf,
    pub floats: bool,
}

/// What all backends share.
pub(super) struct Known<'a> {
    pub tree: &'a Tree<'a>,
    pub pins: &'a BTreeMap<PinName, Pin>,
    pub about: &'a BTreeMap<String, About>,
    /// Pins that backends before this one asked for.
    pub taken: BTreeMap<PinName, Wanted>,
}

/// The backend of some rows; why it has no place otherwise.
pub(super) fn adopt(
    name: &BackendName,
    rows: &[&Row],
    known: &mut Known<'_>,
    ways: &mut Ways<'_>,
) -> Result<Adopted, String> {
    let tree = known.tree;
    let dirs = LANGUAGES.map(|language| Utf8PathBuf::from(format!("backend/{language}/{name}")));
    let dir = dirs.into_iter().find(|dir| tree.below(dir).next().is_some()).ok_or("it has no directory")?;
    let language = dir.parent().and_then(Utf8Path::file_name).unwrap_or_default().to_owned();
    let file = rows.iter().find_map(|row| row.get("dockerfile")).map(|file| joined("".into(), file));
    // What is built for Macs alone has no file of its own: that of its language does the same.
    let file = file.unwrap_or_else(|| same_language(tree, &language));
    let text = tree.text(&file).ok_or_else(|| format!("{file} is not there"))?;
    let told = dockerfile::told(&text, name.as_str(), &dir, tree).map_err(|why| format!("{file}: {why}"))?;
    let fetched = fetched(tree, &dir);
    let mut notes = told.guessed;
    let mut pins = BTreeMap::new();
    let mut place = Vec::new();
    let submodules =
        tree.submodules.iter().filter(|(path, _)| path.starts_with(&dir)).map(|(path, (url, commit))| {
            (path.clone(), Wanted { url: url.clone(), commit: commit.clone(), submodules: true })
        });
    let trees = fetched
        .trees
        .into_iter()
        .map(|(at, Fetch { url, commit, submodules, .. })| (at, Wanted { url, commit, submodules }));
    for (at, wanted) in trees.chain(submodules) {
        let pin = pin_name(name, &at, &wanted, known)?;
        known.taken.insert(pin.clone(), wanted.clone());
        place.push((pin.clone(), at));
        pins.insert(pin, wanted);
    }
    let floats = !fetched.other.is_empty() || matches!(language.as_str(), "python" | "rust");
    let is_go = language == "go";
    let is_python = language == "python";
    let mut used = Vec::new();
    for row in rows {
        used.extend(ways.of(row, language.parse().ok())?.into_iter().map(|way| (way, row.list)));
    }
    let mut prepare = Vec::new();
    if is_go {
        prepare.extend(["go-stubs".to_owned(), "go-modules".to_owned()]);
    } else if told.stubs {
        notes.push("its stubs are made by the tree's root Makefile, which nobody calls".to_owned());
    }
    let mut env = told.env;
    if is_python && env.contains_key("BUILD_TYPE") {
        env.insert("BUILD_TYPE".to_owned(), "${python-build-type}".to_owned());
    }
    let calls: Vec<Called> = used.iter().map(|(way, _)| ways.called(way)).collect();
    let proven = match language.as_str() {
        "go" if floats => Err("it downloads what nothing vouches for".to_owned()),
        "go" => {
            let calls = (!place.is_empty()).then_some(calls.as_slice());
            native::prove(tree, &dir, calls).map(Recipe::Go).map_err(str::to_owned)
        }
        "cpp" => server::prove(tree, &dir, &calls).map(Recipe::Cmake).map_err(str::to_owned),
        "python" if !place.is_empty() => Err("it installs a tree that its Makefile fetches".to_owned()),
        "python" => {
            let profiles = used.iter().map(|(way, _)| (way.variant.clone(), ways.profile(way)));
            python::prove(tree, &dir, &told.steps, &profiles.collect::<Vec<_>>(), known.pins).map(
                |(python, odd)| {
                    notes.extend(odd);
                    Recipe::Python(python)
                },
            )
        }
        _ => Err("it builds with a tree and packages that the family's recipe does not place".to_owned()),
    };
    if let Ok(Recipe::Python(python)) = &proven {
        for (at, wanted) in &python.trees {
            let pin = pin_name(name, at, wanted, known)?;
            known.taken.insert(pin.clone(), wanted.clone());
            place.push((pin.clone(), at.clone()));
            pins.insert(pin, wanted.clone());
        }
    }
    let inputs = match &proven {
        Ok(Recipe::Python(python)) => python.inputs(tree, &dir),
        Ok(_) => natively(tree, &dir, is_go),
        Err(_) => inputs(tree, &dir, &told.steps, &fetched.beside),
    };
    let recipe = match proven {
        Ok(native) => native,
        Err(why) => {
            if let Some((first, more)) = fetched.other.split_first() {
                let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
                notes.push(format!("floats: it downloads {first}{more}"));
            }
            let used = texts(tree, &inputs);
            env.retain(|name, value| {
                !value.starts_with("${") || used.iter().any(|text| text.contains(name.as_str()))
            });
            Recipe::Script(Script { prepare, env, steps: told.steps, output: told.output, floats }, why)
        }
    };
    let mut adopted = Adopted {
        inputs,
        about: known.about.get(name.as_str()).cloned().unwrap_or_default(),
        license: "NOASSERTION",
        sources: pins.keys().cloned().collect(),
        place,
        // What is installed for all of a language is for compilers of C.
        packages: match &recipe {
            Recipe::Go(native::Go { engine: None, .. }) => BTreeSet::new(),
            Recipe::Python(_) => python::needed(told.packages),
            Recipe::Cmake(_) | Recipe::Go(_) | Recipe::Script(..) => told.packages,
        },
        variants: BTreeMap::new(),
        suffixes: BTreeMap::new(),
        recipe,
        pins,
        notes,
        name: name.clone(),
        dir,
    };
    adopted.license = adopted.about.license().unwrap_or("NOASSERTION");
    if is_go && !tree.has(Utf8Path::new("go.mod")) {
        adopted.notes.push("its module has no go.mod at the root of the tree".to_owned());
    }
    for (way, list) in used {
        variant(&mut adopted, ways, way, is_python, list)?;
    }
    Ok(adopted)
}

fn variant(adopted: &mut Adopted, ways: &Ways<'_>, way: Way, python: bool, list: List) -> Result<(), String> {
    let rule = ways.rule(&way, python, &adopted.name);
    let Way { variant, platform, suffix, line } = way;
    let platforms = adopted.variants.entry(variant.clone()).or_default();
    if platforms.contains(&platform) {
        return Err(format!("line {line}: a second row for {variant} on {platform}"));
    }
    platforms.push(platform);
    platforms.sort();
    if suffix == rule {
        return Ok(());
    }
    if list == List::Darwin || platform.os == Os::Darwin {
        return Err(format!("line {line}: `{suffix}` is not what a Mac's image is called, `{rule}`"));
    }
    match adopted.suffixes.insert(variant.clone(), suffix.clone()) {
        Some(other) if other != suffix => {
            Err(format!("line {line}: `{suffix}`, but `{other}` on another platform of {variant}"))
        }
        _ => Ok(()),
    }
}

fn same_language(tree: &Tree<'_>, language: &str) -> Utf8PathBuf {
    let names = ["golang", language].map(|name| Utf8PathBuf::from(format!("backend/Dockerfile.{name}")));
    let [golang, own] = names;
    if language == "go" || !tree.has(&own) { golang } else { own }
}

/// What a pin is called: as the tree, unless another has that name.
fn pin_name(
    backend: &BackendName,
    at: &Utf8Path,
    wanted: &Wanted,
    known: &Known<'_>,
) -> Result<PinName, String> {
    let tree = at.file_name().unwrap_or_default().to_ascii_lowercase();
    let names = [tree.clone(), format!("{backend}-{tree}")];
    // A tree in a neighbour's place is a fork of the neighbour's own.
    let is_own = at.components().any(|part| part.as_str() == backend.as_str());
    let mut names = names[usize::from(!is_own)..].iter().filter_map(|name| name.parse::<PinName>().ok());
    let free = names.find(|name| match (known.pins.get(name), known.taken.get(name)) {
        (_, Some(taken)) => taken == wanted,
        // An older commit of the same tree moves.
        (Some(pin), None) => wanted.is(pin) || wanted.succeeds(pin).is_some(),
        (None, None) => true,
    });
    free.ok_or_else(|| format!("every name for the tree at {at} is taken in backend/sources.yaml"))
}
