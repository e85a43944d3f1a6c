//! What a text of make comes to, with those of its functions that ask no program.

use super::shell::is_name;
use super::words::Words;

/// More steps than any chain of variables has.
const DEPTH: usize = 16;
/// More than any condition is long.
const LONG: usize = 1 << 12;

/// The text as make reads it, where a variable that nobody set is empty; none where only make can tell.
pub(super) fn evaluate(text: &str, words: &Words) -> Option<String> {
    value(text, words, DEPTH)
}

fn value(text: &str, words: &Words, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let (body, after) = reference(&rest[at + 1..])?;
        out.push_str(&call(body, words, depth)?);
        rest = after;
        if out.len() > LONG {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}

/// What stands between a pair of brackets, and what comes after.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (open, close) = match text.chars().next()? {
        '(' => ('(', ')'),
        '{' => ('{', '}'),
        _ => return None,
    };
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        depth += usize::from(c == open);
        depth -= usize::from(c == close);
        if depth == 0 {
            return Some((&text[1..at], &text[at + 1..]));
        }
    }
    None
}

fn call(body: &str, words: &Words, depth: usize) -> Option<String> {
    if is_name(body) {
        return words.get(body).map_or(Some(String::new()), |text| value(text, words, depth));
    }
    let (function, rest) = body.split_once(' ')?;
    let mut arguments = arguments(rest).into_iter();
    let mut next = || value(arguments.next()?, words, depth);
    match function {
        "strip" => Some(next()?.split_whitespace().collect::<Vec<_>>().join(" ")),
        "filter" => {
            let (wanted, text) = (next()?, next()?);
            let is_wanted = |word: &&str| wanted.split_whitespace().any(|one| one == *word);
            // Patterns are no words.
            (!wanted.contains('%'))
                .then(|| text.split_whitespace().filter(is_wanted).collect::<Vec<_>>().join(" "))
        }
        "findstring" => {
            let (wanted, text) = (next()?, next()?);
            Some(if text.contains(&wanted) { wanted } else { String::new() })
        }
        // What comes after the first that says something is not read.
        "or" => loop {
            match value(arguments.next().unwrap_or_default(), words, depth)? {
                empty if empty.trim().is_empty() && arguments.len() > 0 => {}
                found => return Some(found.trim().to_owned()),
            }
        },
        _ => None,
    }
}

/// What stands between commas, outside of brackets.
pub(super) fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_ask_nobody_are_told_and_no_other() {
        let words = Words::from([
            ("ARCH", "$(or $(TARGET),$(shell uname -m))"),
            ("TARGET", "arm64"),
            ("OTHER", "$(or $(NONE),$(shell uname -m))"),
            ("A", "$(B)"),
            ("B", "$(A)"),
        ]);
        let told = |text| evaluate(text, &words);
        assert_eq!(told("$(filter arm64 aarch64,$(ARCH))").as_deref(), Some("arm64"));
        assert_eq!(told("$(filter x86_64,$(ARCH))|$(strip  a   b )").as_deref(), Some("|a b"));
        assert_eq!(told("$(findstring rm,${ARCH})$(NONE)").as_deref(), Some("rm"));
        for open in ["$(OTHER)", "$(shell x)", "$(filter a%,ab)", "$(A)", "$x", "$(A", "$$", "$(or ", "$("] {
            assert_eq!(told(open), None, "{open}");
        }
    }
}
