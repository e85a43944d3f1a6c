//! What an `install.sh` does for one profile, where it does nothing but install requirement files.

use super::{Profile, is_own_directory};
use crate::adopt::shell::{ASSIGN, Command, Guard, statements};
use crate::adopt::words::{Words, is_open};
use model::python::IndexStrategy;

/// What it says before it installs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Install {
    /// The version of Python that it asks for.
    pub python: Option<String>,
    /// By pip, to which all indexes are one.
    pub pip: bool,
    pub strategy: Option<IndexStrategy>,
    pub prerelease: bool,
    is_done: bool,
}

impl Install {
    /// Reads a script for a profile; why it does more otherwise.
    pub fn read(text: &str, profile: Profile) -> Result<Self, String> {
        let read = |pip: &str| {
            let (kind, name) = (profile.build_type.reference_name(), profile.name());
            let words = Words::from([
                ("BUILD_TYPE", kind),
                ("BUILD_PROFILE", name.as_str()),
                ("USE_PIP", pip),
                ("FROM_SOURCE", ""),
            ]);
            let mut install = Self::default();
            for command in statements(text, &words) {
                install.command(&command)?;
            }
            if install.is_done { Ok(install) } else { Err("its install.sh installs nothing".to_owned()) }
        };
        let first: Self = read("")?;
        // What stands under a condition of pip counts once it is known.
        if first.pip { read("true") } else { Ok(first) }
    }

    fn command(&mut self, command: &Command) -> Result<(), String> {
        let words: Vec<&str> = command.argv.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["set" | "echo", ..] => return Ok(()),
            ["source" | ".", path] if path.ends_with("common/libbackend.sh") => return Ok(()),
            [last] if is_own_directory(command.assigned.first(), last) => return Ok(()),
            _ => {}
        }
        if !runs(&command.guards).ok_or_else(|| told(&words, "does, under a condition,"))? {
            return Ok(());
        }
        if self.is_done {
            return Err(told(&words, "does more after its requirements,"));
        }
        match words.as_slice() {
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
                "--no-build-isolation" => {
                    return Err("it builds packages with what was installed before them".to_owned());
                }
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

/// Whether all conditions hold; none where nobody can say.
fn runs(guards: &[Guard]) -> Option<bool> {
    let mut all = true;
    for guard in guards {
        let Guard::If(words) = guard else { return None };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let holds = match words.as_slice() {
            ["[", left, "=" | "==", right, "]"] if !is_open(left) => left == right,
            ["[", left, "!=", right, "]"] if !is_open(left) => left != right,
            _ => return None,
        };
        all &= holds;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::build_type::BuildType;

    const HEAD: &str = "set -e\nbackend_dir=$(dirname $0)\nif [ -d $backend_dir/common ]; then\n  source \
                        $backend_dir/common/libbackend.sh\nelse\n  source $backend_dir/../common/libbackend.sh\nfi\n";

    fn read(rest: &str, build_type: BuildType) -> Result<Install, String> {
        Install::read(&format!("{HEAD}{rest}"), Profile { build_type, cuda: None, distro: None })
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
    fn what_else_it_does_is_said() {
        for (rest, why) in [
            (
                "installRequirements\npython -m spacy download x\n",
                "does more after its requirements, `python",
            ),
            ("git clone x\ninstallRequirements\n", "calls `git clone x`"),
            (
                "EXTRA_PIP_INSTALL_FLAGS=\"--no-build-isolation\"\ninstallRequirements\n",
                "what was installed before",
            ),
            ("if [ -f x ]; then\n  export A=b\nfi\ninstallRequirements\n", "under a condition, `export A=b`"),
            ("export CMAKE_ARGS=x\ninstallRequirements\n", "sets CMAKE_ARGS"),
            ("", "installs nothing"),
        ] {
            let told = read(rest, BuildType::Cpu).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
