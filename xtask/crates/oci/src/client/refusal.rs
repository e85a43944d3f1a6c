//! What registries say when they refuse: the error document of the distribution specification.

use serde::Deserialize;

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    errors: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// Longest text repeated from a registry.
const LONGEST: usize = 300;

/// The codes and messages of an error document as `: CODE: message`, or nothing.
pub(crate) fn detail(body: &[u8]) -> String {
    let Ok(document) = serde_json::from_slice::<Document>(body) else { return String::new() };
    let texts: Vec<String> = document
        .errors
        .iter()
        .map(|entry| match (entry.code.as_str(), entry.message.as_str()) {
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        })
        .filter(|text| !text.is_empty())
        .collect();
    if texts.is_empty() {
        return String::new();
    }
    let text: String =
        texts.join("; ").chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    format!(": {text}")
}

/// Does the error document name this code?
pub(crate) fn has_code(body: &[u8], code: &str) -> bool {
    serde_json::from_slice::<Document>(body)
        .is_ok_and(|document| document.errors.iter().any(|entry| entry.code == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_repeated() {
        let body =
            br#"{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported.","detail":{}}]}"#;
        assert_eq!(detail(body), ": UNSUPPORTED: The operation is unsupported.");
        assert!(has_code(body, "UNSUPPORTED") && !has_code(body, "DENIED"));
        for body in [&b""[..], b"<html>", b"{}", br#"{"errors":[{}]}"#] {
            assert_eq!(detail(body), "");
        }
        assert_eq!(detail(br#"{"errors":[{"message":"a\u001b[31mb"}]}"#), ": a [31mb");
    }
}
