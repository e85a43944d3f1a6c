//! What natively built units lack on this machine: `doctor` lists it, and no build begins without it.

use super::Keyed;
use crate::error::Coded;
use anyhow::Result;
use camino::Utf8Path;
use model::name::BackendName;
use plan::{Fact, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is lacking, each with the backends that want it.
#[derive(Debug, Default)]
pub struct Lacking<'a>(BTreeMap<&'a Fact, BTreeSet<&'a BackendName>>);

impl<'a> Lacking<'a> {
    /// What `units` and all that they are compiled against lack.
    pub fn of(units: &'a [Keyed]) -> Self {
        let mut lacking = Self::default();
        for keyed in units {
            lacking.add(&keyed.plan.unit.backend, keyed);
        }
        lacking
    }

    fn add(&mut self, backend: &'a BackendName, keyed: &'a Keyed) {
        for fact in &keyed.missing {
            self.0.entry(fact).or_default().insert(backend);
        }
        for (_, dep) in &keyed.deps {
            self.add(backend, dep);
        }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One line for each.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(fact, backends)| {
            let backends: Vec<&str> = backends.iter().map(|name| name.as_str()).collect();
            format!("{}, {} (for {})", fact.name(), state(fact), backends.join(", "))
        })
    }
}

/// Refuses to begin what could only fail half way.
pub fn check(units: &[Keyed]) -> Result<()> {
    let lacking = Lacking::of(units);
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Coded::Missing(lacking.to_string()).into())
}

/// What a tool takes for something else than a part of a directory's name, wherever it stands: the characters, whose, and
/// the tool of the units that it matters to; to all units where there is none.
const SPECIAL: [(&str, &str, Option<&str>); 7] = [
    (":", "PATH", None),
    ("$", "ccache", Some("ccache")),
    ("\";\\[]", "CMake", Some("cmake")),
    ("|", "Ninja", Some("cmake")),
    // It builds, and leaves the path in the binary.
    (";", "Go", Some("go")),
    // Of the file that it writes, each becomes a random digit.
    ("%", "LLVM's linker", Some("rustc")),
    ("\n\u{1f}", "cargo", None),
];

/// Refuses a directory that `units` cannot be built below.
pub fn check_place(units: &[Keyed], dir: &Utf8Path) -> Result<()> {
    for keyed in units {
        let special = SPECIAL.iter().filter(|(.., tool)| tool.is_none_or(|tool| uses(&keyed.plan, tool)));
        for (characters, whose, _) in special {
            if let Some(found) = dir.as_str().chars().find(|c| characters.contains(*c)) {
                let (unit, found) = (&keyed.plan.unit, found.escape_default());
                return Err(Coded::Usage(format!(
                    "{unit} cannot be built below {dir}: a `{found}` in a path means something else to {whose}; set \
                     XTASK_CACHE_DIR to another directory"
                ))
                .into());
            }
        }
    }
    Ok(())
}

/// Compiler caches change no result, and are no facts.
fn uses(plan: &Plan, tool: &str) -> bool {
    match tool {
        "ccache" => {
            let mut cmds = plan.steps.iter().flat_map(|step| step.action.cmds());
            cmds.any(|cmd| cmd.tuning.contains_key("CCACHE_DIR"))
        }
        tool => plan.facts.contains(&Fact::Tool(tool.to_owned())),
    }
}

impl fmt::Display for Lacking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing was begun, for this machine lacks:")?;
        self.lines().try_for_each(|line| write!(f, "\n  {line}"))?;
        write!(f, "\nmend that (`cargo xtask doctor` looks again), or build with --realm container")
    }
}

fn state(fact: &Fact) -> &'static str {
    match fact {
        // What stands under a tool's name may be a version manager that has no such tool.
        Fact::Tool(_) => "which is not on PATH or cannot be run",
        Fact::Package(_) => "which is not installed",
        Fact::Formula(_) => "which is not installed, not linked, or lacks what it needs",
        Fact::File { .. } | Fact::Configuration(_) | Fact::Variable(_) => "which is not there",
    }
}
