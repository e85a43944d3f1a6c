//! `sources`, `place` and `build-packages`: what no shape says.

use super::{BuildPackages, Issues, PinName, Placed, Recipe, Trail, distinct};
use crate::text::suggest;

pub(super) fn build_packages(issues: &mut Issues, trail: Trail<'_>, packages: &BuildPackages) {
    distinct(issues, trail.key("apt"), &packages.apt);
    distinct(issues, trail.key("brew"), &packages.brew);
}

pub(super) fn place(issues: &mut Issues, trail: Trail<'_>, place: &[Placed], sources: &[PinName]) {
    for (index, placed) in place.iter().enumerate() {
        let row = trail.index(index);
        if !sources.contains(&placed.source) {
            let hint = suggest::hint(placed.source.as_str(), sources.iter().map(PinName::as_str));
            let message = format!("`{}` is not among this backend's sources{hint}", placed.source);
            issues.value(row.key("source"), message, format!("add `{}` to `sources`", placed.source));
        }
        let meets = |other: &&Placed| placed.at.starts_with(&*other.at) || other.at.starts_with(&*placed.at);
        if let Some(other) = place[..index].iter().find(meets) {
            let message = format!("`{}` and `{}` lie in one another", other.at, placed.at);
            issues.value(row.key("at"), message, "give each source a directory of its own".to_owned());
        }
    }
}

/// What is named and reaches no build would be a pin that nobody fetches: each source is placed, or the recipe's own.
pub(super) fn used(
    issues: &mut Issues,
    trail: Trail<'_>,
    sources: &[PinName],
    place: &[Placed],
    recipe: &Recipe,
) {
    let own = match recipe {
        Recipe::Cmake(cmake) => cmake.source.as_ref().map(|source| &source.pin),
        Recipe::Go(_) | Recipe::Python(_) | Recipe::Rust(_) | Recipe::Script(_) => None,
    };
    let is_used = |pin: &PinName| Some(pin) == own || place.iter().any(|placed| placed.source == *pin);
    for (index, pin) in sources.iter().enumerate().filter(|(_, pin)| !is_used(pin)) {
        let cmake = if recipe.section() == "cmake" { ", or name it as `cmake.source`" } else { "" };
        let help =
            format!("lay it into the tree: add `{{ source: {pin}, at: DIRECTORY }}` to `place`{cmake}");
        issues.value(trail.index(index), format!("nothing of this backend reads `{pin}`"), help);
    }
}
