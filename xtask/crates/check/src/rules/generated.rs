//! Rule: files that are made from types and from other files are current.

use crate::read::spots;
use crate::{Found, Repository, Rule, Written};
use model::manifest::Spot;

pub(super) const RULE: Rule = Rule {
    name: "generated",
    meaning: "JSON schemas, the page of rules and the contract's baseline are what `cargo xtask generate` writes",
    source: "design: one description",
    run,
};

/// Where schemas stand, all of them generated.
const SCHEMAS: &str = "docs/schemas";

fn run(repository: &Repository<'_>, found: &mut Found) {
    compare(repository, &repository.generated, "cargo xtask generate", found);
    strays(repository, SCHEMAS, &repository.generated, found);
}

/// Compares files with what they must hold.
pub(super) fn compare(repository: &Repository<'_>, written: &[Written], command: &str, found: &mut Found) {
    for Written { path, text } in written {
        let Some(is) = repository.files.get(path) else {
            found.add(path, Spot::START, "this file is missing", format!("run `{command}`"));
            continue;
        };
        if let Some(spot) = difference(is, text) {
            let wanted = text
                .lines()
                .nth(spot.line - 1)
                .map_or("the end".to_owned(), |line| format!("`{}`", line.trim()));
            let message = format!("this is not current, expected {wanted}");
            found.add(
                path,
                spot,
                message,
                format!("run `{command}`; change what it is made of rather than the file"),
            );
        }
    }
}

/// Reports files of a directory that nothing writes.
pub(super) fn strays(repository: &Repository<'_>, dir: &str, written: &[Written], found: &mut Found) {
    for (path, _) in repository.below(dir, &[""]) {
        if !written.is_empty() && !written.iter().any(|one| one.path == *path) {
            let message = format!("nothing writes this file, and {dir} holds what is written alone");
            found.add(path, Spot::START, message, "remove it, or make it where the others are made");
        }
    }
}

/// Where two texts first differ.
fn difference(is: &str, wanted: &str) -> Option<Spot> {
    if is == wanted {
        return None;
    }
    let same = is.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    let (line, other) =
        (is.lines().nth(same).unwrap_or_default(), wanted.lines().nth(same).unwrap_or_default());
    let shared: usize =
        line.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    Some(spots::within(same + 1, line, shared, line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown() {
        let at = |a, b| difference(a, b).map(|spot| (spot.line, spot.column));
        assert_eq!(at("a\nb\n", "a\nb\n"), None);
        assert_eq!(at("a\nbé1\n", "a\nbé2\n"), Some((2, 3)));
        assert_eq!(at("a\n", "a\nb\n"), Some((2, 1)));
        assert_eq!(at("a\nb\n", "a\n"), Some((2, 1)));
    }
}
