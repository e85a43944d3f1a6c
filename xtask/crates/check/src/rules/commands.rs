//! Rule: a command that is shown is one that the program understands.

use crate::read::spots;
use crate::{Found, Repository, Rule, Verdict};
use camino::Utf8Path;
use model::manifest::Spot;

pub(super) const RULE: Rule = Rule {
    name: "commands",
    meaning: "every `cargo xtask …` line of the documents, of the help and of CI is understood by the program",
    source: "issue: docs' commands parse",
    run,
};

const PREFIX: &str = "cargo xtask ";

fn run(repository: &Repository<'_>, found: &mut Found) {
    let shown = |path: &Utf8Path| match path.extension() {
        Some("md") => !path.starts_with("tests"),
        Some("rs") => path.as_str().starts_with("xtask/src/cli"),
        _ => path == ".ci/run",
    };
    for (file, text) in repository.files.iter().filter(|(path, _)| shown(path)) {
        for Shown { spot, words } in commands(text) {
            if let Verdict::Wrong(why) = (repository.parser)(&words) {
                let message = format!("`cargo xtask {}` is not understood: {why}", words.join(" "));
                let help = match words.first() {
                    Some(command) => format!("see `cargo xtask {command} --help`"),
                    None => "see `cargo xtask --help`".to_owned(),
                };
                found.add(file, spot, message, help);
            }
        }
    }
}

/// A command that is shown.
struct Shown {
    spot: Spot,
    words: Vec<String>,
}

fn commands(text: &str) -> impl Iterator<Item = Shown> {
    spots::numbered(text).filter_map(|(number, line)| {
        let trimmed = line.trim_start_matches([' ', '$', '-']);
        let trimmed = trimmed.strip_prefix("step ").unwrap_or(trimmed);
        let rest = trimmed.strip_prefix(PREFIX)?;
        let start = line.len() - rest.len();
        let end = [" #", "   ", " | ", " && ", " > ", "\")]", "`"]
            .into_iter()
            .filter_map(|end| rest.find(end))
            .min()
            .unwrap_or(rest.len());
        let command = rest[..end].trim_end();
        // A line of a synopsis or a script, not of somebody who types.
        if command.contains(['[', '{', '<', '|', '…', '&', '$', '*']) || command.ends_with('\\') {
            return None;
        }
        let spot = spots::within(number, line, start, start + command.len());
        Some(Shown { spot, words: words(&command.replace("\\\"", "\"")) })
    })
}

/// Words as a shell would split them; quotes are all that examples use.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split(['"', '\'']).enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_what_stands_around_them() {
        let text = "cargo xtask list   # all\n$ cargo xtask why a \"b c\" | less\n  cargo xtask test\")]\n\
                    cargo xtask matrix [--all]\nstep cargo xtask check --json\nRun `cargo xtask nope`.\n\
                    cargo xtask run a --prompt \\\"x y\\\"\n";
        let found: Vec<(usize, usize, Vec<String>)> =
            commands(text).map(|shown| (shown.spot.line, shown.spot.column, shown.words)).collect();
        let expected: [(usize, usize, &[&str]); 5] = [
            (1, 13, &["list"]),
            (2, 15, &["why", "a", "b c"]),
            (3, 15, &["test"]),
            (5, 18, &["check", "--json"]),
            (7, 13, &["run", "a", "--prompt", "x y"]),
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((line, column, words), is) in expected.into_iter().zip(found) {
            assert_eq!((line, column), (is.0, is.1));
            assert_eq!(words, is.2);
        }
    }
}
