//! What an `install.sh` does for one profile, where it does nothing but install requirement files.

use super::{Profile, is_own_directory};
use crate::adopt::shell::{ASSIGN, Command, joined, statements};
use crate::adopt::words::{Words, is_open};
use camino::Utf8PathBuf;
use model::python::{IndexStrategy, Requirement};
use std::collections::BTreeMap;

/// What it says of what it installs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Install {
    /// The version of Python that it asks for.
    pub python: Option<String>,
    /// By pip, to which all indexes are one.
    pub pip: bool,
    pub strategy: Option<IndexStrategy>,
    pub prerelease: bool,
    /// Packages are built with what is installed before them.
    pub shares: bool,
    /// What it installs after its files.
    pub with: Vec<Requirement>,
    /// The same, without what that asks for.
    pub without_dependencies: Vec<Requirement>,
    /// Variables of what builds packages.
    pub build_env: BTreeMap<String, String>,
    /// Directories of trees that it copies beside its modules, and the trees, from its own directory.
    pub copied: BTreeMap<Utf8PathBuf, (Utf8PathBuf, Cloned)>,
    /// Trees that it clones, by directory.
    clones: BTreeMap<Utf8PathBuf, Cloned>,
    /// What it does to files of installed modules, in the directory that these lie in.
    pub edits: Vec<Vec<String>>,
    /// Variables that name such files.
    installed: Words,
    is_done: bool,
}

/// A tree of a git repository: at its newest commit, unless a revision is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cloned {
    pub url: String,
    pub revision: Option<String>,
}

/// Stands for the directory of installed modules.
const SITE: &str = "/site-packages/";

impl Cloned {
    fn requirement(&self) -> String {
        let revision = self.revision.iter().map(|revision| format!("@{revision}"));
        format!("git+{}{}", self.url, revision.collect::<String>())
    }
}

/// Variables that compilers and what calls them know.
const OF_BUILDS: [&str; 7] =
    ["CFLAGS", "CMAKE_ARGS", "CXXFLAGS", "LDFLAGS", "MAX_JOBS", "NVCC_THREADS", "RUSTFLAGS"];

impl Install {
    /// Reads a script for a profile, in a directory that `has` some paths; why it does more otherwise.
    pub fn read(text: &str, profile: Profile, has: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let read = |pip: &str| {
            let (kind, name) = (profile.build_type.reference_name(), profile.name());
            let words = Words::from([
                ("BUILD_TYPE", kind),
                ("BUILD_PROFILE", name.as_str()),
                ("USE_PIP", pip),
                ("FROM_SOURCE", ""),
            ]);
            let mut install = Self { pip: pip == "true", ..Self::default() };
            for command in statements(text, &words) {
                install.command(&command, has)?;
            }
            if install.is_done { Ok(install) } else { Err("its install.sh installs nothing".to_owned()) }
        };
        // What builds for Macs says so before.
        if profile.distro.is_none() {
            return read("true");
        }
        let first: Self = read("")?;
        // What stands under a condition of pip counts once it is known.
        if first.pip { read("true") } else { Ok(first) }
    }

