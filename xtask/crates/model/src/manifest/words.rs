//! Small checks on single texts that every manifest shares.

use super::issue::Issues;
use super::trail::Trail;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use std::fmt::Display;
use std::str::FromStr;

/// Parses a value whose type says itself what is wrong.
pub(super) fn parse<T: FromStr<Err: Display>>(
    issues: &mut Issues,
    trail: Trail<'_>,
    text: &str,
) -> Option<T> {
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            issues.value(trail, error.to_string(), None);
            None
        }
    }
}

/// The same for the key of a mapping.
pub(super) fn parse_key<T: FromStr<Err: Display>>(
    issues: &mut Issues,
    trail: Trail<'_>,
    text: &str,
) -> Option<T> {
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            issues.key(trail, error.to_string(), None);
            None
        }
    }
}

/// A text with something in it, on one line.
pub fn filled(issues: &mut Issues, trail: Trail<'_>, text: &str) -> bool {
    if text.trim().is_empty() {
        issues.value(trail, format!("{trail} is empty"), None);
    } else if text.chars().any(char::is_control) {
        issues.value(
            trail,
            format!("{trail} holds a control character"),
            Some("write it on one line".to_owned()),
        );
    } else {
        return true;
    }
    false
}

/// Every text of a list is filled and no two are equal; the list itself may be empty.
pub(super) fn distinct(issues: &mut Issues, trail: Trail<'_>, texts: &[String]) {
    for (index, text) in texts.iter().enumerate() {
        let item = trail.index(index);
        if filled(issues, item, text) && texts[..index].contains(text) {
            issues.value(item, format!("`{text}` is listed twice"), Some("remove one of them".to_owned()));
        }
    }
}

/// A list that must have something in it.
pub(super) fn listed<T>(issues: &mut Issues, trail: Trail<'_>, list: &[T], why: &str) {
    if list.is_empty() {
        issues.key(trail, format!("{trail} is empty"), Some(why.to_owned()));
    }
}

/// A path that stays inside the directory that it is relative to.
pub(super) fn inside(issues: &mut Issues, trail: Trail<'_>, text: &str) -> Option<Utf8PathBuf> {
    if !filled(issues, trail, text) {
        return None;
    }
    let path = Utf8Path::new(text);
    let plain = path.components().all(|part| matches!(part, Utf8Component::Normal(_)));
    if plain && !text.contains('\\') && !text.ends_with('/') {
        return Some(path.to_owned());
    }
    issues.value(
        trail,
        format!("`{text}` is not a plain relative path"),
        Some("write it with `/`, without `.`, `..` or a leading or trailing `/`".to_owned()),
    );
    None
}

/// A glob relative to the repository's root.
pub(super) fn glob(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    if !filled(issues, trail, text) {
        return;
    }
    if text.starts_with('/') || text.split('/').any(|part| part == ".." || part == ".") {
        let help = "globs are relative to the repository's root, without `.` and `..`";
        issues.value(trail, format!("`{text}` leaves the repository"), Some(help.to_owned()));
    } else if text.contains('\\') {
        let help = "put a special character into brackets, as in `[*]`";
        issues.value(trail, format!("`{text}` holds a backslash"), Some(help.to_owned()));
    } else if text.split('/').any(str::is_empty) {
        issues.value(
            trail,
            format!("`{text}` holds an empty name"),
            Some("write one `/` between names".to_owned()),
        );
    } else if let Some(open) = unclosed(text) {
        issues.value(trail, format!("`{open}` has no partner in `{text}`"), None);
    }
}

/// The first bracket or brace without a partner.
fn unclosed(glob: &str) -> Option<char> {
    let (mut class, mut braces) = (false, 0_usize);
    for c in glob.chars() {
        match c {
            ']' if class => class = false,
            _ if class => {}
            '[' => class = true,
            '{' => braces += 1,
            ']' => return Some(c),
            '}' => match braces.checked_sub(1) {
                Some(left) => braces = left,
                None => return Some(c),
            },
            _ => {}
        }
    }
    if class { Some('[') } else { (braces > 0).then_some('{') }
}
