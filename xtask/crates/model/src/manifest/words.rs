//! Small checks that every manifest shares.

use super::issue::Issues;
use super::trail::Trail;
use crate::oci::is_loopback;
use std::fmt::Display;
use std::str::FromStr;

/// A text with something in it.
pub fn filled(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    if text.trim().is_empty() {
        issues.value(trail, format!("{trail} is empty"), None);
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

/// A URL of one of the schemes that sources are fetched by. Whoever is on the way can change what comes unencrypted, and
/// learns what is asked: that is for this machine alone.
pub(super) fn url(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    let known = ["https://", "file://", "ssh://"];
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let open = matches!(scheme, "http" | "git");
    if rest.is_empty() || !(open || known.iter().any(|known| text.starts_with(known))) {
        let help = format!("begin with one of {}", known.join(", "));
        issues.value(trail, format!("`{text}` is not a URL"), help);
    } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        issues.value(trail, "a URL with a space in it", "write spaces as %20".to_owned());
    } else if user.contains(':') {
        let help = "remove it, and let the machine's own settings of git, pip or docker know it";
        issues.value(trail, "a URL with a password in it", help.to_owned());
    } else if open && !is_loopback(host) {
        issues.value(trail, format!("`{scheme}://` is not encrypted"), "write `https://`".to_owned());
    }
}

/// Labels of runners, GPU targets, packages: what needs no quotes anywhere and is no expression.
pub(super) fn plain(issues: &mut Issues, trail: Trail<'_>, text: &str, more: &str) {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || more.contains(c);
    if text.starts_with(|c: char| !c.is_ascii_alphanumeric()) || text.is_empty() || !text.chars().all(fits) {
        let help = format!("use letters, digits and any of `.-{more}`, beginning with a letter or digit");
        issues.value(trail, format!("`{text}` is not a plain name"), help);
    }
}

/// An image or a repository of images, as registries name them.
pub(super) fn image<T: FromStr<Err: Display>>(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    if let Err(error) = text.parse::<T>() {
        issues.value(trail, error.to_string(), None);
    }
}
