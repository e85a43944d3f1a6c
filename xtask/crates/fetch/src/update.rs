//! Moves a pin to another version: finds the version, fetches it, and works out every value that changes.

use crate::ask;
use crate::edit::Change;
use crate::error::{FetchError, MirrorError};
use crate::fetcher::{Fetcher, discard};
use crate::git::{Repository, export, ls_remote};
use crate::io_error::IoError;
use crate::lock::lock;
use crate::mirror::{self, Job};
use crate::pypi;
use crate::select::{Exclude, Selection};
use crate::tree::tree_digest;
use crate::unpack::unpack_file;
use camino::{Utf8Path, Utf8PathBuf};
use model::source::{Commit, Mirror, Pin, Sha256, Upstream};
use std::fs;
use transfer::redact;

/// New values of a pin or a wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The version found.
    pub version: String,
    /// What changes in the manifest; empty if the pin is there already.
    pub changes: Vec<Change>,
}

impl Fetcher<'_> {
    /// Finds `version` of `pin`, or the newest: in the sdist that mirrors it, else in its git upstream; of an archive, the
    /// one that has `version` in its address.
    pub fn update(&self, pin: &Pin, version: Option<&str>) -> Result<Update, FetchError> {
        let _guard = lock(&self.lock_path(pin), || {})?;
        let stage = self.stage(pin);
        discard(&stage)?;
        let exclude = Exclude::of(pin);
        let job = self.job(pin, &exclude);
        let sdist = pin.mirrors.iter().find(|mirror| matches!(mirror, Mirror::PypiSdist { .. }));
        let update = match (sdist, &pin.upstream) {
            (Some(Mirror::PypiSdist { package, version: old, sha256, subdir }), Upstream::Git { commit, .. }) => {
                let known = Known { package, version: old, sha256, subdir, commit };
                from_sdist(&job, &known, version)
            }
            (_, Upstream::Git { url, commit }) => from_git(&job, url, commit, version),
            (_, Upstream::Archive { url, sha256, subdir }) if pin.mirrors.is_empty() => {
                from_archive(&job, url, sha256, subdir, version)
            }
            _ => Err(MirrorError::Unusable(
                "only pins of a git commit, or of an archive without mirrors, can be moved; edit this one by hand and run \
                 `cargo xtask sources --check`"
                    .to_owned(),
            )),
        };
        discard(&stage)?;
        update.map_err(|error| FetchError::Update { pin: pin.name.clone(), error: Box::new(error) })
    }
}

/// The values of a mirrored sdist and its commit as they stand.
struct Known<'a> {
    package: &'a str,
    version: &'a str,
    sha256: &'a Sha256,
    subdir: &'a Utf8Path,
    commit: &'a Commit,
}

fn from_sdist(job: &Job<'_>, known: &Known<'_>, wanted: Option<&str>) -> Result<Update, MirrorError> {
    let indexes = pypi::Indexes::discover(job.transfer)?;
    let found = match wanted {
        Some(version) => indexes.sdist(known.package, version, job.transfer)?,
        None => indexes.newest(known.package, job.transfer)?,
    };
    let version = pypi::sdist_version(&found.filename, known.package).unwrap_or_default();
    let Some(sha256) = found.sha256 else {
        return Err(MirrorError::Unusable(format!("the index lists no sha256 of {}", found.filename)));
    };
    let file = job.downloads.get(&found.url, &sha256, &|bytes| job.progress(bytes))?;
    let (_guard, scratch) = job.scratch()?;
    let tree = scratch.join("tree");
    make(&tree)?;
    job.unpack(&file, &found.filename, 1, known.subdir, &tree)?;
    let digest = tree_digest(&tree)?.digest;
    // An sdist made from a clone carries the submodule's git directory, and in it the commit.
    let shipped = scratch.join("shipped");
    make(&shipped)?;
    let subdir = Utf8PathBuf::from(".git/modules").join(known.subdir);
    let selection = Selection { strip: 1, subdir, exclude: Exclude::default() };
    unpack_file(&file, &shipped, job.limits, &selection)
        .map_err(|error| MirrorError::Unpack { archive: found.filename.clone(), error })?;
    let head = fs::read_to_string(shipped.join("HEAD")).map_err(|_| {
        MirrorError::Unusable(format!("{} does not say which commit it holds", found.filename))
    })?;
    let commit: Commit = head.trim().parse().map_err(|e| MirrorError::Unusable(format!("its HEAD: {e}")))?;
    prove(job, &scratch, &shipped, &commit, &digest)?;
    let mut changes = vec![
        change("commit", known.commit.as_str(), commit.as_str()),
        change("version", known.version, &version),
        change("sha256", known.sha256.as_str(), sha256.as_str()),
    ];
    changes.extend(job.pin.tree.as_ref().map(|old| change("tree", old.as_str(), digest.as_str())));
    changes.retain(|change| change.old != change.new);
    Ok(Update { version, changes })
}

