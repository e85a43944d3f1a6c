//! Variables of make and shell: their values where those are plain, and texts with them put in.

use std::collections::BTreeMap;

/// More steps than any chain of variables has.
const DEPTH: usize = 16;

/// More than any command is long.
const LONG: usize = 1 << 16;

/// Variables by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(BTreeMap<String, String>);

impl<const N: usize> From<[(&str, &str); N]> for Words {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

impl Words {
    /// Says what a variable is, unless that is known.
    pub fn add(&mut self, name: &str, value: &str) {
        self.0.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }

    /// Says what a variable is, whatever it was.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// What a variable is, as it was written.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The text with all known variables put in; unknown ones stay as they are written.
    pub fn expand(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..DEPTH {
            let next = self.expand_once(&text);
            if next == text {
                break;
            }
            text = next;
        }
        text
    }

    /// The words of a command; none where its quotes do not end.
    pub fn split(&self, text: &str) -> Option<Vec<String>> {
        shlex::split(&self.expand(text))
    }

    fn expand_once(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$').filter(|_| out.len() < LONG) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let Some((name, length)) = reference(rest) else {
                out.push('$');
                rest = &rest[1..];
                continue;
            };
            // `${NAME:-otherwise}`
            let (name, otherwise) = name.split_once(":-").map_or((name, None), |(name, or)| (name, Some(or)));
            match self.0.get(name).map(String::as_str).or(otherwise) {
                Some(value) => out.push_str(value),
                None => out.push_str(&rest[..length]),
            }
            rest = &rest[length..];
        }
        out.push_str(rest);
        out
    }
}

/// The name in `$(NAME)`, `${NAME}` or `$NAME` at the beginning of a text, and how long all of it is.
fn reference(text: &str) -> Option<(&str, usize)> {
    let body = &text[1..];
    let close = match body.chars().next()? {
        '(' => ')',
        '{' => '}',
        c if c.is_ascii_alphabetic() || c == '_' => {
            let end = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(body.len());
            return Some((&body[..end], 1 + end));
        }
        _ => return None,
    };
    let end = body.find(close)?;
    Some((&body[1..end], end + 2))
}

/// Whether something is left that only make or a shell could tell.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(['$', '`', '*'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_followed_and_circles_end() {
        let words = Words::from([("A", "${B}/x"), ("B", "$(C)"), ("C", "c"), ("D", "$(D)y")]);
        assert_eq!(words.expand("$A ${C} $(E) ${F:-f} $$"), "c/x c $(E) f $$");
        assert!(words.expand("$(D)").ends_with('y'));
        let doubled = "$(A)".repeat(40);
        assert!(Words::from([("A", doubled.as_str())]).expand("$(A)").len() < (DEPTH + 1) * LONG);
        assert!(is_open("$(E)") && !is_open("c/x"));
    }
}
