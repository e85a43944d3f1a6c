//! What is known before the first step: who can share jobs, and what a dry run shows.

use super::Keyed;
use crate::session::Session;
use anyhow::Result;
use plan::Fact;
use plan::step::Action;
use plan::toolchain::Tool;

/// Whether every builder here can take part in a jobserver on a named pipe: ninja can since 1.13.
pub fn builders_share_jobs(session: &Session) -> Result<bool> {
    let mut facts = session.facts()?;
    let found = facts.get(&[Fact::Tool("ninja".to_owned())]);
    facts.save();
    Ok(found.values().any(|version| Tool::Ninja.is_served_by(version)))
}

/// Says what a build would do.
pub fn describe(session: &Session, keyed: &Keyed) {
    let ui = &session.ui;
    ui.note(&format!("{} would be built: {}", keyed.plan.unit, keyed.plan.reason));
    for step in &keyed.plan.steps {
        let what = match &step.action {
            Action::Stage { into } => format!("copy {} declared inputs to {into}", keyed.inputs.len()),
            action => action.to_string(),
        };
        ui.note(&format!("  {:<18} {what}", step.id));
    }
}
