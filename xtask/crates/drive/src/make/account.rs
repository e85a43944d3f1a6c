//! What a build on this machine took from it, traced back to the facts of its key.
//!
//! Facts name packages with all that they depend on, so that they are right before anything is built. Whether they were is
//! seen afterwards: compilers and linkers say which files they read, and the package says what it carries.

use super::{Keyed, mac};
use crate::session::{PACKAGES, Session};
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use exec::places::Places;
use halt::Run;
use model::macos::Keg;
use model::platform::Os;
use pack::{Manifest, Origin};
use plan::{Fact, formula_fact, package_fact};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::process::Command;

/// What ninja calls the record of its last run in a build directory.
const NINJA: &str = "build.ninja";
/// The fact of Apple's kit.
const XCRUN: &str = "xcrun";
/// How many files of one owner are named.
const NAMED: usize = 3;

/// What no fact stands for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unaccounted {
    /// Debian packages, with files of theirs.
    packages: BTreeMap<String, Vec<Utf8PathBuf>>,
    /// Formulas of Homebrew, likewise.
    formulas: BTreeMap<String, Vec<Utf8PathBuf>>,
    /// Files that no package owns.
    files: BTreeSet<Utf8PathBuf>,
}

impl Unaccounted {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.formulas.is_empty() && self.files.is_empty()
    }

    /// What to tell, for the backend with this manifest.
    pub fn advice(&self, manifest: &Utf8Path) -> String {
        let mut lines = Vec::new();
        for (package, files) in &self.packages {
            lines.push(format!(
                "files of the Debian package {package} are in the output, and its version is in no fact ({}); add to \
                 {manifest}\n  package:\n    system-packages: [{package}]",
                first(files.iter())
            ));
        }
        for (formula, files) in &self.formulas {
            lines.push(format!(
                "files of Homebrew's formula {formula} are in the output, and its version is in no fact ({}); \
                 `brew unlink {formula}` hides it from compilers",
                first(files.iter())
            ));
        }
        if !self.files.is_empty() {
            lines.push(format!(
                "files that no Debian package owns, nor a formula of Homebrew, are in the output, and no fact knows them: {}; remove them from where \
                 the compiler looks, or build in a container",
                first(self.files.iter())
            ));
        }
        lines.join("\n")
    }
}

fn first<'a>(files: impl ExactSizeIterator<Item = &'a Utf8PathBuf>) -> String {
    let more = files.len().saturating_sub(NAMED);
    let names: Vec<&str> = files.take(NAMED).map(|file| file.as_str()).collect();
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// What a build found, kept beside its logs for `check` until another build of the unit finds nothing.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Told {
    /// The backend's manifest, from the root.
    pub manifest: Utf8PathBuf,
    /// What to do.
    pub advice: String,
}

/// The name of the file.
const TOLD: &str = "unaccounted.json";

/// Keeps what a build found in `home`, the unit's directory of this checkout.
pub fn tell(home: &Utf8Path, told: Option<&Told>) -> Result<()> {
    let file = home.join(TOLD);
    match told {
        Some(told) => fs_err::write(&file, serde_json::to_vec(told)?)?,
        None => match fs_err::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        },
    }
    Ok(())
}

