//! Small checks that every manifest shares.

use super::issue::Issues;
use super::trail::Trail;
use std::fmt::Display;

/// A text with something in it, on one line.
pub fn filled(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    if text.trim().is_empty() {
        issues.value(trail, format!("{trail} is empty"), None);
    } else if text.chars().any(char::is_control) {
        issues.value(trail, format!("{trail} holds a control character"), "write it on one line".to_owned());
    }
}

/// Every text of a list is filled and no two are equal; the list itself may be empty.
pub(super) fn texts(issues: &mut Issues, trail: Trail<'_>, texts: &[String]) {
    for (index, text) in texts.iter().enumerate() {
        filled(issues, trail.index(index), text);
    }
    distinct(issues, trail, texts);
}

/// No two of a list are equal.
pub(super) fn distinct<T: PartialEq + Display>(issues: &mut Issues, trail: Trail<'_>, list: &[T]) {
    for (index, item) in list.iter().enumerate() {
        if list[..index].contains(item) {
            let message = format!("`{item}` is listed twice");
            issues.value(trail.index(index), message, "remove one of them".to_owned());
        }
    }
}

/// A list that must have something in it.
pub(super) fn listed<T>(issues: &mut Issues, trail: Trail<'_>, list: &[T], why: &str) {
    if list.is_empty() {
        issues.key(trail, format!("{trail} is empty"), why.to_owned());
    }
}

/// Globs relative to the repository's root.
pub(super) fn globs(issues: &mut Issues, trail: Trail<'_>, globs: &[String]) {
    texts(issues, trail, globs);
    for (index, text) in globs.iter().enumerate() {
        let Some((message, help)) = mistake(text) else { continue };
        issues.value(trail.index(index), message, help.map(str::to_owned));
    }
}

/// What is wrong with a glob, and what to write instead.
fn mistake(glob: &str) -> Option<(String, Option<&'static str>)> {
    let mut parts = glob.split('/');
    if glob.trim().is_empty() {
        None
    } else if glob.starts_with('/') || parts.clone().any(|part| part == ".." || part == ".") {
        let help = "globs are relative to the repository's root, without `.` and `..`";
        Some((format!("`{glob}` leaves the repository"), Some(help)))
    } else if glob.contains('\\') {
        let help = "put a special character into brackets, as in `[*]`";
        Some((format!("`{glob}` holds a backslash"), Some(help)))
    } else if parts.any(str::is_empty) {
        Some((format!("`{glob}` holds an empty name"), Some("write one `/` between names")))
    } else {
        unclosed(glob).map(|open| (format!("`{open}` has no partner in `{glob}`"), None))
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

/// A URL of one of the schemes that sources are fetched by.
pub(super) fn url(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    let known = ["https://", "http://", "file://", "git://", "ssh://"];
    if !known.iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())) {
        let help = format!("begin with one of {}", known.join(", "));
        issues.value(trail, format!("`{text}` is not a URL"), help);
    } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        issues.value(trail, "a URL with a space in it", "write spaces as %20".to_owned());
    }
}
