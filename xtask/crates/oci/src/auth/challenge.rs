//! `WWW-Authenticate`: what a registry wants to see.

use std::collections::BTreeMap;

/// What a registry wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// A token that is to be had elsewhere.
    Bearer {
        /// Where the token is to be had.
        realm: String,
        /// For whom the token is.
        service: Option<String>,
        /// For what the token is.
        scope: Option<String>,
    },
    /// User and password.
    Basic,
}

impl Challenge {
    /// Reads one header; `Bearer` is preferred to `Basic` if both are offered. Other schemes are passed over.
    pub fn parse(header: &str) -> Option<Self> {
        let mut rest = header.trim_start_matches([' ', '\t', ',']);
        let mut basic = None;
        while !rest.is_empty() {
            let (scheme, after) = token(rest)?;
            let (mut parameters, after) = parameters(after);
            match scheme.to_ascii_lowercase().as_str() {
                "bearer" => {
                    if let Some(realm) = parameters.remove("realm") {
                        let (service, scope) = (parameters.remove("service"), parameters.remove("scope"));
                        return Some(Self::Bearer { realm, service, scope });
                    }
                }
                "basic" => basic = Some(Self::Basic),
                _ => {}
            }
            rest = after;
        }
        basic
    }
}

fn token(text: &str) -> Option<(&str, &str)> {
    let body = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !body(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// `name=value` pairs up to the next scheme, and the rest from there.
fn parameters(text: &str) -> (BTreeMap<String, String>, &str) {
    let mut found = BTreeMap::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while let Some((name, after)) = token(rest) {
        let Some(value) = after.trim_start().strip_prefix('=') else { break };
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => token(value).map_or((String::new(), ""), |(value, after)| (value.to_owned(), after)),
        };
        found.entry(name.to_ascii_lowercase()).or_insert(value);
        // Whatever else is there is noise up to the next comma.
        rest = after.find(',').and_then(|at| after.get(at + 1..)).unwrap_or("");
        rest = rest.trim_start_matches([' ', '\t', ',']);
    }
    (found, if token(rest).is_some() { rest } else { "" })
}

/// The text of a quoted string whose first quote is gone, and what is behind it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, text.get(at + 1..).unwrap_or("")),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer { realm: realm.to_owned(), service: own(service), scope: own(scope) }
    }

    #[test]
    fn challenges_of_real_registries() {
        let quay =
            r#"Bearer realm="https://quay.io/v2/auth",service="quay.io",scope="repository:a/b:pull,push""#;
        let wanted = bearer("https://quay.io/v2/auth", Some("quay.io"), Some("repository:a/b:pull,push"));
        assert_eq!(Challenge::parse(quay), Some(wanted));
        assert_eq!(Challenge::parse(r#"Basic realm="Registry Realm""#), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("basic"), Some(Challenge::Basic));
        let both = r#"Basic realm="x", bearer Realm = "https://a\"b/" , service=s"#;
        assert_eq!(Challenge::parse(both), Some(bearer("https://a\"b/", Some("s"), None)));
    }

    #[test]
    fn what_is_no_challenge_is_none() {
        for text in ["", " ", "Bearer", "Bearer service=\"x\"", "Negotiate abc==", "\"", "=", "Bearer realm"]
        {
            assert_eq!(Challenge::parse(text), None, "{text}");
        }
    }
}