/// All that builds of the checkout at `root` found.
pub fn told(root: &Utf8Path) -> Result<Vec<Told>> {
    let homes = match fs_err::read_dir(root.join(PACKAGES)) {
        Ok(homes) => homes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut all = Vec::new();
    for home in homes {
        match fs_err::read(home?.path().join(TOLD)) {
            Ok(bytes) => all.extend(serde_json::from_slice::<Told>(&bytes)),
            // The lock of a unit that is being built is a file.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}

/// Compares what a unit's steps read of the machine, and what its package carries, with the facts of its key.
pub fn unaccounted(
    session: &Session,
    keyed: &Keyed,
    places: &Places,
    packed: Option<&Manifest>,
) -> Result<Unaccounted> {
    let known = Known::of(session, keyed, places)?;
    let is_mac = keyed.plan.unit.platform.os == Os::Darwin;
    let mut found = Unaccounted::default();
    let carried = packed.into_iter().flat_map(|manifest| &manifest.components);
    for (name, component) in carried {
        let (is_known, owners) = match component.origin {
            Origin::Declared => continue,
            Origin::Debian => (known.has_package(name), &mut found.packages),
            Origin::Homebrew => (known.has_formula(name), &mut found.formulas),
        };
        if !is_known {
            owners.insert(name.clone(), component.libraries.iter().map(Utf8PathBuf::from).collect());
        }
    }
    let read: BTreeSet<Utf8PathBuf> = read(session, places)?
        .into_iter()
        .map(|file| file.canonicalize_utf8().unwrap_or(file))
        .filter(|file| !known.has_file(file))
        .collect();
    let owners = debian::owners("/".into(), &read)?;
    for file in read {
        match (owners.get(&file), Keg::of(&file).filter(|_| is_mac)) {
            (Some(package), _) if known.has_package(package) => {}
            (_, Some(keg)) if known.has_formula(keg.formula) => {}
            (Some(package), _) => found.packages.entry(package.clone()).or_default().push(file),
            (_, Some(keg)) => found.formulas.entry(keg.formula.to_owned()).or_default().push(file.clone()),
            (None, None) => drop(found.files.insert(file)),
        }
    }
    Ok(found)
}

/// What facts stand for.
struct Known<'a> {
    facts: Vec<&'a BTreeMap<String, String>>,
    /// The build's own directories, and those of tools that a fact names.
    directories: Vec<Utf8PathBuf>,
}

impl<'a> Known<'a> {
    fn of(session: &Session, keyed: &'a Keyed, places: &Places) -> Result<Self> {
        let mut directories = vec![places.work.clone(), places.caches.clone()];
        directories.extend(places.sources.values().chain(places.deps.values()).cloned());
        for fact in &keyed.plan.facts {
            match fact {
                // The kit's version stands for all that Apple's tools bring.
                Fact::Tool(tool) if tool == XCRUN => directories.extend(mac::of(session).developer_dir),
                // A toolchain that lies in a directory of its own, with its library.
                Fact::Tool(tool) => {
                    let program = session.programs()?.find(tool).map(|program| program.path);
                    let prefix = program.as_deref().and_then(Utf8Path::parent).and_then(Utf8Path::parent);
                    directories.extend(
                        prefix.filter(|prefix| *prefix != "/usr" && *prefix != "/").map(Utf8Path::to_owned),
                    );
                }
                // A file stands for the tree that it was installed with, as in /opt/name/usr/include/file.h.
                Fact::File { path, .. } => directories.extend(
                    path.ancestors()
                        .find(|dir| dir.ends_with("usr"))
                        .and_then(Utf8Path::parent)
                        .map(Utf8Path::to_owned),
                ),
                _ => {}
            }
        }
        let real = |dir: Utf8PathBuf| dir.canonicalize_utf8().unwrap_or(dir);
        let deps = keyed.deps.iter().map(|(_, dep)| &dep.measured.facts);
        Ok(Self {
            facts: std::iter::once(&keyed.measured.facts).chain(deps).collect(),
            directories: directories.into_iter().map(real).filter(|dir| *dir != "/").collect(),
        })
    }

    fn has_package(&self, name: &str) -> bool {
        let fact = package_fact(name);
        self.facts.iter().any(|facts| facts.contains_key(&fact))
    }

    fn has_formula(&self, name: &str) -> bool {
        let fact = formula_fact(name);
        self.facts.iter().any(|facts| facts.contains_key(&fact))
    }

    fn has_file(&self, file: &Utf8Path) -> bool {
        // Ninja cuts names at quotes and the like: the beginning of a directory's name is no file.
        let is_cut = |dir: &Utf8Path| dir.as_str().starts_with(file.as_str());
        self.directories.iter().any(|dir| file.starts_with(dir) || is_cut(dir))
    }
}

/// The absolute paths that compilers and linkers say they read.
fn read(session: &Session, places: &Places) -> Result<BTreeSet<Utf8PathBuf>> {
    let mut all = BTreeSet::new();
    for entry in places.builds().read_dir_utf8()? {
        let directory = entry?.into_path();
        if directory.join(NINJA).is_file() {
            all.extend(compiled(session, &directory)?);
        } else if directory.file_name() == Some("links") {
            all.extend(pack::linked(&directory)?);
        }
    }
    Ok(all)
}

/// What ninja knows that compilers read in a build directory.
fn compiled(session: &Session, directory: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let ninja = session.programs()?.find("ninja").context("ninja is gone")?.path;
    let mut command = Command::new(&ninja);
    command.args(["-C", directory.as_str(), "-t", "deps"]).env_clear();
    let output = Run::new(command).output().with_context(|| format!("cannot run {ninja}"))?;
    anyhow::ensure!(
        output.status.success(),
        "`{ninja} -t deps` failed in {directory}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let text = String::from_utf8_lossy(&output.stdout);
    // A file is indented below the object that it went into.
    let files =
        text.lines().filter_map(|line| line.strip_prefix("    ")).filter(|file| file.starts_with('/'));
    Ok(files.map(Utf8PathBuf::from).collect())
}
