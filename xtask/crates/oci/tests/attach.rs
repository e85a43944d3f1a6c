//! What is attached is listed by the registry, else by the tag that stands in for its list.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::faults::{Fate, Proxy};
use common::{client, digest, repository};

/// A manifest of nothing much about another one.
fn manifest() -> String {
    let descriptor = |kind: &str, number| {
        format!("{{\"mediaType\":\"{kind}\",\"digest\":\"{}\",\"size\":2}}", digest(number))
    };
    format!(
        "{{\"schemaVersion\":2,\"artifactType\":\"application/x\",\"config\":{},\"layers\":[],\"subject\":{}}}",
        descriptor("application/vnd.oci.empty.v1+json", 1),
        descriptor("application/vnd.oci.image.index.v1+json", 2),
    )
}

fn fallback() -> String {
    format!("/v2/team/cache/manifests/{}", digest(2).replace(':', "-"))
}

#[test]
fn a_registry_that_keeps_the_list_is_told_once() {
    let proxy = Proxy::alone(|_| Fate::answer(201, "").with("OCI-Subject", digest(2)));
    let attached = client().attach(&repository(&proxy), manifest().as_bytes()).unwrap();
    assert_eq!(attached, oci::ImageDigest::sha256(manifest().as_bytes()));
    assert_eq!(proxy.lines(), [format!("PUT /v2/team/cache/manifests/{attached}")]);
}

#[test]
fn one_that_keeps_none_gets_it_under_a_tag() {
    let absent = fallback();
    let proxy = Proxy::alone(move |asked| match asked.method.as_str() {
        "GET" if asked.path == absent => Fate::answer(404, ""),
        _ => Fate::answer(201, ""),
    });
    let attached = client().attach(&repository(&proxy), manifest().as_bytes()).unwrap();
    let expected = [
        format!("PUT /v2/team/cache/manifests/{attached}"),
        format!("GET {}", fallback()),
        format!("PUT {}", fallback()),
    ];
    assert_eq!(proxy.lines(), expected);
}

#[test]
fn what_is_listed_already_is_not_listed_again() {
    let attached = oci::ImageDigest::sha256(manifest().as_bytes());
    let listed = format!(
        "{{\"schemaVersion\":2,\"manifests\":[{{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\
         \"digest\":\"{attached}\",\"size\":1}}]}}"
    );
    let proxy = Proxy::alone(move |asked| match asked.method.as_str() {
        "GET" => Fate::answer(200, listed.as_str()),
        _ => Fate::answer(201, ""),
    });
    client().attach(&repository(&proxy), manifest().as_bytes()).unwrap();
    assert_eq!(proxy.lines().len(), 2, "{:?}", proxy.lines());
}

#[test]
fn what_is_about_nothing_is_not_attached() {
    let proxy = Proxy::alone(|_| Fate::answer(201, ""));
    let nothing = manifest().replace("subject", "object");
    let error = client().attach(&repository(&proxy), nothing.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("about nothing"), "{error}");
    assert!(proxy.lines().is_empty());
}
