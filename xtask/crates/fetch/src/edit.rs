//! Moves values in `backend/sources.yaml` as a person would: those values change, every other byte stays.

use model::name::PinName;

/// One value of a pin that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its key, such as `commit` or `sha256`.
    pub key: &'static str,
    /// The value that stands there.
    pub old: String,
    /// The value that shall.
    pub new: String,
}

/// Why a change could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The pin is not in the file.
    #[error("backend/sources.yaml has no entry `{0}:` ")]
    NoPin(PinName),
    /// The pin does not have this key with this value.
    #[error("`{pin}` in backend/sources.yaml has no `{key}: {old}` that could become `{new}`")]
    NoValue {
        /// The pin.
        pin: PinName,
        /// The key.
        key: &'static str,
        /// The value that was looked for.
        old: String,
        /// The value meant for it.
        new: String,
    },
}

/// The text with `changes` made in the entry of `pin`, in block or flow style, with comments and quotes kept.
pub fn edit(text: &str, pin: &PinName, changes: &[Change]) -> Result<String, EditError> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (start, end) = block(&lines, pin).ok_or_else(|| EditError::NoPin(pin.clone()))?;
    let mut inside: String = lines[start..end].concat();
    for change in changes.iter().filter(|change| change.old != change.new) {
        inside = replaced(&inside, change).ok_or_else(|| EditError::NoValue {
            pin: pin.clone(),
            key: change.key,
            old: change.old.clone(),
            new: change.new.clone(),
        })?;
    }
    Ok([lines[..start].concat(), inside, lines[end..].concat()].concat())
}

/// The lines of the pin's entry: from its key to the next line that is indented no deeper.
fn block(lines: &[&str], pin: &PinName) -> Option<(usize, usize)> {
    let key = |line: &&str| {
        let name = line.trim_start().split_once(':')?.0.trim_matches(['"', '\'']);
        (name == pin.as_str() && indent(line) > 0).then_some(())
    };
    let start = lines.iter().position(|line| key(line).is_some())?;
    let depth = indent(lines[start]);
    let is_next = |line: &&str| {
        let text = line.trim();
        !text.is_empty() && !text.starts_with('#') && indent(line) <= depth
    };
    let length = lines[start + 1..].iter().position(is_next);
    Some((start, length.map_or(lines.len(), |length| start + 1 + length)))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Every `key: old` of the entry with the new value, or `None` if there is none.
fn replaced(text: &str, change: &Change) -> Option<String> {
    let key = format!("{}:", change.key);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find(&key) {
        let (before, after) = rest.split_at(at + key.len());
        out.push_str(before);
        rest = after;
        let starts_word =
            out.len() == key.len() || out[..out.len() - key.len()].ends_with([' ', '{', ',', '\n']);
        let is_comment = out.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'));
        let blank = rest.len() - rest.trim_start_matches(' ').len();
        let (space, value) = rest.split_at(blank);
        let quote = value.chars().next().filter(|c| "\"'".contains(*c));
        let body = &value[quote.map_or(0, char::len_utf8)..];
        let Some(tail) = body.strip_prefix(change.old.as_str()) else { continue };
        let ends = match quote {
            Some(quote) => tail.starts_with(quote),
            None => tail.is_empty() || tail.starts_with([' ', ',', '}', '\n', '\r']),
        };
        if starts_word && !is_comment && blank > 0 && ends {
            out.push_str(space);
            out.extend(quote);
            out.push_str(&change.new);
            rest = tail;
            found = true;
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "sources:\n  # about version: 1.0\n  other:\n    version: 1.0\n  demo:\n    version: \"1.0\" # keep\n    upstream:\n      git: { url: https://h/x, commit: aaa }\n    # version: 1.0\n    mirrors:\n      - pypi-sdist:\n          version: 1.0\n          sha256: 'bbb'\n\n  # of the next one\n  last:\n    version: 1.0\n";

    fn change(key: &'static str, old: &str, new: &str) -> Change {
        Change { key, old: old.to_owned(), new: new.to_owned() }
    }

    #[test]
    fn only_the_values_of_that_pin_move() {
        let changes =
            [change("version", "1.0", "2.0"), change("commit", "aaa", "ccc"), change("sha256", "bbb", "ddd")];
        let new = edit(TEXT, &"demo".parse().unwrap(), &changes).unwrap();
        let moved: Vec<_> = TEXT
            .lines()
            .zip(new.lines())
            .filter(|(old, new)| old != new)
            .map(|(_, new)| new.trim())
            .collect();
        let wanted = [
            "version: \"2.0\" # keep",
            "git: { url: https://h/x, commit: ccc }",
            "version: 2.0",
            "sha256: 'ddd'",
        ];
        assert_eq!(moved, wanted);
        assert_eq!(TEXT.lines().count(), new.lines().count());
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let pin: PinName = "demo".parse().unwrap();
        let absent = edit(TEXT, &"absent".parse().unwrap(), &[]).unwrap_err();
        assert!(matches!(absent, EditError::NoPin(_)));
        for (key, old) in [("version", "1"), ("version", "1.0.0"), ("ommit", "aaa"), ("tree", "x")] {
            let error = edit(TEXT, &pin, &[change(key, old, "n")]).unwrap_err();
            assert!(matches!(error, EditError::NoValue { .. }), "{key}: {old}");
        }
        assert_eq!(edit(TEXT, &pin, &[change("version", "1.0", "1.0")]).unwrap(), TEXT);
    }
}
