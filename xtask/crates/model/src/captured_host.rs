//! Another machine in a file: what `doctor --capture` writes and `--host` reads.

use crate::host::{Distro, Host, Privilege};
use crate::macos::Macos;
use crate::manifest::{Misfit, parse};
use crate::platform::{Os, Platform};
use std::collections::BTreeMap;

/// All that planning and keys take from a machine.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CapturedHost {
    /// Its platform.
    pub platform: Platform,
    /// The distribution of a Linux.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distro: Option<Distro>,
    /// Usable processors.
    pub cpus: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Free disk space for builds, in MiB.
    pub disk_mib: u64,
    /// Processor model and instruction sets.
    pub cpu: String,
    /// A Mac's system, Apple's tools and Homebrew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macos: Option<Macos>,
    /// What tools and files are known by, under the names that key documents have for them.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Packages of a distribution, each with all that it depends on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, BTreeMap<String, String>>,
}

/// A file that says something else than a machine.
#[derive(Debug, thiserror::Error)]
pub enum NoHost {
    /// It is no such document.
    #[error("{}: {}", place(.0), .0.message)]
    Shape(Misfit),
    /// It is one of a machine that cannot be.
    #[error("`{part}` belongs to a machine of {belongs}, and this one is {platform}")]
    Contradiction {
        /// What does not fit.
        part: &'static str,
        /// Whose it is.
        belongs: Os,
        /// What the document says.
        platform: Platform,
    },
}

fn place(misfit: &Misfit) -> String {
    misfit
        .at
        .map_or_else(|| "the document".to_owned(), |(line, column)| format!("line {line}, column {column}"))
}

impl CapturedHost {
    /// From the text of a file, in YAML or JSON.
    pub fn read(text: &str) -> Result<Self, NoHost> {
        let host: Self = parse(text).map_err(NoHost::Shape)?;
        let platform = host.platform;
        let wrong = |part, belongs| Err(NoHost::Contradiction { part, belongs, platform });
        match platform.os {
            Os::Linux if host.macos.is_some() => wrong("macos", Os::Darwin),
            Os::Darwin if host.distro.is_some() => wrong("distro", Os::Linux),
            Os::Darwin if !host.packages.is_empty() => wrong("packages", Os::Linux),
            _ => Ok(host),
        }
    }

    /// The machine as planning sees it; time and occasion are those of `now`. Nothing is installed on a captured machine.
    pub fn host(&self, now: &Host) -> Host {
        Host {
            platform: self.platform,
            distro: self.distro,
            privilege: Privilege::None,
            cpus: self.cpus,
            memory_mib: self.memory_mib,
            cpu: self.cpu.clone(),
            refresh: now.refresh.clone(),
            ci: now.ci,
            is_here: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: &str = include_str!("../../../../tests/fixtures/hosts/mac-arm64.yaml");

    #[test]
    fn a_machine_is_read_and_written() {
        let host = CapturedHost::read(MAC).unwrap();
        let json = serde_json::to_string(&host).unwrap();
        assert_eq!(CapturedHost::read(&json).unwrap(), host);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_place() {
        let read =
            |from: &str, to: &str| CapturedHost::read(&MAC.replacen(from, to, 1)).unwrap_err().to_string();
        let unknown = read("cpus:", "cpu-count:");
        assert!(unknown.contains("line 4") && unknown.contains("cpu-count"), "{unknown}");
        let linux = read("platform: darwin/arm64", "platform: linux/arm64");
        assert!(linux.contains("`macos` belongs to a machine of darwin"), "{linux}");
        assert!(read("darwin/arm64", "darwin/arm46").contains("darwin/arm64"));
    }
}
