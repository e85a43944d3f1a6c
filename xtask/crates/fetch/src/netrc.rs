//! `~/.netrc`: who somebody is on the hosts that they fetch from.

use std::path::PathBuf;
use transfer::Secret;

/// The text of the file that `NETRC` names, else of `~/.netrc`.
pub(crate) fn read() -> Option<String> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let path = set("NETRC").or_else(|| Some(set("HOME")?.join(".netrc")))?;
    std::fs::read_to_string(path).ok()
}

/// The `Authorization` for a host: by its own entry, or by `default`.
pub(crate) fn lookup(text: &str, host: &str) -> Option<Secret> {
    let mut words = words(text).into_iter();
    let (mut ours, mut login, mut password) = (false, None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "machine" | "default" if ours && password.is_some() => break,
            "machine" => ours = words.next().is_some_and(|name| name.eq_ignore_ascii_case(host)),
            "default" => ours = true,
            "login" if ours => login = words.next(),
            "password" if ours => password = words.next(),
            // Each has one value: nothing in it is a keyword.
            "login" | "password" | "account" => drop(words.next()),
            _ => {}
        }
    }
    Some(Secret::basic(&login.unwrap_or_default(), &Secret::new(password?)))
}

/// The words of the file: without comments, and without macros, which end at an empty line.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut macros) = (Vec::new(), false);
    for line in text.lines() {
        macros = macros && !line.trim().is_empty();
        if macros || line.trim_start().starts_with('#') {
            continue;
        }
        let mut rest = line.trim_start();
        while !rest.is_empty() {
            let (word, after) = word(rest);
            macros |= word == "macdef";
            words.push(word);
            rest = after.trim_start();
        }
    }
    words
}

/// The first word, which may stand in quotes, and what follows it.
fn word(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
        return (word.to_owned(), rest);
    };
    let (mut word, mut chars) = (String::new(), quoted.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => word.extend(chars.next()),
            c => word.push(c),
        }
    }
    (word, chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(user: &str, password: &str) -> Secret {
        Secret::basic(user, &Secret::new(password))
    }

    #[test]
    fn entries_are_found_by_host() {
        let text = "# machine c login no password no\n\
            machine a.example login u password \"p \\\" q\"\n\
            machine b.example\n\tlogin machine\n\tpassword default account x\n\
            macdef init\nmachine d login no password no\n\n\
            machine A2 password only\n\
            default login anybody password there\n\
            machine late login no password no";
        for (host, wanted) in [
            ("a.example", basic("u", "p \" q")),
            ("B.example", basic("machine", "default")),
            ("a2", basic("", "only")),
            ("c", basic("anybody", "there")),
            ("d", basic("anybody", "there")),
            ("late", basic("anybody", "there")),
        ] {
            assert_eq!(lookup(text, host), Some(wanted), "{host}");
        }
        for text in ["", "machine x login u password p", "machine y login", "default login u"] {
            assert_eq!(lookup(text, "y"), None, "{text}");
        }
    }
}
