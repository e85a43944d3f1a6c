//! `package.json`: what is in a package. Canonical: sorted, no times, no paths of this machine.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::PackError;
use crate::spec::PackageSpec;
use model::platform::Platform;

/// The manifest's place in a package.
pub const MANIFEST_FILE: &str = "package.json";

const FORMAT: u32 = 1;

/// What is in a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Calls of the contract that it serves, beyond those that every backend does.
    #[serde(default)]
    pub calls: Vec<String>,
    /// What is licensed, by name.
    pub components: BTreeMap<String, Component>,
    /// Libraries that are opened at run time.
    pub extra_libraries: Vec<String>,
    /// Every file and link but this one, by path.
    pub files: BTreeMap<Utf8PathBuf, Entry>,
    /// The version of this format.
    pub format: u32,
    /// Names of libraries that the host must bring.
    pub host_libraries: Vec<String>,
    /// A program of it is a script, which a shell of the host runs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub host_shell: bool,
    /// The unit's key.
    pub key: String,
    /// The first macOS that it runs on, if it is for macOS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_macos: Option<String>,
    /// The backend.
    pub name: String,
    /// What it runs on.
    pub platform: Platform,
    /// The variant.
    pub variant: String,
    /// The versions of the sources.
    pub versions: BTreeMap<String, String>,
}

/// Something with a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The libraries in `lib/` that it covers.
    pub libraries: Vec<String>,
    /// Its licence texts, as paths of the package.
    pub licenses: Vec<Utf8PathBuf>,
    /// Who said so.
    pub origin: Origin,
    /// Its version, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Where a component's licence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The package's specification.
    Declared,
    /// A Debian package.
    Debian,
    /// A formula of Homebrew.
    Homebrew,
}

/// One file or link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Entry {
    /// A file.
    File {
        /// blake3 of its contents.
        blake3: String,
        /// Its permissions, in octal.
        mode: String,
        /// Its size in bytes.
        size: u64,
    },
    /// A symbolic link.
    Link {
        /// What it points at.
        target: Utf8PathBuf,
    },
}

impl Entry {
    /// The size in bytes of a file; links have none.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::File { size, .. } => Some(*size),
            Self::Link { .. } => None,
        }
    }
}

impl Manifest {
    /// Describes a package that is complete but for its manifest.
    pub(crate) fn describe(
        spec: &PackageSpec,
        components: BTreeMap<String, Component>,
        package: &Utf8Path,
    ) -> Result<Self, PackError> {
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list.dedup();
            list
        };
        Ok(Self {
            calls: sorted(&spec.calls),
            components,
            extra_libraries: sorted(&spec.extra_libraries),
            files: files(package)?,
            format: FORMAT,
            host_libraries: sorted(&spec.host_libraries),
            host_shell: spec.host_shell
                && spec.binaries.iter().any(|binary| is_script(&package.join(&binary.to))),
            key: spec.key.clone(),
            min_macos: spec.min_macos.clone(),
            name: spec.name.clone(),
            platform: spec.platform,
            variant: spec.variant.clone(),
            versions: spec.versions.clone(),
        })
    }

    /// Reads the manifest of a package.
    pub fn read(package: &Utf8Path) -> Result<Self, PackError> {
        let path = package.join(MANIFEST_FILE);
        Self::parse(&fs_err::read_to_string(&path)?, &path)
    }

    /// Reads the text of a manifest; `path` is where it came from.
    pub fn parse(text: &str, path: &Utf8Path) -> Result<Self, PackError> {
        let malformed = |reason: String| PackError::Malformed { path: path.to_owned(), reason };
        let manifest: Self = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(malformed(format!("format {}; this program reads {FORMAT}", manifest.format)));
        }
        Ok(manifest)
    }

    /// The text of the manifest.
    pub fn to_json(&self) -> Result<String, PackError> {
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::from)?;
        Ok(text + "\n")
    }
}

/// Whether a file says what runs it.
pub(crate) fn is_script(file: &Utf8Path) -> bool {
    let mut start = [0; 3];
    let read = fs_err::File::open(file).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    read.is_ok() && start == *b"#!/"
}

/// Describes every file and link of a package but the manifest.
pub(crate) fn files(package: &Utf8Path) -> Result<BTreeMap<Utf8PathBuf, Entry>, PackError> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(package) {
        let entry = entry.map_err(std::io::Error::from)?;
        let path = utf8(entry.path())?;
        let place = path.strip_prefix(package).unwrap_or(path).to_owned();
        let kind = entry.file_type();
        if kind.is_dir() || place == MANIFEST_FILE {
            continue;
        }
        let described = if kind.is_symlink() {
            Entry::Link { target: path.read_link_utf8()? }
        } else {
            let meta = entry.metadata().map_err(std::io::Error::from)?;
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(fs_err::File::open(path)?)?;
            Entry::File {
                blake3: hasher.finalize().to_hex().to_string(),
                mode: format!("{:04o}", meta.permissions().mode() & 0o7777),
                size: meta.len(),
            }
        };
        files.insert(place, described);
    }
    Ok(files)
}

/// Paths of a package are text: manifests and images name them.
pub(crate) fn utf8(path: &std::path::Path) -> Result<&Utf8Path, PackError> {
    Utf8Path::from_path(path)
        .ok_or_else(|| PackError::Spec(format!("the file name {} is not UTF-8", path.display())))
}
