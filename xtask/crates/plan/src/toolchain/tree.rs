//! Trees of pinned sources: mounted where xtask fetched them, downloaded by a script that stands alone.

use super::action::Action;
use super::call::Call;
use super::error::DepsError;
use super::lower::curl;
use crate::key;
use camino::Utf8Path;
use model::name::PinName;
use model::source::{Commit, Mirror, Pin, Sha256, Upstream};
use model::text::path::Subdir;

/// Where image builds have the trees, each below its pin's name.
const MOUNT: &str = "/pins";

/// How a builder comes by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trees {
    /// xtask has fetched and verified them, from whichever mirror had them, and mounts them.
    Mounted,
    /// Nobody did: the commands themselves download and verify them.
    Downloaded,
}

/// A pin that a script can fetch by itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Source {
    /// The pin.
    pub name: PinName,
    version: String,
    /// What stands in keys for its bytes.
    content: String,
    #[serde(skip)]
    origin: Origin,
}

/// Places that have the same bytes, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Archive { urls: Vec<String>, sha256: Sha256, subdir: Subdir },
    Git { urls: Vec<String>, commit: Commit },
}

impl Action {
    /// Has the tree of `pin` at `to`.
    pub(super) fn tree(pin: &Pin, to: &str) -> Result<Self, DepsError> {
        let origin = Some(pin)
            .filter(|pin| !pin.submodules && pin.patches.is_empty() && pin.exclude.is_empty())
            .and_then(origin)
            .ok_or_else(|| DepsError::NotForScripts(pin.name.clone()))?;
        let (name, version) = (pin.name.clone(), pin.version.clone());
        let source = Source { name, version, content: key::content(pin), origin };
        Ok(Self::Tree { source, to: to.to_owned() })
    }
}

fn origin(pin: &Pin) -> Option<Origin> {
    match &pin.upstream {
        Upstream::Archive { url, sha256, subdir } => {
            let same = |mirror: &Mirror| match mirror {
                Mirror::Archive { url, sha256: other, .. } if other == sha256 => Some(url.clone()),
                _ => None,
            };
            let urls = pin.mirrors.iter().filter_map(same).chain([url.clone()]).collect();
            Some(Origin::Archive { urls, sha256: sha256.clone(), subdir: subdir.clone() })
        }
        Upstream::Git { url, commit } => {
            let git = |mirror: &Mirror| match mirror {
                Mirror::Git { url } => Some(url.clone()),
                _ => None,
            };
            let urls = pin.mirrors.iter().filter_map(git).chain([url.clone()]).collect();
            Some(Origin::Git { urls, commit: commit.clone() })
        }
        Upstream::GitTag { .. } | Upstream::Crate { .. } => None,
    }
}

impl Source {
    /// What a script says of it: with its bytes, the script changes, and the key of whatever the script makes.
    pub(super) fn identity(&self) -> String {
        format!("# {} {}: {}", self.name, self.version, self.content)
    }

    /// The commands that put it at `to`.
    pub(super) fn calls(&self, trees: Trees, to: &str) -> Vec<Call> {
        let make = Call::root("mkdir").args(["-p", to]);
        match (trees, &self.origin) {
            (Trees::Mounted, _) => {
                let from = format!("{MOUNT}/{}/.", self.name);
                vec![make, Call::root("cp").args(["-RP", "--preserve=mode,timestamps", &from, to])]
            }
            (Trees::Downloaded, Origin::Archive { urls, sha256, subdir }) => {
                let mut calls = vec![make];
                calls.extend(archive(urls, sha256, subdir, to));
                calls
            }
            (Trees::Downloaded, Origin::Git { urls, commit }) => git(urls, commit, to),
        }
    }
}

fn archive(urls: &[String], sha256: &Sha256, subdir: &Utf8Path, to: &str) -> Vec<Call> {
    let is_zip = urls.iter().any(|url| Utf8Path::new(url).extension() == Some("zip"));
    let file = format!("{to}.{}", if is_zip { "zip" } else { "tar" });
    let depth = subdir.components().count();
    let unpack = if is_zip {
        Call::root("unzip").args(["-q", "-o", &file, "-d", to])
    } else {
        let inside = (depth > 0).then(|| subdir.to_string());
        Call::root("tar").args(["-xf", &file, "-C", to, &format!("--strip-components={depth}")]).args(inside)
    };
    let mut calls: Vec<Call> = Call::first_of(urls.iter().map(|url| curl(url, &file))).into_iter().collect();
    calls.extend([
        Call::root("sha256sum").args(["--check", "--quiet", "-"]).stdin(format!("{sha256}  {file}\n")),
        unpack,
        Call::root("rm").arg(file),
    ]);
    calls
}

fn git(urls: &[String], commit: &Commit, to: &str) -> Vec<Call> {
    let git = |args: &[&str]| Call::root("git").args(["-C", to]).args(args.iter().copied());
    let fetch = |url: &String| git(&["fetch", "--quiet", "--depth", "1", url, commit.as_str()]);
    let mut calls = vec![Call::root("git").args(["init", "--quiet", to])];
    calls.extend(Call::first_of(urls.iter().map(fetch)));
    calls.push(git(&["checkout", "--quiet", "--detach", commit.as_str()]));
    calls
}
