//! Collects the licences of all crates that a binary links: `licenses TARGET DIRECTORY`, run by the build.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, out] = arguments.as_slice() else {
        eprintln!("usage: licenses TARGET DIRECTORY");
        return ExitCode::from(2);
    };
    match collect(target, Path::new(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("licenses: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A crate as `cargo tree` tells of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Linked {
    name: String,
    license: String,
}

fn collect(target: &str, out: &Path) -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut tree = Command::new(cargo);
    tree.args([
        "tree",
        "--locked",
        "--offline",
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--target",
        target,
    ]);
    tree.args(["--format", "{p}\t{l}"]);
    let answer = tree.output().map_err(|error| format!("cannot run cargo tree: {error}"))?;
    if !answer.status.success() {
        return Err(format!("cargo tree failed: {}", String::from_utf8_lossy(&answer.stderr).trim()));
    }
    let mut linked = linked(&String::from_utf8_lossy(&answer.stdout));
    linked.push(Linked { name: "rust-standard-library".to_owned(), license: "MIT OR Apache-2.0".to_owned() });
    for one in &linked {
        write(one, out).map_err(|error| format!("cannot keep the licence of {}: {error}", one.name))?;
    }
    Ok(())
}

/// Crates of the registry, by name and version; the package itself has its own licence.
fn linked(tree: &str) -> Vec<Linked> {
    let mut linked: Vec<Linked> = tree
        .lines()
        .filter_map(|line| {
            let (package, license) = line.trim_end_matches(" (*)").split_once('\t')?;
            let (name, rest) = package.split_once(" v")?;
            let (version, place) = rest.split_once(' ').unwrap_or((rest, ""));
            let own = place.starts_with("(/");
            (!own).then(|| Linked { name: format!("{name}-{version}"), license: license.trim().to_owned() })
        })
        .collect();
    linked.sort();
    linked.dedup();
    linked
}

fn write(linked: &Linked, out: &Path) -> io::Result<()> {
    let to = out.join(&linked.name);
    fs::create_dir_all(&to)?;
    let mut found = 0;
    for file in
        sources(&linked.name)?.iter().map(fs::read_dir).collect::<io::Result<Vec<_>>>()?.into_iter().flatten()
    {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        let upper = name.to_uppercase();
        let wanted = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
        if file.file_type()?.is_file() && wanted.iter().any(|word| upper.starts_with(word)) {
            fs::write(to.join(name), fs::read(file.path())?)?;
            found += 1;
        }
    }
    if found == 0 {
        // Some crates carry no file, and say what holds in their manifest alone.
        fs::write(to.join("LICENSE"), format!("{}\n", linked.license))?;
    }
    Ok(())
}

/// Where Cargo has unpacked a crate.
fn sources(name: &str) -> io::Result<Vec<PathBuf>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registry = home.unwrap_or_default().join("registry/src");
    let mut found = Vec::new();
    for index in fs::read_dir(registry)? {
        let dir = index?.path().join(name);
        if dir.is_dir() {
            found.push(dir);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_tree_prints() {
        let text = "lexical v0.1.0 (/build/src)\tMIT\nprost v0.14.6\tApache-2.0\nsyn v2.0.1 (proc-macro)\tMIT OR Apache-2.0\nprost v0.14.6\tApache-2.0 (*)\n";
        let names: Vec<String> = linked(text).into_iter().map(|linked| linked.name).collect();
        assert_eq!(names, ["prost-0.14.6", "syn-2.0.1"]);
    }
}
