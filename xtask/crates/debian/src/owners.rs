//! Which package owns a file.

use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader};

/// The owners of files in the system at `root`, by path; a file that no package owns is not in the answer.
pub fn owners(root: &Utf8Path, files: &BTreeSet<Utf8PathBuf>) -> io::Result<BTreeMap<Utf8PathBuf, String>> {
    let mut wanted: BTreeMap<&str, Vec<&Utf8PathBuf>> = BTreeMap::new();
    for file in files {
        wanted.entry(merged(file.as_str())).or_default().push(file);
    }
    let mut owners = BTreeMap::new();
    let lists = root.join("var/lib/dpkg/info");
    if wanted.is_empty() || !lists.is_dir() {
        return Ok(owners);
    }
    for entry in lists.read_dir_utf8()? {
        let entry = entry?;
        let Some(name) = entry.file_name().strip_suffix(".list") else { continue };
        let package = name.split(':').next().unwrap_or(name);
        for line in BufReader::new(fs_err::File::open(entry.path())?).split(b'\n') {
            let line = line?;
            let Ok(line) = std::str::from_utf8(&line) else { continue };
            for file in wanted.get(merged(line)).into_iter().flatten() {
                owners.insert((*file).clone(), package.to_owned());
            }
        }
    }
    Ok(owners)
}

/// One spelling for a path before and after `/lib` became a link to `/usr/lib`.
fn merged(path: &str) -> &str {
    match path.strip_prefix("/usr") {
        Some(rest) if ["/lib", "/bin", "/sbin"].iter().any(|dir| rest.starts_with(dir)) => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found_on_either_side_of_the_usr_merge() {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap();
        let info = root.join("var/lib/dpkg/info");
        fs_err::create_dir_all(&info).unwrap();
        fs_err::write(info.join("libc6:amd64.list"), "/.\n/lib/x/libc.so.6\n").unwrap();
        fs_err::write(info.join("libfoo1.list"), "/usr/lib/x/libfoo.so.1.2\n").unwrap();
        fs_err::write(info.join("libfoo1.md5sums"), "/usr/lib/bar\n").unwrap();
        let files = ["/usr/lib/x/libc.so.6", "/lib/x/libc.so.6", "/lib/x/libfoo.so.1.2", "/usr/lib/bar"];
        let owners = owners(root, &files.map(Utf8PathBuf::from).into()).unwrap();
        assert_eq!(owners.len(), 3);
        assert_eq!(owners[Utf8Path::new("/usr/lib/x/libc.so.6")], "libc6");
        assert_eq!(owners[Utf8Path::new("/lib/x/libc.so.6")], "libc6");
        assert_eq!(owners[Utf8Path::new("/lib/x/libfoo.so.1.2")], "libfoo1");
    }
}
