//! A Mac's system, Apple's tools and Homebrew.

use crate::brew;
use camino::Utf8PathBuf;
use halt::Run;
use model::macos::{Macos, homebrew_prefix};
use model::platform::Arch;
use std::process::Command;

/// This Mac, or what stands for one under test. Asks three programs of the system, and reads Homebrew's directories.
pub fn look(arch: Arch) -> Macos {
    Macos {
        version: ask(&["sw_vers", "-productVersion"]).unwrap_or_default(),
        rosetta: is_translated(ask(&["sysctl", "-n", "sysctl.proc_translated"]).as_deref()),
        developer_dir: ask(&["xcode-select", "--print-path"]).map(Utf8PathBuf::from),
        homebrew: brew::read(homebrew_prefix(arch).into()),
    }
}

/// The same with what takes longer to find out.
pub fn capture(arch: Arch) -> Macos {
    let mut macos = look(arch);
    if let Some(brew) = &mut macos.homebrew {
        let program = brew.prefix.join("bin/brew");
        brew.version = ask(&[program.as_str(), "--version"]).as_deref().and_then(brew_version);
    }
    macos
}

/// Nobody but Apple silicon knows the question.
fn is_translated(answer: Option<&str>) -> bool {
    answer == Some("1")
}

/// `Homebrew 4.6.20`, with or without what it is a shallow clone of.
fn brew_version(said: &str) -> Option<String> {
    said.lines().next()?.strip_prefix("Homebrew ").map(str::to_owned)
}

/// What a program says, on one line; none if it fails.
fn ask(command: &[&str]) -> Option<String> {
    let (program, args) = command.split_first()?;
    let mut command = Command::new(program);
    command.args(args);
    Run::new(command).text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        assert!(is_translated(Some("1")) && !is_translated(Some("0")) && !is_translated(None));
        assert_eq!(brew_version("Homebrew 4.6.20\nHomebrew/homebrew-core (git …)").unwrap(), "4.6.20");
        assert_eq!(brew_version("zsh: not found"), None);
        assert_eq!(ask(&["/nonexistent/sw_vers"]), None);
    }
}
