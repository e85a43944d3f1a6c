//! What is particular to a Mac before anything is built on it.

use crate::error::Coded;
use crate::session::{Session, cache_dir};
use anyhow::Result;
use model::host::Privilege;
use model::macos::Macos;
use model::platform::{Arch, Os};
use model::variant::Variant;
use plan::toolchain::{self, Family, InstallPlan, MacProblem, Wanted, mac_problems};

/// What a Mac must hold for families.
pub fn needs(arch: Arch, families: &[Family]) -> Result<InstallPlan> {
    toolchain::plan_mac(families, arch).map_err(|error| Coded::Missing(error.to_string()).into())
}

/// Refuses to begin what could only fail half way; other systems have nothing of this.
pub(super) fn refuse(
    session: &Session,
    families: &[(Family, &Variant)],
    disk_mib: Option<u64>,
) -> Result<()> {
    if session.host.platform.os != Os::Darwin || families.is_empty() {
        return Ok(());
    }
    let families: Vec<Family> = families.iter().map(|(family, _)| *family).collect();
    let problems = problems(session, &families, disk_mib.unwrap_or_default())?;
    // What is about to be installed is none.
    let remain =
        |problem: &&MacProblem| !(session.installs() && matches!(problem, MacProblem::Formulas { .. }));
    let lines: Vec<String> = problems.iter().filter(remain).map(|problem| format!("\n  {problem}")).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let next = if session.installs() { "" } else { "; --install-deps installs formulas by itself" };
    let text = format!(
        "nothing was begun, for this Mac lacks:{}\nmend that (`cargo xtask doctor` looks again){next}",
        lines.concat()
    );
    Err(Coded::Missing(text).into())
}

/// The Mac, this one or a captured one.
pub fn of(session: &Session) -> Macos {
    match session.captured() {
        Some(captured) => captured.macos.clone().unwrap_or_default(),
        None => exec::macos::look(session.host.platform.arch),
    }
}

/// All that is wrong with the Mac, this one or a captured one, for families.
pub fn problems(session: &Session, families: &[Family], disk_mib: u64) -> Result<Vec<MacProblem>> {
    let plan = needs(session.host.platform.arch, families)?;
    let formulas: Vec<&str> = plan.packages().collect();
    let free_mib = match session.captured() {
        Some(captured) => captured.disk_mib,
        None => exec::disk::free_bytes(&cache_dir()?)? >> 20,
    };
    let wanted = Wanted {
        platform: session.host.platform,
        formulas: &formulas,
        disk_mib,
        free_mib,
        root: session.host.privilege == Privilege::Root,
    };
    Ok(mac_problems(&of(session), &wanted))
}