    fn command(&mut self, command: &Command, has: &dyn Fn(&str) -> bool) -> Result<(), String> {
        let words: Vec<&str> = command.argv.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["set" | "echo", ..] => return Ok(()),
            ["source" | ".", path] if path.ends_with("common/libbackend.sh") => return Ok(()),
            [last] if is_own_directory(command.assigned.first(), last) => return Ok(()),
            _ => {}
        }
        if self.is_done && self.mends(command, has) {
            return Ok(());
        }
        let runs = command.runs(|words| holds(words, has));
        if !runs.ok_or_else(|| told(&words, "does, under a condition,"))? {
            return Ok(());
        }
        match words.as_slice() {
            ["git", "clone", rest @ ..] => return self.clones(command, rest),
            ["git", "checkout", revision] => {
                let clone = self.clones.get_mut(&command.dir).ok_or_else(|| told(&words, "calls"))?;
                clone.revision = Some((*revision).to_owned());
            }
            ["cp", options, from, "." | "./"] if options.starts_with("-r") || options.starts_with("-R") => {
                let from = joined(&command.dir, from);
                let clone = from.ancestors().skip(1).find_map(|above| self.clones.get_key_value(above));
                let (at, clone) = clone.filter(|_| command.dir == "").ok_or_else(|| told(&words, "calls"))?;
                self.copied.insert(from, (at.clone(), clone.clone()));
            }
            // Stubs are made after all else.
            ["runProtogen"] if self.is_done => return Ok(()),
            ["pip", "install", rest @ ..] | ["uv", "pip", "install", rest @ ..] if self.is_done => {
                return self.install(command, rest);
            }
            _ if self.is_done => return Err(told(&words, "does more after its requirements,")),
            ["installRequirements"] => self.is_done = true,
            [verb @ ("export" | ASSIGN), assignments @ ..] => {
                for assignment in assignments {
                    let (name, value) = assignment.split_once('=').unwrap_or((assignment, ""));
                    if *verb == "export" && OF_BUILDS.contains(&name) && !is_open(value) {
                        self.build_env.insert(name.to_owned(), value.trim().to_owned());
                        continue;
                    }
                    self.set(name, value)?;
                }
            }
            [one] => match one.split_once("+=") {
                Some((name, value)) => self.set(name, value)?,
                None => return Err(told(&words, "calls")),
            },
            _ => return Err(told(&words, "calls")),
        }
        Ok(())
    }

    /// Whether a command is of those that edit a file of an installed module: that name the module's directory, look whether
    /// the file is there, and put what sed makes of it in its place.
    fn mends(&mut self, command: &Command, has: &dyn Fn(&str) -> bool) -> bool {
        if let ([(name, python)], [flag, code, ..]) = (command.assigned.as_slice(), command.argv.as_slice())
            && (python.as_str(), flag.as_str()) == ("$(python", "-c")
        {
            let module =
                code.strip_prefix("import ").and_then(|code| code.split(';').next()).unwrap_or_default();
            if *code == format!("import {module}; import os; print(os.path.dirname({module}.__file__))") {
                self.installed.set(name, &format!("{SITE}{}", module.replace('.', "/")));
                return true;
            }
        }
        let known = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| self.installed.expand(word)).collect();
            match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["[", "-n" | "-f" | "-d" | "-e", path, "]"] if path.starts_with(SITE) => Some(true),
                words => holds(words, has),
            }
        };
        if command.runs(known) != Some(true) {
            return false;
        }
        let words: Vec<String> = command.argv.iter().map(|word| self.installed.expand(word)).collect();
        let file = |word: &str| word.strip_prefix(SITE).map(str::to_owned);
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [ASSIGN, assignment] => match assignment.split_once('=') {
                Some((name, value)) if value.starts_with(SITE) => self.installed.set(name, value),
                _ => return false,
            },
            ["sed", edit, from, ">", to] if *to == format!("{from}.tmp") => {
                let Some(file) = file(from) else { return false };
                // Both kinds of sed keep what was there, if they are told how to call it.
                let edit = ["sed", "-i.orig", *edit, file.as_str()].map(str::to_owned);
                self.edits.extend([edit.into(), vec!["rm".to_owned(), format!("{file}.orig")]]);
            }
            ["mv", from, to] if file(to).is_some() && *from == format!("{to}.tmp") => {}
            _ => return false,
        }
        true
    }

    /// A tree that is installed from where it is cloned to.
    fn clones(&mut self, command: &Command, rest: &[&str]) -> Result<(), String> {
        // How much of its history comes along is no matter.
        let rest = match rest {
            ["--depth", _, rest @ ..] | rest => rest,
        };
        let (url, name) = match rest {
            [url] => {
                let last = url.trim_end_matches('/').trim_end_matches(".git").rsplit('/').next();
                (url, last.unwrap_or_default())
            }
            [url, name] if !url.starts_with('-') => (url, *name),
            _ => return Err(told(rest, "clones")),
        };
        let clone = Cloned { url: (*url).to_owned(), revision: None };
        self.clones.insert(joined(&command.dir, name), clone);
        Ok(())
    }

    /// Requirements that it names itself, or a tree.
    fn install(&mut self, command: &Command, rest: &[&str]) -> Result<(), String> {
        let (options, names): (Vec<&str>, Vec<&str>) = rest.iter().partition(|word| word.starts_with('-'));
        if let Some(other) =
            options.iter().find(|option| !matches!(**option, "--no-deps" | "--upgrade" | "-U"))
        {
            return Err(format!("its install.sh gives the installer `{other}`"));
        }
        for name in names {
            let tree = self.clones.get(&command.dir).filter(|_| name == ".");
            let name = tree.map_or_else(|| name.to_owned(), Cloned::requirement);
            let line = name.parse().map_err(|_| told(rest, "installs"))?;
            let list =
                if options.contains(&"--no-deps") { &mut self.without_dependencies } else { &mut self.with };
            list.push(line);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "PYTHON_VERSION" => self.python = Some(value.to_owned()).filter(|value| !value.is_empty()),
            // Of the same version.
            "PYTHON_PATCH" | "PY_STANDALONE_TAG" => {}
            "USE_PIP" => self.pip = value == "true",
            "UV_INDEX_STRATEGY" => self.strategy = Some(strategy(value)?),
            "EXTRA_PIP_INSTALL_FLAGS" => return self.flags(value),
            _ => return Err(format!("its install.sh sets {name}")),
        }
        Ok(())
    }

    fn flags(&mut self, flags: &str) -> Result<(), String> {
        let mut flags = flags.split_whitespace().flat_map(|flag| match flag.split_once('=') {
            Some((name, value)) => vec![name, value],
            None => vec![flag],
        });
        while let Some(flag) = flags.next() {
            match flag {
                // Nothing is there before.
                "--upgrade" | "-U" => {}
                "--index-strategy" => self.strategy = Some(strategy(flags.next().unwrap_or_default())?),
                "--prerelease" if flags.next() == Some("allow") => self.prerelease = true,
                "--no-build-isolation" => self.shares = true,
                _ => return Err(format!("its install.sh gives the installer `{flag}`")),
            }
        }
        Ok(())
    }
}

