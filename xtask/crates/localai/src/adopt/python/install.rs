//! What an `install.sh` does for one profile, where it does nothing but install requirement files.

use super::{Profile, is_own_directory};
use crate::adopt::shell::{ASSIGN, Command, statements};
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
    /// Trees that it clones, by directory: what uv calls each.
    clones: BTreeMap<Utf8PathBuf, String>,
    is_done: bool,
}

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
        let runs = command.runs(|words| holds(words, has));
        if !runs.ok_or_else(|| told(&words, "does, under a condition,"))? {
            return Ok(());
        }
        match words.as_slice() {
            ["git", "clone", rest @ ..] => return self.clones(command, rest),
            // Stubs are made after all else.
            ["runProtogen"] if self.is_done => return Ok(()),
            ["pip", "install", rest @ ..] | ["uv", "pip", "install", rest @ ..] if self.is_done => {
                return self.install(command, rest);
            }
            _ if self.is_done => return Err(told(&words, "does more after its requirements,")),
            ["installRequirements"] => self.is_done = true,
            ["export" | ASSIGN, assignments @ ..] => {
                for assignment in assignments {
                    let (name, value) = assignment.split_once('=').unwrap_or((assignment, ""));
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

    /// A tree that is installed from where it is cloned to.
    fn clones(&mut self, command: &Command, rest: &[&str]) -> Result<(), String> {
        let [url] = rest else { return Err(told(rest, "clones")) };
        let name = url.trim_end_matches('/').trim_end_matches(".git").rsplit('/').next().unwrap_or_default();
        self.clones.insert(command.dir.join(name), format!("git+{url}"));
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
            let name =
                if name == "." { self.clones.get(&command.dir).map_or(name, String::as_str) } else { name };
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
            ("git clone x y\ninstallRequirements\n", "clones `x y`"),
            ("export CMAKE_ARGS=x\ninstallRequirements\n", "sets CMAKE_ARGS"),
            ("", "installs nothing"),
        ] {
            let told = read(rest, BuildType::Cpu).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
