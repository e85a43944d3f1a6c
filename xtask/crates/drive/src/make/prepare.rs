//! What is known before the first step: who can share jobs, and what a dry run shows.

use super::Keyed;
use crate::session::Session;
use anyhow::Result;
use plan::plan::Fact;
use plan::step::Action;

/// Whether every builder here can take part in a jobserver on a named pipe: ninja can since 1.13.
pub fn builders_share_jobs(session: &Session) -> Result<bool> {
    let mut facts = session.facts()?;
    let found = facts.get(&[Fact::Tool("ninja".to_owned())]);
    facts.save();
    Ok(found.values().any(|version| at_least(version, 1, 13)))
}

fn at_least(version: &str, major: u32, minor: u32) -> bool {
    let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
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

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(at_least("1.13.0.git", 1, 13) && at_least("2.0", 1, 13));
        assert!(!at_least("1.11.1", 1, 13) && !at_least("nonsense", 1, 13));
    }
}