fn strategy(text: &str) -> Result<IndexStrategy, String> {
    text.parse().map_err(|_| format!("its install.sh has an index strategy `{text}`"))
}

fn told(words: &[&str], how: &str) -> String {
    format!("its install.sh {how} `{}`", words.join(" "))
}

/// What a test comes to; none where nobody can say.
fn holds(words: &[&str], has: &dyn Fn(&str) -> bool) -> Option<bool> {
    match words {
        ["[", left, "=" | "==", right, "]"] if !is_open(left) => Some(left == right),
        ["[", left, "!=", right, "]"] if !is_open(left) => Some(left != right),
        ["[", "-d" | "-f" | "-e", path, "]"] if !is_open(path) => Some(has(path)),
        ["[", "!", rest @ .., "]"] => {
            let test: Vec<&str> = ["["].iter().chain(rest).chain(&["]"]).copied().collect();
            holds(&test, has).map(|holds| !holds)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::build_type::BuildType;
    use model::host::Distro;

    const HEAD: &str = "set -e\nbackend_dir=$(dirname $0)\nif [ -d $backend_dir/common ]; then\n  source \
                        $backend_dir/common/libbackend.sh\nelse\n  source $backend_dir/../common/libbackend.sh\nfi\n";

    fn read(rest: &str, build_type: BuildType) -> Result<Install, String> {
        let profile = Profile { build_type, cuda: None, distro: Some(Distro::Ubuntu2404) };
        Install::read(&format!("{HEAD}{rest}"), profile, &|path| path == "there")
    }

    #[test]
    fn small_variations_are_known() {
        let text = "if [ \"x${BUILD_PROFILE}\" == \"xintel\" ]; then\n  EXTRA_PIP_INSTALL_FLAGS+=\" --upgrade \
                    --index-strategy=unsafe-first-match\"\nfi\nUSE_PIP=true\nexport PYTHON_VERSION=\"3.12\"\n\
                    installRequirements\n";
        let intel = read(text, BuildType::Intel).unwrap();
        assert_eq!(intel.strategy, Some(IndexStrategy::UnsafeFirstMatch));
        assert_eq!((intel.python.as_deref(), intel.pip), (Some("3.12"), true));
        assert_eq!(read(text, BuildType::Cpu).unwrap().strategy, None);
    }

    #[test]
    fn conditions_of_profiles_are_told_and_what_is_named_comes_last() {
        let text = "if [ \"x$BUILD_TYPE\" == \"xcublas\" ] || [ \"x$BUILD_TYPE\" == \"xl4t\" ]; then\n  A=b\nelif [ \
                    \"x$BUILD_PROFILE\" != \"xcpu\" ]; then\n  EXTRA_PIP_INSTALL_FLAGS+=\" --no-build-isolation\"\nfi\n\
                    installRequirements\nif [ \"x${USE_PIP}\" == \"xtrue\" ]; then\n  pip install \"six<2\"\nelse\n  uv pip \
                    install ${EXTRA:-} \"six<3\"\nfi\nif [ ! -d Voice ]; then\n  git clone https://e.org/Voice.git\n  cd \
                    Voice/\n  uv pip install --no-deps .\nfi\nrunProtogen\n";
        let cpu = read(text, BuildType::Cpu).unwrap();
        let lines = |all: &[Requirement]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!((lines(&cpu.with), cpu.shares), ("six<3".to_owned(), false));
        assert_eq!(lines(&cpu.without_dependencies), "git+https://e.org/Voice.git");
        assert!(read(text, BuildType::Hipblas).unwrap().shares);
        assert!(read(text, BuildType::Cublas).unwrap_err().contains("sets A"));
    }

    #[test]
    fn edits_of_installed_files_are_steps() {
        let text = "installRequirements\nV=$(python -c \"import voice; import os; print(os.path.dirname(voice.__file__))\" \
                    2>/dev/null || echo \"\")\nif [ -n \"$V\" ] && [ -f \"$V/a.py\" ]; then\n  F=\"$V/a.py\"\n  sed 's/x/y/' \"$F\" > \
                    \"${F}.tmp\" && mv \"${F}.tmp\" \"$F\"\nelse\n  echo no\nfi\n";
        let told = read(text, BuildType::Cpu).unwrap();
        assert_eq!(
            told.edits,
            [vec!["sed", "-i.orig", "s/x/y/", "voice/a.py"], vec!["rm", "voice/a.py.orig"]]
        );
        assert!(read(&text.replace("s/x/y/' ", "s/x/y/' -n "), BuildType::Cpu).is_err());
    }

    #[test]
    fn trees_are_copied_and_what_builds_is_told() {
        let text = "export CMAKE_ARGS=\"-DA=b\"\ngit clone --depth 9 https://e.org/x tree\ncd tree\ngit checkout abc\ncd ..\ncp \
                    -rfv tree/x ./\ninstallRequirements\n";
        let told = read(text, BuildType::Cpu).unwrap();
        assert_eq!(told.build_env["CMAKE_ARGS"], "-DA=b");
        let (from, (at, tree)) = told.copied.first_key_value().unwrap();
        assert_eq!((from.as_str(), at.as_str(), tree.revision.as_deref()), ("tree/x", "tree", Some("abc")));
    }

    #[test]
    fn what_else_it_does_is_said() {
        for (rest, why) in [
            (
                "installRequirements\npython -m spacy download x\n",
                "does more after its requirements, `python",
            ),
            (
                "if [ -f $x ]; then\n  export A=b\nfi\ninstallRequirements\n",
                "under a condition, `export A=b`",
            ),
            ("if [ -f there ]; then\n  export A=b\nfi\ninstallRequirements\n", "sets A"),
            ("installRequirements\npip install -e .\n", "the installer `-e`"),
            ("installRequirements\npip install .\n", "installs `.`"),
            ("git clone -b x y\ninstallRequirements\n", "clones `-b x y`"),
            ("cp -r x ./\ninstallRequirements\n", "calls `cp -r x ./`"),
            ("CMAKE_ARGS=x\ninstallRequirements\n", "sets CMAKE_ARGS"),
            ("export PATH=x\ninstallRequirements\n", "sets PATH"),
            ("", "installs nothing"),
        ] {
            let told = read(rest, BuildType::Cpu).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
