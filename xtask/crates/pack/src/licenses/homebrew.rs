//! The licences of libraries that Homebrew installed: it keeps them at the top of each keg.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use model::macos::Keg;

use super::folder;
use crate::PackError;
use crate::manifest::{Component, Origin};
use crate::stage::Staging;

/// How the names of files with licences begin, whatever their case.
const NAMES: [&str; 5] = ["license", "licence", "copying", "copyright", "notice"];

/// Makes a component of each formula that one of the libraries, by name and by path without links, is of.
pub(super) fn collect(
    libraries: &BTreeMap<&String, Utf8PathBuf>,
    components: &mut BTreeMap<String, Component>,
    staging: &mut Staging,
) -> Result<(), PackError> {
    let mut formulas: BTreeMap<&str, (Keg<'_>, Vec<String>)> = BTreeMap::new();
    for (name, file) in libraries {
        if let Some(keg) = Keg::of(file) {
            formulas.entry(keg.formula).or_insert((keg, Vec::new())).1.push((*name).clone());
        }
    }
    for (formula, (keg, libraries)) in formulas {
        let mut licenses = Vec::new();
        for entry in keg.dir.read_dir_utf8()? {
            let file = entry?.into_path();
            let name = file.file_name().unwrap_or_default();
            let lower = name.to_lowercase();
            if file.is_file() && NAMES.iter().any(|start| lower.starts_with(start)) {
                let place = folder(formula).join(name);
                staging.file(&file, &place)?;
                licenses.push(place);
            }
        }
        let version = Some(keg.version.to_owned());
        let component = Component { libraries, licenses, origin: Origin::Homebrew, version };
        components.insert(formula.to_owned(), component);
    }
    Ok(())
}
