//! Dependency files, as compilers and linkers write them: what of a machine went into a build's own files.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::PackError;
use crate::manifest::utf8;

/// The absolute paths that the dependency files below a directory name; none if it is not there. A relative path is the
/// build's own.
pub fn linked(directory: &Utf8Path) -> Result<BTreeSet<Utf8PathBuf>, PackError> {
    let mut all = BTreeSet::new();
    if !directory.is_dir() {
        return Ok(all);
    }
    for entry in WalkDir::new(directory) {
        let entry = entry.map_err(std::io::Error::from)?;
        if entry.file_type().is_file() {
            let text = fs_err::read(utf8(entry.path())?)?;
            all.extend(prerequisites(&String::from_utf8_lossy(&text)));
        }
    }
    Ok(all)
}

/// The absolute ones among the prerequisites of a linker's rule: all who write such files give each a line of its own,
/// indented, that ends with a backslash.
fn prerequisites(text: &str) -> impl Iterator<Item = Utf8PathBuf> {
    let indented = text.lines().filter_map(|line| line.strip_prefix("  "));
    let names = indented.map(|line| name(line.strip_suffix(" \\").unwrap_or(line)));
    names.filter(|name| name.starts_with('/')).map(Utf8PathBuf::from)
}

/// LLVM's linker and our own scripts put a backslash before spaces and `#`, and a dollar before another; GNU's puts nothing
/// before anything.
fn name(word: &str) -> String {
    [("\\ ", " "), ("\\#", "#"), ("$$", "$")]
        .iter()
        .fold(word.to_owned(), |name, (told, meant)| name.replace(told, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prerequisites_are_told_from_targets() {
        let text = "/my bin/x: \\\n  /usr/lib/crt1.o \\\n  obj/a.o \\\n  /usr/lib/lib\\ b.a \\\n  /opt/$$c\\#d.a\n\n/usr/lib/crt1.o:\n";
        let found: Vec<Utf8PathBuf> = prerequisites(text).collect();
        assert_eq!(found, ["/usr/lib/crt1.o", "/usr/lib/lib b.a", "/opt/$c#d.a"]);
        // GNU's linker.
        let found: Vec<Utf8PathBuf> =
            prerequisites("x: \\\n  /usr/$c #d/lib b.a\n\n/usr/$c #d/lib b.a:\n").collect();
        assert_eq!(found, ["/usr/$c #d/lib b.a"]);
        assert_eq!(prerequisites("").count(), 0);
    }

    #[test]
    fn a_directory_that_is_not_there_names_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        assert!(linked(&dir.join("none")).unwrap().is_empty());
        fs_err::create_dir_all(dir.join("links/deep")).unwrap();
        fs_err::write(dir.join("links/deep/x.link.d"), "x: \\\n  /usr/lib/libz.a\n").unwrap();
        assert_eq!(linked(&dir.join("links")).unwrap(), [Utf8PathBuf::from("/usr/lib/libz.a")].into());
    }
}
