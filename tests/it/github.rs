//! GitHub's API as far as the filter asks it, with the answers of the real one, on a port of this machine.

use crate::faults::{Asked, Fate, Proxy};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the API knows.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Changed files, of pull requests and comparisons alike.
    pub files: Vec<String>,
    /// Texts by `path@commit`.
    pub contents: BTreeMap<String, String>,
    /// Contents are answered as JSON, as by a proxy that drops the media type.
    pub as_json: bool,
    /// Every answer is this one instead.
    pub instead: Option<(u16, String)>,
}

/// The API of `mudler/LocalAI`, until it is dropped.
pub struct GitHub(Proxy);

impl GitHub {
    pub fn start(known: Known) -> Self {
        Self(Proxy::alone(move |asked| answer(&known, asked)))
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.0.address())
    }

    /// Paths and queries of every request so far, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// The credentials that were sent first.
    pub fn authorization(&self) -> String {
        self.0.asked().first().map(|asked| asked.header("authorization").to_owned()).unwrap_or_default()
    }
}

fn answer(known: &Known, asked: &Asked) -> Fate {
    if let Some((status, body)) = &known.instead {
        return Fate::answer(*status, body.as_bytes()).with("content-type", "application/json");
    }
    let json = |value: Value| {
        Fate::answer(200, value.to_string()).with("content-type", "application/json; charset=utf-8")
    };
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let query = |name: &str| {
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
    };
    let rows = |files: &[String]| -> Value {
        files.iter().map(|file| json!({ "filename": file, "status": "modified" })).collect()
    };
    let Some(rest) = path.strip_prefix("/repos/mudler/LocalAI/") else { return Fate::answer(404, "{}") };
    if rest.starts_with("compare/") {
        let told = &known.files[..known.files.len().min(300)];
        json(json!({ "status": "ahead", "files": rows(told) }))
    } else if rest.starts_with("pulls/") {
        let (page, size): (usize, usize) =
            (query("page").parse().unwrap_or(1), query("per_page").parse().unwrap_or(30));
        let from = ((page - 1) * size).min(known.files.len());
        json(rows(&known.files[from..(from + size).min(known.files.len())]))
    } else if let Some(file) = rest.strip_prefix("contents/") {
        match known.contents.get(&format!("{file}@{}", query("ref"))) {
            None => Fate::answer(404, r#"{"message":"Not Found"}"#),
            Some(text) if known.as_json => {
                let encoded = STANDARD.encode(text);
                let lines: Vec<&str> =
                    encoded.as_bytes().chunks(60).filter_map(|line| std::str::from_utf8(line).ok()).collect();
                json(json!({ "encoding": "base64", "content": lines.join("\n") }))
            }
            Some(text) => Fate::answer(200, text.as_bytes())
                .with("content-type", "application/vnd.github.raw+json; charset=utf-8"),
        }
    } else {
        Fate::answer(404, "{}")
    }
}