/// Compares the sdist's files with the commit's blobs. Only objects are taken from what was shipped: its settings and
/// hooks stay behind.
fn prove(
    job: &Job<'_>,
    scratch: &Utf8Path,
    shipped: &Utf8Path,
    commit: &Commit,
    digest: &Sha256,
) -> Result<(), MirrorError> {
    let bare = scratch.join("proof.git");
    let repository = Repository::open(bare.clone(), *job.transfer, true)?;
    discard(&bare.join("objects"))?;
    for part in ["objects", "shallow"] {
        let (from, to) = (shipped.join(part), bare.join(part));
        if from.exists() {
            fs::rename(&from, &to).map_err(|e| IoError::new("moving", &from, e))?;
        }
    }
    // Reading an object does not hash it; this does.
    repository.run(&["fsck", "--full", "--no-dangling", "--no-progress", commit.as_str()])?;
    let blobs = scratch.join("blobs");
    make(&blobs)?;
    export(&repository, "", commit, &blobs, job.exclude, false)?;
    let found = tree_digest(&blobs)?.digest;
    if found == *digest {
        return Ok(());
    }
    Err(MirrorError::Digest { what: format!("the tree of commit {commit}"), expected: digest.clone(), found })
}

fn from_git(job: &Job<'_>, url: &str, old: &Commit, wanted: Option<&str>) -> Result<Update, MirrorError> {
    let url = mirror::git_url(job, url);
    let dir = job.dir.join("git").join(format!("{}.git", job.pin.name));
    let repository = Repository::open(dir, *job.transfer, job.offline)?;
    let commit = match wanted.map(str::parse::<Commit>) {
        Some(Ok(commit)) => commit,
        Some(Err(_)) => repository.tagged(&url, wanted.unwrap_or_default())?,
        None => {
            let listing = ls_remote(&url, &["HEAD"], job.transfer)?;
            let word = listing.split_whitespace().next().unwrap_or_default();
            word.parse().map_err(|e| MirrorError::Unusable(format!("its HEAD: {e}")))?
        }
    };
    repository.fetch(&url, &commit)?;
    let (_guard, scratch) = job.scratch()?;
    let tree = scratch.join("tree");
    make(&tree)?;
    export(&repository, &url, &commit, &tree, job.exclude, job.pin.submodules)?;
    let digest = tree_digest(&tree)?.digest;
    let version = wanted.unwrap_or(&commit.as_str()[..12]).to_owned();
    let mut changes = vec![change("commit", old.as_str(), commit.as_str())];
    changes.extend(job.pin.tree.as_ref().map(|old| change("tree", old.as_str(), digest.as_str())));
    if wanted.is_some() {
        changes.push(change("version", &job.pin.version, &version));
    }
    changes.retain(|change| change.old != change.new);
    Ok(Update { version, changes })
}

/// A release's address holds its version. Nothing but the host vouches for what lies there, as when it was pinned first.
fn from_archive(
    job: &Job<'_>,
    url: &str,
    sha256: &Sha256,
    subdir: &Utf8Path,
    wanted: Option<&str>,
) -> Result<Update, MirrorError> {
    let unusable = |text: &str| Err(MirrorError::Unusable(text.to_owned()));
    let Some(wanted) = wanted else {
        return unusable("nothing lists the releases behind its URL: say which one with --version");
    };
    let old = job.pin.version.trim_start_matches('v');
    let moved = |text: &str| text.replace(old, wanted.trim_start_matches('v'));
    let (new, version) = (moved(url), moved(&job.pin.version));
    if version == job.pin.version {
        return Ok(Update { version, changes: Vec::new() });
    }
    if new == url {
        return unusable("its URL does not hold its version: edit it by hand");
    }
    if job.offline && !new.starts_with("file:") {
        return Err(MirrorError::Offline);
    }
    let (_guard, scratch) = job.scratch()?;
    let (file, tree, within) = (scratch.join("archive"), scratch.join("tree"), moved(subdir.as_str()));
    ask::download(&new, &file, job.transfer, &mut || {})?;
    let opened = fs::File::open(&file).map_err(|e| IoError::new("opening", &file, e))?;
    let digest = Sha256::digest_reader(opened).map_err(|e| IoError::new("hashing", &file, e))?;
    make(&tree)?;
    job.unpack(&file, &redact(&new), 0, Utf8Path::new(&within), &tree)?;
    let mut changes = vec![
        change("version", &job.pin.version, &version),
        change("url", url, &new),
        change("sha256", sha256.as_str(), digest.as_str()),
        change("subdir", subdir.as_str(), &within),
    ];
    if let Some(old) = &job.pin.tree {
        changes.push(change("tree", old.as_str(), tree_digest(&tree)?.digest.as_str()));
    }
    changes.retain(|change| change.old != change.new);
    Ok(Update { version, changes })
}

fn change(key: &'static str, old: &str, new: &str) -> Change {
    Change { key, old: old.to_owned(), new: new.to_owned() }
}

fn make(directory: &Utf8Path) -> Result<(), IoError> {
    fs::create_dir_all(directory).map_err(|e| IoError::new("making the directory", directory, e))
}
