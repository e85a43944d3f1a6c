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

/// The absolute ones among the prerequisites of a Makefile's rules.
fn prerequisites(text: &str) -> impl Iterator<Item = Utf8PathBuf> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let words: Vec<String> = joined.lines().flat_map(words).collect();
    // A target ends with a colon, be it the rule's own or a prerequisite that is made of nothing.
    words.into_iter().filter(|word| word.starts_with('/') && !word.ends_with(':')).map(Utf8PathBuf::from)
}

/// The words of a line: spaces are told by a backslash before them, as is `#`, and `$` by another one.
fn words(line: &str) -> Vec<String> {
    let (mut all, mut word) = (Vec::new(), String::new());
    let mut chars = line.chars().peekable();
    while let Some(symbol) = chars.next() {
        match (symbol, chars.peek()) {
            ('\\', Some(next @ (' ' | '#' | '\\'))) => {
                word.push(*next);
                chars.next();
            }
            ('$', Some('$')) => {
                word.push('$');
                chars.next();
            }
            (symbol, _) if symbol.is_whitespace() => all.push(std::mem::take(&mut word)),
            (symbol, _) => word.push(symbol),
        }
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prerequisites_are_told_from_targets() {
        let text = "bin/x: \\\n  /usr/lib/crt1.o \\\n  obj/a.o /usr/lib/lib\\ b.a /opt/$$c\\#d.a\n\n/usr/lib/crt1.o:\n";
        let found: Vec<Utf8PathBuf> = prerequisites(text).collect();
        assert_eq!(found, ["/usr/lib/crt1.o", "/usr/lib/lib b.a", "/opt/$c#d.a"]);
        assert_eq!(prerequisites("").count(), 0);
    }

    #[test]
    fn a_directory_that_is_not_there_names_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        assert!(linked(&dir.join("none")).unwrap().is_empty());
        fs_err::create_dir_all(dir.join("links/deep")).unwrap();
        fs_err::write(dir.join("links/deep/x.link.d"), "x: /usr/lib/libz.a\n").unwrap();
        assert_eq!(linked(&dir.join("links")).unwrap(), [Utf8PathBuf::from("/usr/lib/libz.a")].into());
    }
}
