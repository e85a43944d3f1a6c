//! What reaches an output from outside the repository: versions of programs and packages, contents of files.

mod memory;
mod probe;

use crate::brew;
use crate::environment::{self, Sealed};
use crate::programs::Programs;
use camino::{Utf8Path, Utf8PathBuf};
use debian::Status;
use memory::Memory;
use model::captured_host::CapturedHost;
use model::macos::{Homebrew, homebrew_prefix};
use model::platform::Arch;
use plan::Fact;
use std::cell::OnceCell;
use std::collections::BTreeMap;

pub use probe::version_line;

/// One fact as key documents have it, or several: a package counts with all that it depends on. None if it is not here.
type Values = Option<BTreeMap<String, String>>;

/// Probes facts, and remembers them between runs.
#[derive(Debug)]
pub struct Facts<'a> {
    programs: &'a Programs,
    /// What programs are asked in: as builds run them.
    sealed: &'a Sealed,
    directory: Utf8PathBuf,
    memory: Memory,
    /// What dpkg knows, read when it is first asked.
    installed: OnceCell<Option<Status>>,
    /// What Homebrew has installed, likewise.
    homebrew: OnceCell<Option<Homebrew>>,
    /// What this run has looked up: many units ask for the same few tools.
    seen: BTreeMap<Fact, Values>,
    /// The machine that is asked about, if it is another than this one.
    captured: Option<&'a CapturedHost>,
}

impl<'a> Facts<'a> {
    /// Remembers in `file`, and asks programs in `directory`.
    pub fn open(file: &Utf8Path, programs: &'a Programs, sealed: &'a Sealed, directory: &Utf8Path) -> Self {
        let memory = Memory::open(file);
        Self {
            programs,
            sealed,
            directory: directory.to_owned(),
            memory,
            installed: OnceCell::new(),
            homebrew: OnceCell::new(),
            seen: BTreeMap::new(),
            captured: None,
        }
    }

    /// The same of another machine, of which all that can be known is in a file.
    #[must_use]
    pub fn of_captured(self, captured: Option<&'a CapturedHost>) -> Self {
        Self { captured, ..self }
    }

    /// All of `facts` that are here, by their names in key documents.
    pub fn get(&mut self, facts: &[Fact]) -> BTreeMap<String, String> {
        facts.iter().filter_map(|fact| self.values(fact)).flatten().collect()
    }

    /// Those of `facts` that this machine lacks.
    pub fn missing(&mut self, facts: &[Fact]) -> Vec<Fact> {
        facts.iter().filter(|fact| !fact.is_optional() && self.values(fact).is_none()).cloned().collect()
    }

    /// Keeps what was probed. A memory that cannot be written only costs time.
    pub fn save(&self) {
        self.memory.save();
    }

    fn values(&mut self, fact: &Fact) -> Values {
        if let Some(values) = self.seen.get(fact) {
            return values.clone();
        }
        let values = self.look_up(fact);
        self.seen.insert(fact.clone(), values.clone());
        values
    }

    fn look_up(&mut self, fact: &Fact) -> Values {
        let name = fact.name();
        let one = |value: String| BTreeMap::from([(name.clone(), value)]);
        if let Some(captured) = self.captured {
            return match fact {
                Fact::Package(_) => captured.packages.get(&name).cloned(),
                Fact::Formula(formula) => {
                    probe::formulas(captured.macos.as_ref()?.homebrew.as_ref()?, formula)
                }
                _ => captured.facts.get(&name).cloned().map(one),
            };
        }
        match fact {
            Fact::Tool(tool) => {
                let program = self.programs.find(tool)?;
                let probe = || probe::program(tool, &program, self.sealed, &self.directory).map(one);
                if program.is_settled { self.memory.of(&name, &program.path, probe) } else { probe() }
            }
            Fact::Package(package) => {
                let status = Utf8Path::new("/").join(debian::STATUS);
                self.memory.of(&name, &status, || {
                    let installed = self.installed.get_or_init(|| Status::read("/".into()).ok());
                    probe::packages(installed.as_ref()?, package)
                })
            }
            Fact::Formula(formula) => {
                let arch = if cfg!(target_arch = "aarch64") { Arch::Arm64 } else { Arch::Amd64 };
                let installed = self.homebrew.get_or_init(|| brew::read(homebrew_prefix(arch).into()));
                probe::formulas(installed.as_ref()?, formula)
            }
            Fact::File { path, .. } | Fact::Configuration(path) => {
                self.memory.of(&name, path, || probe::digest(path).map(one))
            }
            Fact::Variable(variable) => {
                environment::variable(variable).map(|value| one(plan::bare_url(&value)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let header = dir.join("core.h");
        let fact = Fact::File { name: "headers".into(), path: header.clone() };
        let (programs, sealed) = (Programs::new(dir, dir), Sealed::new(dir, dir, |_| None));
        let facts = || Facts::open(&dir.join("facts.json"), &programs, &sealed, dir);
        let version = |text: &str| {
            fs_err::write(&header, text).unwrap();
            facts().get(std::slice::from_ref(&fact)).remove("file:headers")
        };
        assert!(version("1").is_some_and(|digest| digest.len() == 16));
        assert_ne!(version("1"), version("2"));
        fs_err::remove_file(&header).unwrap();
        assert!(facts().get(std::slice::from_ref(&fact)).is_empty());
        assert_eq!(facts().missing(std::slice::from_ref(&fact)), [fact]);
    }

    #[test]
    fn a_variable_may_be_absent() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let (programs, sealed) = (Programs::new(dir, dir), Sealed::new(dir, dir, |_| None));
        let mut facts = Facts::open(&dir.join("facts.json"), &programs, &sealed, dir);
        let fact = [Fact::Variable("XTASK_NO_SUCH_VARIABLE".to_owned())];
        assert!(facts.get(&fact).is_empty() && facts.missing(&fact).is_empty());
    }
}
