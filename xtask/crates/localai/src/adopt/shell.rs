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
    /// A branch: conditions before it that do not hold, and its own unless it is the last.
    Branch(Vec<Condition>, Option<Condition>),
    /// A loop, or what a word is compared with: nobody here can say.
    Unknown,
}

/// What stands between `if` and `then`: commands, each with how it follows the one before it.
pub(super) type Condition = Vec<(Join, Vec<String>)>;

/// How a command follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// Whatever came of that.
    Then,
    /// Where that was well.
    And,
    /// Where it was not.
    Or,
}

impl Command {
    /// Whether it runs, by what each command of its conditions comes to; none where nobody can say.
    pub fn runs(&self, test: impl Fn(&[&str]) -> Option<bool>) -> Option<bool> {
        let mut all = Some(true);
        for guard in &self.guards {
            match guard.holds(&test) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }
}

impl Guard {
    /// Whether it holds, by what each command of its conditions comes to; none where nobody can say.
    pub fn holds(&self, test: impl Fn(&[&str]) -> Option<bool>) -> Option<bool> {
        let Self::Branch(before, own) = self else { return None };
        let mut last = Some(true);
        for condition in before {
            match told(condition, &test) {
                Some(true) => return Some(false),
                Some(false) => {}
                None => last = None,
            }
        }
        match own.as_ref().map(|own| told(own, &test)) {
            None | Some(Some(true)) => last,
            Some(other) => other,
        }
    }
}

fn told(condition: &Condition, test: impl Fn(&[&str]) -> Option<bool>) -> Option<bool> {
    condition.iter().fold(None, |so_far, (join, words)| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match (join, so_far) {
            (Join::And, Some(false)) | (Join::Or, Some(true)) => so_far,
            (Join::And, None) => test(&words).filter(|holds| !holds),
            (Join::Or, None) => test(&words).filter(|holds| *holds),
            _ => test(&words),
        }
    })
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
    // The condition that is read just now.
    let mut open: Option<Condition> = None;
    let mut dir = Utf8PathBuf::new();
    for (join, segment) in segments(text) {
        let mut rest = segment.trim();
        if let Some(condition) = &mut open {
            if !rest.starts_with("then") {
                if !rest.is_empty() {
                    condition.push((join, words.split(rest).unwrap_or_default()));
                }
                continue;
            }
            if let Some(Guard::Branch(_, own)) = guards.last_mut() {
                *own = open.take();
            }
        }
        loop {
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            match word {
                "then" | "do" | "{" | "(" => {}
                "else" | "elif" | "if" => {
                    if word == "if" {
                        guards.push(Guard::Branch(Vec::new(), None));
                    }
                    if let Some(Guard::Branch(before, own)) = guards.last_mut() {
                        before.extend(own.take());
                    }
                    if word != "else" {
                        open = Some(vec![(Join::Then, words.split(after).unwrap_or_default())]);
                        rest = "";
                        break;
                    }
                }
                "fi" | "done" | "}" | "esac" => {
                    guards.pop();
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

/// What stands between `&&`, `||`, `;`, `|` and ends of lines, outside of quotes and without comments, each with how it
/// follows the one before it.
fn segments(text: &str) -> Vec<(Join, String)> {
    let text = text.replace("\\\n", " ");
    let mut found = vec![(Join::Then, String::new())];
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let last = found.len() - 1;
        let so_far = &mut found[last].1;
        let next = match (quote, c) {
            (Some(open), c) if c == open => {
                quote = None;
                None
            }
            (None, '"' | '\'') => {
                quote = Some(c);
                None
            }
            (None, '#') if so_far.ends_with(char::is_whitespace) || so_far.is_empty() => {
                while chars.peek().is_some_and(|next| *next != '\n') {
                    chars.next();
                }
                continue;
            }
            (None, '|') if chars.next_if_eq(&'|').is_some() => Some(Join::Or),
            (None, '\n' | ';' | '|') => Some(Join::Then),
            (None, '&') if chars.next_if_eq(&'&').is_some() => Some(Join::And),
            _ => None,
        };
        match next {
            Some(join) => found.push((join, String::new())),
            None => so_far.push(c),
        }
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

    #[test]
    fn conditions_are_told_by_their_commands() {
        let text = "if yes && no || yes; then a; elif no || [ x ]; then b; else c; fi\nif [ x ] && no; then d; fi\n\
                    if yes; then if no; then e; else f; fi; fi";
        let known = |words: &[&str]| match words {
            ["yes"] => Some(true),
            ["no"] => Some(false),
            _ => None,
        };
        let told = commands(text, &Words::default()).into_iter().map(|one| {
            let all = one.guards.iter().map(|guard| guard.holds(known));
            (one.argv[0].clone(), all.collect::<Vec<_>>())
        });
        let (yes, no) = (Some(true), Some(false));
        let expected = [
            ("a", vec![yes]),
            ("b", vec![no]),
            ("c", vec![no]),
            ("d", vec![no]),
            ("e", vec![yes, no]),
            ("f", vec![yes, yes]),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected.map(|(name, all)| (name.to_owned(), all)));
        let open = &commands("if no || [ x ]; then a; else b; fi", &Words::default());
        assert!(open.iter().all(|one| one.guards[0].holds(known).is_none()));
    }
}
