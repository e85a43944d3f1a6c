//! Trees of pinned sources: mounted where xtask fetched them, downloaded by a script that stands alone.

use super::common::curl;
use super::error::DepsError;
use crate::cmd::Cmd;
use crate::grpc::IMAGE_PREFIX;
use crate::key;
use crate::shell::Directories;
use crate::step::Action;
use camino::Utf8Path;
use model::arg::Place;
use model::name::PinName;
use model::source::{Commit, Mirror, Pin, Sha256, Upstream};

/// Where image builds have the trees, each below its pin's name.
const MOUNT: &str = "/pins";
/// Where an installation keeps what it removes again.
const WORK: &str = "/var/cache/xtask";

/// How a builder comes by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trees {
    /// xtask has fetched and verified them, from whichever mirror had them, and mounts them.
    Mounted,
    /// Nobody did: the commands themselves download and verify them.
    Downloaded,
}

/// Whose tree a step reads.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Source {
    /// The pin.
    pub name: PinName,
    version: String,
    /// What stands in keys for its bytes.
    content: String,
}

impl Source {
    pub(super) fn of(pin: &Pin) -> Self {
        Self { name: pin.name.clone(), version: pin.version.clone(), content: key::content(pin) }
    }

    /// What a script says of it: with its bytes, the script changes, and the key of whatever the script makes.
    pub(super) fn identity(&self) -> String {
        format!("# {} {}: {}", self.name, self.version, self.content)
    }
}

impl Trees {
    /// Where an installation has everything.
    pub fn directories(self) -> Directories {
        let sources = match self {
            Self::Mounted => MOUNT.to_owned(),
            Self::Downloaded => format!("{WORK}/sources"),
        };
        Directories::of_installation(WORK, &sources, IMAGE_PREFIX)
    }

    /// Has the tree of `pin` at its place.
    pub(super) fn fetch(self, pin: &Pin) -> Result<Vec<Action>, DepsError> {
        let to = self.directories().of(&Place::Source(pin.name.clone()));
        let is_plain = !pin.submodules && pin.patches.is_empty() && pin.exclude.is_empty();
        let download = Some(pin).filter(|_| is_plain).and_then(|pin| download(pin, &to));
        let download = download.ok_or_else(|| DepsError::NotForScripts(pin.name.clone()))?;
        Ok(match self {
            Self::Mounted => vec![Action::Fetch { pin: pin.name.clone() }],
            Self::Downloaded => download,
        })
    }
}

/// From any place that has the same bytes, in the order in which they are tried.
fn download(pin: &Pin, to: &str) -> Option<Vec<Action>> {
    match &pin.upstream {
        Upstream::Archive { url, sha256, subdir } => {
            let same = pin.mirrors.iter().filter_map(|mirror| match mirror {
                Mirror::Archive { url, sha256: other, .. } if other == sha256 => Some(url),
                _ => None,
            });
            Some(archive(&same.chain([url]).collect::<Vec<_>>(), sha256, subdir, to))
        }
        Upstream::Git { url, commit } => {
            let same = pin.mirrors.iter().filter_map(|mirror| match mirror {
                Mirror::Git { url } => Some(url),
                _ => None,
            });
            Some(git(same.chain([url]), commit, to))
        }
        Upstream::GitTag { .. } | Upstream::Crate { .. } => None,
    }
}

fn archive(urls: &[&String], sha256: &Sha256, subdir: &Utf8Path, to: &str) -> Vec<Action> {
    let is_zip = urls.iter().any(|url| Utf8Path::new(url).extension() == Some("zip"));
    let file = format!("{to}.{}", if is_zip { "zip" } else { "tar" });
    let unpack = if is_zip {
        Cmd::root("unzip").args(["-q", "-o", &file, "-d", to])
    } else {
        let depth = subdir.components().count();
        let inside = (depth > 0).then(|| subdir.as_str());
        Cmd::root("tar").args(["-xf", &file, "-C", to, &format!("--strip-components={depth}")]).args(inside)
    };
    vec![
        Cmd::root("mkdir").args(["-p", to]).into(),
        Action::first_of(urls.iter().map(|url| curl(url, &file))),
        Cmd::root("sha256sum").args(["--check", "--quiet", "-"]).stdin(format!("{sha256}  {file}\n")).into(),
        unpack.into(),
        Cmd::root("rm").arg(file).into(),
    ]
}

fn git<'a>(urls: impl Iterator<Item = &'a String>, commit: &Commit, to: &str) -> Vec<Action> {
    let git = |args: &[&str]| Cmd::root("git").args(["-C", to]).args(args.iter().copied());
    let fetch = |url: &String| git(&["fetch", "--quiet", "--depth", "1", url, commit.as_str()]);
    vec![
        Cmd::root("git").args(["init", "--quiet", to]).into(),
        Action::first_of(urls.map(fetch)),
        git(&["checkout", "--quiet", "--detach", commit.as_str()]).into(),
    ]
}
