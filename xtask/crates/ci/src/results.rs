//! What builds did, as a page for people.

use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// What came of one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitResult {
    /// Which unit.
    pub unit: String,
    /// Its key.
    pub key: String,
    /// In words, as in `built`.
    pub result: String,
    /// How long it took.
    pub seconds: f64,
    /// What the compiler cache did: objects that it had, and all that were asked for.
    pub ccache: Option<(u32, u32)>,
    /// What the layer cache did: commands that it had, and all commands.
    pub layers: Option<(usize, usize)>,
    /// Warnings on the way.
    pub warnings: usize,
    /// The image that it came to.
    pub image: Option<String>,
}

/// A page in Markdown, the longest builds first.
pub fn markdown(results: &[UnitResult]) -> String {
    let mut sorted: Vec<&UnitResult> = results.iter().collect();
    sorted.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then_with(|| a.unit.cmp(&b.unit)));
    let mut page = String::from("## What was built\n\n");
    let seconds: f64 = results.iter().map(|result| result.seconds).sum();
    let hits = results.iter().filter_map(|result| result.ccache);
    let (had, asked) = hits.fold((0, 0), |(had, asked), of| (had + u64::from(of.0), asked + u64::from(of.1)));
    let warnings: usize = results.iter().map(|result| result.warnings).sum();
    let _ = writeln!(
        page,
        "**{} units in {seconds:.1} s** · compiler cache: {} · {warnings} warnings\n",
        results.len(),
        share(had, asked)
    );
    page.push_str(
        "| unit | result | seconds | compiler cache | layers | image |\n|---|---|--:|--:|--:|---|\n",
    );
    for result in sorted {
        let cached = |of: Option<(u64, u64)>| of.map_or_else(String::new, |(had, asked)| share(had, asked));
        let ccache = cached(result.ccache.map(|(had, asked)| (u64::from(had), u64::from(asked))));
        let layers = cached(result.layers.map(|(had, all)| (had as u64, all as u64)));
        let image = result.image.as_deref().unwrap_or_default();
        let _ = writeln!(
            page,
            "| {} | {} | {:.1} | {ccache} | {layers} | {} |",
            crate::queue::cell(&result.unit),
            crate::queue::cell(&result.result),
            result.seconds,
            crate::queue::cell(image)
        );
    }
    page
}

fn share(had: u64, asked: u64) -> String {
    match (had * 100).checked_div(asked) {
        Some(percent) => format!("{percent} % of {asked}"),
        None => "not used".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_adds_up_and_begins_with_the_longest() {
        let result = |unit: &str, seconds, ccache| UnitResult {
            unit: unit.to_owned(),
            key: "a".repeat(64),
            result: "built".to_owned(),
            seconds,
            ccache,
            layers: Some((1, 4)),
            warnings: 1,
            image: None,
        };
        let page = markdown(&[result("a|b", 1.5, Some((1, 4))), result("c", 61.0, Some((3, 4)))]);
        assert!(page.contains("**2 units in 62.5 s** · compiler cache: 50 % of 8 · 2 warnings"), "{page}");
        let rows: Vec<&str> = page.lines().filter(|line| line.ends_with("|  |")).collect();
        assert_eq!(rows[0], "| c | built | 61.0 | 75 % of 4 | 25 % of 4 |  |");
        assert!(rows[1].starts_with("| a&#124;b | built | 1.5 "), "{page}");
        assert!(markdown(&[]).contains("compiler cache: not used"));
    }
}
