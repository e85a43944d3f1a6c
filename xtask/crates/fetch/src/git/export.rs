//! Writes the files of a commit: raw blobs through one `git cat-file --batch`.

use super::fetch::Repository;
use super::submodule;
use crate::error::MirrorError;
use crate::select::{Exclude, Selection};
use crate::unpack::{Entry, Limits, Sink, UnpackError, clean};
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use model::source::Commit;
use std::io::{BufRead, BufReader, Read};

/// Submodules of submodules of …
const DEPTH: u32 = 8;

/// One line of `git ls-tree`.
struct Item {
    mode: String,
    object: String,
    path: Utf8PathBuf,
}

/// Writes `commit`, and its `submodules` if they are wanted, below `dest`, without what `exclude` hides. `url` is where the commit came
/// from: relative submodule URLs start there.
pub(crate) fn export(
    repository: &Repository,
    url: &str,
    commit: &Commit,
    dest: &Utf8Path,
    exclude: &Exclude,
    submodules: bool,
) -> Result<(), MirrorError> {
    let limits = Limits::default();
    let selection = Selection { exclude: exclude.clone(), ..Selection::default() };
    let mut export =
        Export { repository, exclude, submodules, sink: Sink::new(dest, &limits, &selection), limits };
    export.commit(url, commit, Utf8Path::new(""), 0)?;
    export.sink.finish().map_err(|error| broken(commit, error))?;
    Ok(())
}

fn broken(commit: &Commit, error: UnpackError) -> MirrorError {
    MirrorError::Unpack { archive: format!("commit {commit}"), error }
}

struct Export<'a> {
    repository: &'a Repository,
    exclude: &'a Exclude,
    submodules: bool,
    sink: Sink<'a>,
    limits: Limits,
}

impl Export<'_> {
    fn commit(
        &mut self,
        url: &str,
        commit: &Commit,
        below: &Utf8Path,
        depth: u32,
    ) -> Result<(), MirrorError> {
        let listing = self.repository.run(&["ls-tree", "-r", "-z", "--full-tree", commit.as_str()])?;
        let mut items = parse(&listing, &self.limits).map_err(|error| broken(commit, error))?;
        items.retain(|item| !self.exclude.hides(&below.join(&item.path)));
        let (links, blobs): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.mode == "160000");
        self.blobs(&blobs, below).map_err(|error| broken(commit, error))?;
        if links.is_empty() || !self.submodules {
            return Ok(());
        }
        if depth == DEPTH {
            return Err(MirrorError::Unusable(format!("submodules are nested more than {DEPTH} deep")));
        }
        let urls = submodule::urls(self.repository, commit, url)?;
        for link in links {
            let Some(url) = urls.get(&link.path) else {
                return Err(MirrorError::Unusable(format!(
                    "submodule {} has no URL in .gitmodules",
                    link.path
                )));
            };
            let pinned: Commit = link.object.parse().map_err(|e| MirrorError::Unusable(format!("{e}")))?;
            self.repository.fetch(url, &pinned)?;
            self.commit(url, &pinned, &below.join(&link.path), depth + 1)?;
        }
        Ok(())
    }

    fn blobs(&mut self, items: &[Item], below: &Utf8Path) -> Result<(), UnpackError> {
        if items.is_empty() {
            return Ok(());
        }
        let mut names = String::new();
        for item in items {
            names.push_str(&item.object);
            names.push('\n');
        }
        let cat = Run::new(self.repository.command(&["cat-file", "--batch", "--buffer"])).input(names);
        let reader = cat.stream().map_err(|error| UnpackError::Broken(error.into_io()))?;
        let mut reader = BufReader::with_capacity(128 * 1024, reader);
        for item in items {
            let size = header(&mut reader, &item.object)?;
            let mut content = reader.by_ref().take(size);
            let path = below.join(&item.path);
            let entry = match item.mode.as_str() {
                "120000" => {
                    let mut target = String::new();
                    content
                        .by_ref()
                        .take(self.limits.path)
                        .read_to_string(&mut target)
                        .map_err(UnpackError::Broken)?;
                    Entry::Symlink(target)
                }
                mode => Entry::File { executable: mode == "100755", content: &mut content },
            };
            self.sink.take(&path, entry)?;
            let mut end = [0];
            if content.limit() > 0 || reader.read_exact(&mut end).is_err() {
                return Err(cut_short(&item.object));
            }
        }
        Ok(())
    }
}

/// Reads `<object> blob <size>`.
fn header(reader: &mut impl BufRead, object: &str) -> Result<u64, UnpackError> {
    let mut line = String::new();
    reader.take(200).read_line(&mut line).map_err(UnpackError::Broken)?;
    let size = line.trim_end().strip_prefix(object).and_then(|rest| rest.strip_prefix(" blob "));
    size.and_then(|size| size.parse().ok()).ok_or_else(|| cut_short(object))
}

fn cut_short(object: &str) -> UnpackError {
    UnpackError::Broken(std::io::Error::other(format!("git does not yield the object {object}")))
}

/// Parses `<mode> <type> <object>\t<path>\0…`.
fn parse(listing: &[u8], limits: &Limits) -> Result<Vec<Item>, UnpackError> {
    let mut items = Vec::new();
    for record in listing.split(|&byte| byte == 0).filter(|record| !record.is_empty()) {
        let tab = record.iter().position(|&byte| byte == b'\t').unwrap_or(record.len());
        let (head, path) = record.split_at(tab);
        let head = String::from_utf8_lossy(head).into_owned();
        let mut words = head.split(' ');
        let (Some(mode), Some(_), Some(object)) = (words.next(), words.next(), words.next()) else {
            return Err(UnpackError::Broken(std::io::Error::other(format!("git lists `{head}`"))));
        };
        let path = clean(path.get(1..).unwrap_or_default(), limits.path)?;
        items.push(Item { mode: mode.to_owned(), object: object.to_owned(), path });
    }
    Ok(items)
}
