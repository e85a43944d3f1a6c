//! `import-matrix --adopt`: manifests for a tree that Makefiles and Dockerfiles build.

use super::{text, wrong};
use crate::cli::ImportMatrix as Args;
use crate::commands::replace::replace;
use crate::exit::Done;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use checkout::Git;
use drive::error::Coded;
use localai::adopt::{Adoption, Outcome, Published, State, Tree, adopt};
use localai::import;
use model::manifest::{Files, is_manifest};
use model::source::Commit;
use std::collections::{BTreeMap, BTreeSet};
use ui::{Shown, Ui};

/// Where the matrix of such a tree stands.
const MATRIX: &str = ".github/backend-matrix.yml";
/// No script is longer.
const LONGEST: u64 = 1024 * 1024;
/// The mode of a submodule in git's index.
const SUBMODULE: &str = "160000";

/// What programs get.
#[derive(serde::Serialize)]
struct Report<'a> {
    rows: usize,
    equal: usize,
    missing: &'a [Published],
    added: &'a [Published],
    files: BTreeMap<&'a Utf8Path, State>,
    backends: &'a [Outcome],
    apart: &'a BTreeMap<String, usize>,
}

/// Reads the tree, plans, writes what is new, and says what has no place.
pub(super) fn run(ui: &Ui, args: &Args, dir: &Utf8Path) -> Result<Done> {
    let matrix = args.from.clone().unwrap_or_else(|| dir.join(MATRIX));
    let rows = import::rows(&matrix, &text(&matrix)?).map_err(|found| wrong(&found))?;
    let Listed { files, submodules } = listed(dir)?;
    let present = present(dir, &files)?;
    let read = |path: &Utf8Path| {
        let path = dir.join(path);
        let short = path.symlink_metadata().is_ok_and(|about| about.is_file() && about.len() <= LONGEST);
        short.then(|| fs_err::read_to_string(path).ok()).flatten()
    };
    let tree = Tree { files, submodules, read: &read };
    let adoption = adopt(&rows, &tree, &present).map_err(|found| {
        let render =
            move |color| format!("the manifests cannot be used\n\n{}", found.render(color).trim_end());
        Coded::Wrong(Shown::new(render))
    })?;
    if !args.check {
        write(dir, &adoption)?;
    }
    if args.json || ui.json() {
        ui.data(&report(&adoption, rows.len()))?;
    } else {
        tell(ui, args, &adoption, rows.len());
    }
    Ok(Done::Well)
}

/// What git tracks.
#[derive(Default)]
struct Listed {
    files: BTreeSet<Utf8PathBuf>,
    submodules: BTreeMap<Utf8PathBuf, (String, Commit)>,
}

/// What git tracks: files, and submodules with their URLs.
fn listed(dir: &Utf8Path) -> Result<Listed> {
    let git = Git::new(dir, true);
    let all = git.output(&["ls-files", "-z", "--stage"]).map_err(|error| Coded::Usage(error.to_string()))?;
    let all =
        String::from_utf8(all).with_context(|| format!("{dir} tracks a file whose name is not UTF-8"))?;
    let urls = git.word(&["config", "--file", ".gitmodules", "--list"])?.unwrap_or_default();
    let of = |path: &str| {
        let section = urls.lines().find_map(|line| line.strip_suffix(&format!(".path={path}")))?;
        urls.lines().find_map(|line| line.strip_prefix(&format!("{section}.url="))).map(str::to_owned)
    };
    let Listed { mut files, mut submodules } = Listed::default();
    for entry in all.split('\0').filter(|entry| !entry.is_empty()) {
        let (about, path) = entry.split_once('\t').context("git lists files in another way than it did")?;
        let mut about = about.split(' ');
        if about.next() == Some(SUBMODULE) {
            let commit = about.next().unwrap_or_default().parse()?;
            submodules.extend(of(path).map(|url| (Utf8PathBuf::from(path), (url, commit))));
        } else {
            files.insert(Utf8PathBuf::from(path));
        }
    }
    Ok(Listed { files, submodules })
}

/// The manifests and templates that are there, tracked or not.
fn present(dir: &Utf8Path, files: &BTreeSet<Utf8PathBuf>) -> Result<Files> {
    let mut present = Files::new();
    let backends = files.iter().filter_map(|path| {
        let mut parts = path.components();
        let top = parts.by_ref().take(3).collect::<Utf8PathBuf>();
        (path.starts_with("backend") && parts.next().is_some()).then(|| top.join(model::manifest::BACKEND))
    });
    let shared = [model::manifest::VARIANTS, model::manifest::SOURCES].map(Utf8PathBuf::from);
    let templates = model::template::Template::ALL.map(model::template::Template::path);
    for path in backends.chain(shared).chain(templates).collect::<BTreeSet<_>>() {
        if is_manifest(&path) && dir.join(&path).exists() {
            present.insert(path.clone(), text(&dir.join(&path))?);
        }
    }
    Ok(present)
}

/// Every file, or where that fails those before it: each is whole.
fn write(dir: &Utf8Path, adoption: &Adoption) -> Result<()> {
    for file in adoption.files.iter().filter(|file| matches!(file.state, State::New | State::Changed)) {
        replace(&dir.join(&file.path), &file.text)?;
    }
    Ok(())
}

fn report(adoption: &Adoption, rows: usize) -> Report<'_> {
    let Adoption { files, backends, apart, missing, added, equal } = adoption;
    let files = files.iter().map(|file| (file.path.as_path(), file.state)).collect();
    Report { rows, equal: *equal, missing, added, files, backends, apart }
}

fn tell(ui: &Ui, args: &Args, adoption: &Adoption, rows: usize) {
    let Adoption { files, backends, apart, missing, added, equal } = adoption;
    for Outcome { backend, refused, notes, .. } in backends {
        if let Some(why) = refused {
            ui.warn(&format!("{backend}: not adopted: {why}; write its backend.yaml by hand, as docs/adding-a-backend.md says"));
        }
        for note in notes {
            ui.note(&format!("{backend}: {note}"));
        }
    }
    for (what, count) in apart {
        ui.note(&format!("{count} rows: {what}"));
    }
    for (list, what) in [(missing, "no unit stands for it"), (added, "no row of the matrix stands for it")] {
        for one in list {
            ui.warn(&format!("{} on {} as {}: {what}", one.backend, one.platform, one.suffix));
        }
    }
    for file in files.iter().filter(|file| file.state == State::Edited) {
        ui.note(&format!("{}: edited since it was adopted, and left as it is", file.path));
    }
    let count = |state| files.iter().filter(|file| file.state == state).count();
    let floating = backends.iter().filter(|one| one.floats).count();
    ui.done(&format!(
        "{equal} of {rows} rows as units of {} backends, {floating} of them floating: {} files {}, {} changed, {} the same, {} edited",
        backends.iter().filter(|one| one.refused.is_none()).count(),
        count(State::New),
        if args.check { "would be new" } else { "new" },
        count(State::Changed),
        count(State::Same),
        count(State::Edited),
    ));
}
