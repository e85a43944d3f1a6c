//! What nobody else is to read goes from a text: secrets, names of users, paths of homes.

use camino::Utf8Path;
use serde_json::Value;

/// Parts of the names of variables that hold secrets.
const SECRET: [&str; 8] = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "_KEY", "AUTH", "COOKIE"];
/// How tokens begin that are known by their beginning.
const TOKENS: [&str; 12] =
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "hf_", "sk-", "xoxb-", "AKIA", "eyJ"];
/// What stands before a secret, in any case.
const BEFORE: [&str; 6] = ["bearer ", "basic ", "password=", "token=", "secret=", "password: "];
/// Directories whose entries are people.
const HOMES: [&str; 2] = ["/Users/", "/home/"];
/// Shorter values of variables are words that occur anywhere.
const SHORTEST: usize = 6;

/// Replaces all of it.
pub struct Redact {
    /// Texts, the longest first, with what stands for them.
    texts: Vec<(String, String)>,
    /// Names that go where they are words.
    names: Vec<String>,
}

impl Redact {
    /// By the user's variables; `places` are directories with what stands for them.
    pub fn new(variables: impl Iterator<Item = (String, String)>, places: &[(&Utf8Path, &str)]) -> Self {
        let mut texts: Vec<(String, String)> =
            places.iter().map(|(dir, word)| (dir.to_string(), (*word).to_owned())).collect();
        let mut names = Vec::new();
        for (name, value) in variables {
            let upper = name.to_uppercase();
            match upper.as_str() {
                "HOME" if value.len() > 1 => texts.push((value, "~".to_owned())),
                "USER" | "LOGNAME" | "USERNAME" | "SUDO_USER" | "HOSTNAME" if !value.is_empty() => {
                    names.push(value);
                }
                _ if value.len() >= SHORTEST && SECRET.iter().any(|part| upper.contains(part)) => {
                    texts.push((value, "<secret>".to_owned()));
                }
                _ => {}
            }
        }
        texts.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self { texts, names }
    }

    /// Every text in a document.
    pub fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(all) => all.into_iter().map(|value| self.value(value)).collect(),
            Value::Object(all) => {
                all.into_iter().map(|(key, value)| (self.text(&key), self.value(value))).collect()
            }
            other => other,
        }
    }

    fn text(&self, text: &str) -> String {
        let mut text = transfer::redact(text);
        for (from, to) in &self.texts {
            text = text.replace(from, to);
        }
        for home in HOMES {
            text = after(&text, home, "<user>", |c| c == '/' || !is_of_word(c) && !".-".contains(c), false);
        }
        for before in BEFORE {
            text = after(&text, before, "<secret>", |c| c.is_whitespace() || "\"'&,;".contains(c), true);
        }
        for token in TOKENS {
            text = tokens(&text, token);
        }
        self.names.iter().fold(text, |text, name| words(&text, name, "<user>"))
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Replaces what follows each `before`, up to where `ends` says.
fn after(text: &str, before: &str, with: &str, ends: fn(char) -> bool, any_case: bool) -> String {
    let folded = if any_case { text.to_ascii_lowercase() } else { text.to_owned() };
    let (mut out, mut at) = (String::new(), 0);
    while let Some(found) = folded[at..].find(before) {
        let start = at + found + before.len();
        let end = text[start..].find(ends).map_or(text.len(), |len| start + len);
        out.push_str(&text[at..start]);
        out.push_str(if end > start { with } else { "" });
        at = end;
    }
    out + &text[at..]
}

/// Replaces words that begin as a token does and are as long as one.
fn tokens(text: &str, beginning: &str) -> String {
    let is_part = |c: char| is_of_word(c) || "-.".contains(c);
    let (mut out, mut at) = (String::new(), 0);
    while let Some(found) = text[at..].find(beginning) {
        let start = at + found;
        let end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |len| start + len);
        let begins = text[..start].chars().next_back().is_none_or(|c| !is_of_word(c));
        out.push_str(&text[at..start]);
        out.push_str(if begins && end - start >= 20 { "<secret>" } else { &text[start..end] });
        at = end;
    }
    out + &text[at..]
}

/// Replaces a name where it is a word of its own.
fn words(text: &str, name: &str, with: &str) -> String {
    let (mut out, mut at) = (String::new(), 0);
    while let Some(found) = text[at..].find(name) {
        let (start, end) = (at + found, at + found + name.len());
        let free = |c: Option<char>| c.is_none_or(|c| !is_of_word(c));
        let alone = free(text[..start].chars().next_back()) && free(text[end..].chars().next());
        out.push_str(&text[at..start]);
        out.push_str(if alone { with } else { name });
        at = end;
    }
    out + &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let variables = [
            ("HOME", "/Users/jane"),
            ("USER", "jane"),
            ("HOSTNAME", "janes-mac"),
            ("QUAY_PASSWORD", "hunter2hunter2"),
            ("API_KEY", "short"),
            ("LANG", "de_CH.UTF-8"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Redact::new(variables.into_iter(), &[("/Users/jane/repo".into(), "<checkout>")]).text(text)
    }

    #[test]
    fn secrets_and_people_go_and_the_rest_stays() {
        let token = format!("ghp_{}", "a1".repeat(18));
        for (text, wanted) in [
            ("/Users/jane/repo/a.c:3: error", "<checkout>/a.c:3: error"),
            ("in /Users/jane/Library/Caches", "in ~/Library/Caches"),
            ("/Users/john.d/x and /home/ci", "/Users/<user>/x and /home/<user>"),
            ("jane on janes-mac, not janet", "<user> on <user>, not janet"),
            ("login hunter2hunter2!", "login <secret>!"),
            ("a short key", "a short key"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer <secret>"),
            ("https://u:p@host/a?x=1", "https://***@host/a?***"),
            ("url?TOKEN=abc&b=1", "url?TOKEN=<secret>&b=1"),
            ("de_CH.UTF-8 sk-learn hf_hub", "de_CH.UTF-8 sk-learn hf_hub"),
            ("Apple clang version 16.0.0", "Apple clang version 16.0.0"),
        ] {
            assert_eq!(told(text), wanted);
        }
        assert_eq!(told(&format!("x={token};")), "x=<secret>;");
    }

    #[test]
    fn all_texts_of_a_document_are_looked_at() {
        let value = serde_json::json!({ "/home/x/a": ["jane", 1, { "b": "/Users/jane" }] });
        let redact = Redact::new([("USER".to_owned(), "jane".to_owned())].into_iter(), &[]);
        let wanted = serde_json::json!({ "/home/<user>/a": ["<user>", 1, { "b": "/Users/<user>" }] });
        assert_eq!(redact.value(value), wanted);
    }
}
