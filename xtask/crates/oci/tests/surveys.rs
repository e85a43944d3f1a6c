//! Inventories: where dates come from, and what is read to get them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::faults::{Fate, Proxy};
use common::{client, repository, settings};
use oci::{Client, ImageDigest, Secret, Settings, Tag};
use std::collections::BTreeMap;

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

fn manifest(config: &str) -> String {
    let digest = ImageDigest::sha256(config.as_bytes());
    format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"c","digest":"{digest}","size":{}}},"layers":null}}"#,
        config.len()
    )
}

/// A list of one manifest.
fn list(child: &str) -> String {
    let kind = oci::media::OCI_MANIFEST;
    let (digest, size) = (ImageDigest::sha256(child.as_bytes()), child.len());
    format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{kind}","digest":"{digest}","size":{size}}}]}}"#
    )
}

#[test]
fn dates_come_from_configurations_also_of_what_a_list_lists() {
    let config = r#"{"created":"2026-01-02T03:04:05Z"}"#;
    let (dated, undated) = (manifest(config), manifest("{}"));
    let list = list(&dated);
    let named =
        BTreeMap::from([("dated", dated.clone()), ("list", list.clone()), ("undated", undated.clone())]);
    let texts = [dated, list, undated, config.to_owned(), "{}".to_owned()];
    let proxy = Proxy::alone(move |asked| {
        let end = asked.path.rsplit('/').next().unwrap();
        let text = named
            .get(end)
            .or_else(|| texts.iter().find(|text| ImageDigest::sha256(text.as_bytes()).to_string() == end));
        match text {
            _ if end.starts_with("list?") => {
                Fate::answer(200, r#"{"tags":["dated","gone","list","undated"]}"#)
            }
            Some(text) => Fate::answer(200, text.as_str())
                .with("Docker-Content-Digest", ImageDigest::sha256(text.as_bytes()).to_string()),
            None => Fate::answer(404, ""),
        }
    });
    let inventory = client().survey(&repository(&proxy)).unwrap();
    let written: Vec<(&str, Option<u64>)> =
        inventory.tags.iter().map(|(tag, tagged)| (tag.as_str(), tagged.written)).collect();
    assert_eq!(
        written,
        [("dated", Some(1_767_323_045)), ("list", Some(1_767_323_045)), ("undated", None)],
        "a tag that went away in between is none"
    );
    let shared = inventory.bytes(&[tag("dated"), tag("list")]);
    assert_eq!(shared, inventory.bytes(&[tag("list")]));
}

#[test]
fn quay_is_asked_for_dates_and_for_nothing_twice() {
    let (first, second) = (manifest("{}"), manifest(r#"{"a":1}"#));
    let row = |name: &str, text: &str, at: u64| {
        format!(
            r#"{{"name":"{name}","manifest_digest":"{}","start_ts":{at}}}"#,
            ImageDigest::sha256(text.as_bytes())
        )
    };
    let pages = [
        format!(r#"{{"tags":[{},{}],"has_additional":true}}"#, row("a", &first, 7), row("b", &first, 8)),
        format!(r#"{{"tags":[{}],"has_additional":false}}"#, row("c", &second, 9)),
    ];
    let proxy = Proxy::alone(move |asked| {
        let end = asked.path.rsplit('/').next().unwrap();
        let page = |at: usize| Fate::answer(200, pages[at].as_str());
        match asked.path.rsplit('=').next().unwrap() {
            "1" if asked.header("authorization") == "Bearer oauth" => page(0),
            "2" if asked.header("authorization") == "Bearer oauth" => page(1),
            _ => {
                match [&first, &second]
                    .into_iter()
                    .find(|text| ImageDigest::sha256(text.as_bytes()).to_string() == end)
                {
                    Some(text) => Fate::answer(200, text.as_str()),
                    None => Fate::answer(404, ""),
                }
            }
        }
    });
    let quay =
        Settings { quay_token: Some(Secret::new("oauth")), quay_hosts: vec![proxy.address()], ..settings() };
    let inventory = Client::new(quay).survey(&repository(&proxy)).unwrap();
    let written: Vec<Option<u64>> = inventory.tags.values().map(|tagged| tagged.written).collect();
    assert_eq!(written, [Some(7), Some(8), Some(9)]);
    assert_eq!(proxy.lines().len(), 4, "two pages and two manifests: {:#?}", proxy.lines());
}
