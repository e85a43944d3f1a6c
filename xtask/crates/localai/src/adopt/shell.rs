//! The commands of a script, as far as they can be told without running it.

use super::words::Words;
use camino::{Utf8Path, Utf8PathBuf};

/// One simple command, with what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Where it runs, as `cd` left it; empty is where the script began.
    pub dir: Utf8PathBuf,
    /// `NAME=value` before it.
    pub assigned: Vec<(String, String)>,
    /// Its words; never empty.
    pub argv: Vec<String>,
    /// The conditions that it stands under, outermost first.
    pub guards: Vec<Guard>,
}

/// What must hold for a command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Guard {
    /// These words are true.
    If(Vec<String>),
    /// A branch that is taken when another is not, or a loop: nobody here can say.
    Unknown,
}

/// Stands for a program where there are assignments alone.
pub(super) const ASSIGN: &str = "=";

/// The commands of a text, in order. What no list of simple commands can say is left away.
pub(super) fn commands(text: &str, words: &Words) -> Vec<Command> {
    let mut found = statements(text, words);
    found.retain(|command| command.argv[0] != ASSIGN);
    found
}

/// The same with assignments alone, as arguments of [`ASSIGN`].
pub(super) fn statements(text: &str, words: &Words) -> Vec<Command> {
    let mut found = Vec::new();
    let mut guards: Vec<Guard> = Vec::new();
    let mut dir = Utf8PathBuf::new();
    for segment in segments(text) {
        let mut rest = segment.trim();
        loop {
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            match word {
                "then" | "do" | "{" | "(" => {}
                "else" | "elif" => {
                    guards.pop();
                    guards.push(Guard::Unknown);
                    if word == "elif" {
                        rest = "";
                        break;
                    }
                }
                "fi" | "done" | "}" | "esac" => {
                    guards.pop();
                    rest = "";
                    break;
                }
                "if" => {
                    guards.push(Guard::If(words.split(after).unwrap_or_default()));
                    rest = "";
                    break;
                }
                "for" | "while" | "until" | "case" => {
                    guards.push(Guard::Unknown);
                    rest = "";
                    break;
                }
                _ => break,
            }
            rest = after.trim_start();
        }
        let Some(mut argv) = words.split(rest.trim_start_matches(['@', '-', '+'])) else { continue };
        let is_assignment = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
        let at = argv.iter().position(|word| !is_assignment(word)).unwrap_or(argv.len());
        let assigned: Vec<(String, String)> = argv
            .drain(..at)
            .filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect();
        match argv.as_slice() {
            [] if assigned.is_empty() => {}
            [] => {
                let argv = assigned.into_iter().map(|(name, value)| format!("{name}={value}"));
                let argv = std::iter::once(ASSIGN.to_owned()).chain(argv).collect();
                let (dir, guards) = (dir.clone(), guards.clone());
                found.push(Command { dir, assigned: Vec::new(), argv, guards });
            }
            [cd, to] if cd == "cd" => dir = joined(&dir, to),
            _ => found.push(Command { dir: dir.clone(), assigned, argv, guards: guards.clone() }),
        }
    }
    found
}

/// A path from a directory, without `.` and with `..` taken as far as it goes.
pub(super) fn joined(dir: &Utf8Path, path: &str) -> Utf8PathBuf {
    let mut out = Utf8PathBuf::new();
    for part in dir.join(path).components() {
        match part {
            camino::Utf8Component::CurDir => {}
            camino::Utf8Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What stands between `&&`, `||`, `;`, `|` and ends of lines, outside of quotes and without comments.
fn segments(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let mut found = vec![String::new()];
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let last = found.len() - 1;
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') if found[last].ends_with(char::is_whitespace) || found[last].is_empty() => {
                while chars.peek().is_some_and(|next| *next != '\n') {
                    chars.next();
                }
                continue;
            }
            (None, '\n' | ';' | '|') => {
                found.push(String::new());
                continue;
            }
            (None, '&') if chars.peek() == Some(&'&') => {
                chars.next();
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found[last].push(c);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let words = Words::from([("BACKEND", "opus")]);
        commands(text, &words)
            .into_iter()
            .map(|one| format!("{}|{:?}|{}|{}", one.dir, one.assigned, one.argv.join(" "), one.guards.len()))
            .collect()
    }

    #[test]
    fn directories_assignments_and_conditions_are_kept() {
        let text = "cd /x/${BACKEND} && A=1 make \\\n  build # why\nif [ -f y ]; then\n  cd z && run 'a;b'\nfi\ncd ..; ls";
        assert_eq!(
            told(text),
            ["/x/opus|[(\"A\", \"1\")]|make build|0", "/x/opus/z|[]|run a;b|1", "/x/opus|[]|ls|0",]
        );
    }

    #[test]
    fn branches_that_depend_on_others_are_marked() {
        let text = "if a; then b; else c; fi; for x in y; do d; done; e";
        assert_eq!(told(text), ["|[]|b|1", "|[]|c|1", "|[]|d|1", "|[]|e|0"]);
    }
}
