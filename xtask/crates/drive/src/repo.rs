//! The checkout: where it is, and the manifests in it.

use crate::error::Coded;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use model::manifest::{self, Files, Manifests};
use model::template::Template;
use std::io::ErrorKind;
use ui::Shown;

/// The file that marks the root of a checkout.
const MARK: &str = "backend/variants.yaml";

/// The root of the checkout that the current directory is in.
pub fn root() -> Result<Utf8PathBuf> {
    let here = std::env::current_dir().context("cannot read the current directory")?;
    let here = Utf8PathBuf::from_path_buf(here)
        .map_err(|path| Coded::Usage(format!("{} is not valid UTF-8: move the checkout", path.display())))?;
    here.ancestors().find(|dir| is_file(&dir.join(MARK))).map(Utf8Path::to_owned).ok_or_else(|| {
        Coded::Usage(format!("{here} is not inside a checkout: no {MARK} here or above; change into one"))
            .into()
    })
}

/// Reads and checks every manifest.
pub fn manifests(root: &Utf8Path) -> Result<Manifests> {
    load(&files(root)?)
}

/// The texts of all manifests, by their paths from the root.
pub fn files(root: &Utf8Path) -> Result<Files> {
    let mut files = Files::new();
    for file in [manifest::VARIANTS, manifest::SOURCES] {
        files.insert(file.into(), read(root, Utf8Path::new(file))?);
    }
    for file in Template::ALL.map(Template::path) {
        // One that is missing is an error for the build that needs it, and not for others.
        memo::saw(root.join(&file));
        match fs_err::read_to_string(root.join(&file)) {
            Ok(text) => drop(files.insert(file, text)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Coded::Usage(format!("cannot read the template: {error}")).into()),
        }
    }
    for language in directories(&root.join("backend"))? {
        for backend in directories(&language)? {
            let file = backend.join(manifest::BACKEND);
            let relative = file.strip_prefix(root)?.to_owned();
            if is_file(&file) {
                files.insert(relative.clone(), read(root, &relative)?);
            }
        }
    }
    Ok(files)
}

/// Checks manifests. What is wrong is shown with file, line and column.
pub fn load(files: &Files) -> Result<Manifests> {
    manifest::load(files).map_err(|diagnostics| {
        let render =
            |color| format!("the manifests cannot be used\n\n{}", diagnostics.render(color).trim_end());
        Coded::Wrong(Shown::new(render)).into()
    })
}

fn is_file(path: &Utf8Path) -> bool {
    memo::saw(path);
    path.is_file()
}

fn read(root: &Utf8Path, file: &Utf8Path) -> Result<String> {
    memo::saw(root.join(file));
    fs_err::read_to_string(root.join(file))
        .map_err(|error| Coded::Usage(format!("cannot read the manifest {file}: {error}")).into())
}

fn directories(dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    memo::saw(dir);
    for entry in fs_err::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir()
            && let Ok(path) = Utf8PathBuf::from_path_buf(entry.path())
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
