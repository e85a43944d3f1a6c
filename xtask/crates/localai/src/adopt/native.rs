//! Go backends that the family's own recipe builds as their Makefile does: one program, and nothing beside it.

use super::makefile::Makefile;
use super::shell::{Command, commands, is_name};
use super::tree::Tree;
use super::words::{Words, is_open};
use camino::Utf8Path;
use model::name::BackendName;
use plan::proto::CONTRACT;

/// Where modules of such trees have the contract's messages.
const STUBS: &str = "pkg/grpc/proto";
/// What a C compiler reads.
const C_FAMILY: [&str; 6] = ["c", "cc", "cpp", "h", "hpp", "s"];

/// What a Go backend's manifest says of how it is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Go {
    pub stubs: Option<&'static str>,
}

/// The recipe of a backend; why it has none.
pub(super) fn prove(tree: &Tree<'_>, dir: &Utf8Path, name: &BackendName) -> Result<Go, &'static str> {
    if !dir.ancestors().any(|above| tree.has(&above.join("go.mod"))) {
        return Err("its module has no go.mod");
    }
    let foreign = |path: &Utf8Path| path.extension().is_some_and(|end| C_FAMILY.contains(&end));
    if tree.below(dir).any(foreign) {
        return Err("it compiles C beside Go");
    }
    let text = |file: &str| tree.text(&dir.join(file));
    let makefile = Makefile::read(&text("Makefile").ok_or("it has no Makefile")?, &[]);
    let builds: Vec<&Command> = makefile.commands().filter(|one| is_build(one)).collect();
    let [build] = builds.as_slice() else {
        return Err("its Makefile does not build one program of Go");
    };
    if !build.assigned.iter().any(|(name, value)| name == "CGO_ENABLED" && value == "0") {
        return Err("its Makefile compiles with cgo");
    }
    if !is_whole(build, name) {
        return Err("its Makefile builds something else than the package of its directory under its name");
    }
    if !text("package.sh").is_some_and(|text| copies(&text, name)) {
        return Err("its package.sh does more than to copy the program");
    }
    if !text("run.sh").is_some_and(|text| starts(&text, name)) {
        return Err("its run.sh does more than to start the program");
    }
    let imports = tree.has(Utf8Path::new("go.mod")) && tree.has(Utf8Path::new(CONTRACT));
    Ok(Go { stubs: imports.then_some(STUBS) })
}

fn is_build(command: &Command) -> bool {
    let program = command.argv.first().map(String::as_str);
    matches!(program, Some("go" | "$(GOCMD)")) && command.argv.get(1).is_some_and(|verb| verb == "build")
}

/// Whether it compiles the directory itself, under the backend's name, without a flag that is not empty or the caller's.
fn is_whole(build: &Command, name: &BackendName) -> bool {
    let mut words = build.argv[2..].iter();
    let (mut named, mut whole) = (false, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-o" => named = words.next().is_some_and(|to| to == name.as_str()),
            "-ldflags" | "-tags" => match words.next() {
                Some(value) if value.is_empty() || is_open(value) => {}
                _ => return false,
            },
            "." | "./" => whole = true,
            _ => return false,
        }
    }
    named && whole
}

/// Whether a script packages the program with the file that starts it, and no more.
fn copies(text: &str, name: &BackendName) -> bool {
    own_commands(text).all(|command| match command.argv[0].as_str() {
        "set" | "mkdir" | "echo" | "ls" => true,
        "cp" => {
            let plain = command.argv[1..].iter().filter(|word| !word.starts_with('-'));
            let files: Vec<&str> = plain.filter_map(|word| word.rsplit('/').next()).collect();
            let (_, from) = files.split_last().unwrap_or((&"", &[]));
            from.iter().all(|file| *file == name.as_str() || *file == "run.sh")
        }
        _ => false,
    })
}

/// Whether a script starts the program as it is.
fn starts(text: &str, name: &BackendName) -> bool {
    own_commands(text).all(|command| match command.argv[0].as_str() {
        "set" => true,
        "exec" => command.argv.get(1).is_some_and(|file| file.rsplit('/').next() == Some(name.as_str())),
        _ => false,
    })
}

/// Its commands, but for those that ask where it lies.
fn own_commands(text: &str) -> impl Iterator<Item = Command> {
    let asks =
        |line: &str| line.split_once('=').is_some_and(|(name, value)| is_name(name) && is_asked(value));
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#') && !asks(line));
    commands(&lines.collect::<Vec<_>>().join("\n"), &Words::default()).into_iter()
}

fn is_asked(value: &str) -> bool {
    let value = value.trim_matches('"');
    value.starts_with("$(") && value.ends_with(')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8PathBuf;
    use std::collections::BTreeMap;

    fn proven(changed: &[(&str, &str)]) -> Result<Go, &'static str> {
        let mut files = BTreeMap::from([
            ("go.mod", "module e.org/m\n"),
            ("backend/backend.proto", ""),
            ("backend/go/a/main.go", "package main\n"),
            (
                "backend/go/a/Makefile",
                "GOCMD=go\na:\n\tCGO_ENABLED=0 $(GOCMD) build -tags \"$(T)\" -o a ./\n",
            ),
            (
                "backend/go/a/package.sh",
                "#!/bin/sh\nHERE=$(dirname \"$0\")\nmkdir -p $HERE/p\ncp -a $HERE/a $HERE/p/\n",
            ),
            ("backend/go/a/run.sh", "set -e\nHERE=\"$(dirname \"$0\")\"\nexec \"$HERE\"/a \"$@\"\n"),
        ]);
        files.extend(changed.iter().copied());
        let read = |path: &Utf8Path| files.get(path.as_str()).map(|text| (*text).to_owned());
        let tree = Tree {
            files: files.keys().map(Utf8PathBuf::from).collect(),
            submodules: BTreeMap::new(),
            read: &read,
        };
        prove(&tree, Utf8Path::new("backend/go/a"), &"a".parse().unwrap())
    }

    #[test]
    fn one_program_is_built_natively_and_all_else_is_named() {
        assert_eq!(proven(&[]), Ok(Go { stubs: Some(STUBS) }));
        let refused =
            |file: &str, text: &str| proven(&[(&format!("backend/go/a/{file}"), text)]).unwrap_err();
        assert!(refused("shim.c", "").contains("compiles C"));
        assert!(refused("Makefile", "a:\n\tgo build -o a .\n").contains("with cgo"));
        assert!(refused("Makefile", "a:\n\tCGO_ENABLED=0 go build -o b .\n").contains("something else"));
        assert!(
            refused("Makefile", "a:\n\tCGO_ENABLED=0 go build -race -o a .\n").contains("something else")
        );
        assert!(refused("Makefile", "a:\n\tmake b\n").contains("one program"));
        assert!(refused("package.sh", "cp a data p/\n").contains("package.sh"));
        assert!(refused("package.sh", "cp a p/\n. ../libs.sh\n").contains("package.sh"));
        assert!(refused("run.sh", "export A=1\nexec ./a\n").contains("run.sh"));
    }
}
