//! The decision as a page for people: how many jobs, how many skipped, and why.

use super::{Action, Decided, Queue};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Units that are listed one by one; of more, only the reasons are counted.
const LISTED: usize = 100;

/// How many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Units that are jobs.
    pub builds: usize,
    /// Images that are merged, which are jobs as well.
    pub merges: usize,
    /// Units whose image is there.
    pub reused: usize,
    /// Units for which another key's image is as good.
    pub carried: usize,
    /// Units that are left alone.
    pub untouched: usize,
}

impl Counts {
    /// Every job.
    pub fn jobs(self) -> usize {
        self.builds + self.merges
    }

    /// Units without a job.
    pub fn skipped(self) -> usize {
        self.reused + self.carried + self.untouched
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { builds, merges, reused, carried, untouched } = self;
        write!(
            f,
            "{} jobs ({builds} builds, {merges} merges) · {} units skipped ({untouched} untouched, {reused} in the \
             registry, {carried} as good as another key's)",
            self.jobs(),
            self.skipped()
        )
    }
}

/// Counts what was decided.
pub fn counts(queue: &Queue) -> Counts {
    let mut counts = Counts { merges: queue.merges.len(), ..Counts::default() };
    for decided in &queue.units {
        *match &decided.action {
            Action::Build { .. } => &mut counts.builds,
            Action::Reuse { .. } | Action::Retag { .. } => &mut counts.reused,
            Action::Carry { .. } => &mut counts.carried,
            Action::Untouched { .. } => &mut counts.untouched,
        } += 1;
    }
    counts
}

/// A page in Markdown. `evidence` says how the affected units were found, `because` what touched a unit.
pub fn markdown(queue: &Queue, evidence: &str, because: &dyn Fn(&Decided) -> Option<String>) -> String {
    let mut page = String::from("## What is queued\n\n");
    let mut line = |text: &str| page.extend([text, "\n"]);
    line(&format!("**{}**\n", counts(queue)));
    if !evidence.is_empty() {
        line(&format!("Affected units by: {}\n", cell(evidence)));
    }
    for warning in &queue.warnings {
        line(&format!("> [!WARNING]\n> {}\n", cell(warning)));
    }
    line("| action | units | why |\n|---|--:|---|");
    for ((action, why), count) in reasons(queue) {
        line(&format!("| {action} | {count} | {} |", cell(why)));
    }
    let builds: Vec<&Decided> = queue.units.iter().filter(|decided| decided.action.is_build()).collect();
    if !builds.is_empty() && builds.len() <= LISTED {
        line("\n| built | why | touched by |\n|---|---|---|");
        for decided in builds {
            let touched = because(decided).unwrap_or_default();
            line(&format!(
                "| {} | {} | {} |",
                decided.unit,
                cell(&decided.action.to_string()),
                cell(&touched)
            ));
        }
    }
    if !queue.merges.is_empty() && queue.merges.len() <= LISTED {
        line("\n| merged | platforms |\n|---|---|");
        for merge in &queue.merges {
            let platforms = merge.platforms.iter().map(|platform| {
                let made = if merge.built.contains(platform) { "built" } else { "reused" };
                format!("{platform} ({made})")
            });
            line(&format!("| `{}` | {} |", merge.suffix, platforms.collect::<Vec<_>>().join(", ")));
        }
    }
    page
}

/// How often each reason was given, by action.
fn reasons(queue: &Queue) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut found = BTreeMap::new();
    for Decided { action, .. } in &queue.units {
        *found.entry((action.name(), action.summary())).or_default() += 1;
    }
    found
}

/// Text that stays in its cell and means nothing to Markdown.
pub(crate) fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' => {
                let _ = write!(cell, "&#{};", u32::from(c));
            }
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}
