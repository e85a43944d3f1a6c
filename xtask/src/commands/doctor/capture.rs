//! This machine in a file, for `--host` on another one.

use super::plans;
use anyhow::Result;
use drive::session::{Session, cache_dir};
use model::captured_host::CapturedHost;
use model::platform::Os;
use plan::{Fact, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// What it is and what it has, as JSON: no name of a machine or a user, and no path of a home.
pub fn document(session: &Session) -> Result<String> {
    Ok(serde_json::to_string_pretty(&host(session)?)?)
}

/// The same as it is.
pub fn host(session: &Session) -> Result<CapturedHost> {
    let host = &session.host;
    let mut captured = CapturedHost {
        platform: host.platform,
        distro: host.distro,
        cpus: host.cpus,
        memory_mib: host.memory_mib,
        disk_mib: exec::disk::free_bytes(&cache_dir()?)? >> 20,
        cpu: host.cpu.clone(),
        macos: (host.platform.os == Os::Darwin).then(|| exec::macos::capture(host.platform.arch)),
        facts: BTreeMap::new(),
        packages: BTreeMap::new(),
    };
    let mut wanted = BTreeSet::from([Fact::Tool("ninja".to_owned())]);
    for plan in plans(session) {
        add(&mut wanted, &plan);
    }
    let mut facts = session.facts()?;
    for fact in wanted {
        let values = facts.get(std::slice::from_ref(&fact));
        match fact {
            Fact::Package(_) if !values.is_empty() => drop(captured.packages.insert(fact.name(), values)),
            // Homebrew's state has them.
            Fact::Package(_) | Fact::Formula(_) => {}
            _ => captured.facts.extend(values),
        }
    }
    facts.save();
    Ok(captured)
}

fn add(wanted: &mut BTreeSet<Fact>, plan: &Plan) {
    wanted.extend(plan.facts.iter().cloned());
    plan.deps.iter().for_each(|dep| add(wanted, &dep.plan));
}
