//! What is attached to a merged image, against the formats' own rules.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ci::attest::{Component, Contents, License, Made, provenance, spdx};
use ci::merge::{About, Found, Legs};
use model::image_names::Image;
use model::oci::ImageDigest;
use model::platform::Platform;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn digest(digit: char) -> ImageDigest {
    format!("sha256:{}", digit.to_string().repeat(64)).parse().unwrap()
}

fn about() -> About {
    About {
        source: Some("https://git.example/x".to_owned()),
        revision: Some("0c1e".to_owned()),
        version: Some("v1-cpu-x".to_owned()),
        created: Some("2026-11-22T00:00:00Z".to_owned()),
    }
}

#[test]
fn the_bill_of_materials_is_one_connected_document() {
    let component = |name: &str, license| Component {
        name: name.to_owned(),
        version: Some("1".to_owned()),
        license,
        location: None,
    };
    let contents: Vec<Contents> = ["linux/amd64", "linux/arm64"]
        .map(|platform| Contents {
            platform: platform.parse().unwrap(),
            digest: digest('a'),
            package: Some(("x".to_owned(), "cpu".to_owned())),
            components: vec![
                component("llama.cpp", License::Expression("MIT".to_owned())),
                component("libstdc++6", License::Texts(vec!["licenses/libstdc++6/copyright".to_owned()])),
            ],
        })
        .into();
    let document = spdx("v1-cpu-x", &digest('e'), &about(), &contents);
    assert_eq!(document["spdxVersion"], "SPDX-2.3");
    assert_eq!(document["creationInfo"]["created"], "2026-11-22T00:00:00Z");
    let packages = document["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 1 + 2 * 3);
    let mut ids = BTreeSet::from(["SPDXRef-DOCUMENT".to_owned()]);
    for package in packages {
        let id = package["SPDXID"].as_str().unwrap();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        assert!(id.strip_prefix("SPDXRef-").unwrap().chars().all(plain), "{id}");
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        for field in ["name", "downloadLocation", "licenseDeclared", "licenseConcluded", "copyrightText"] {
            assert!(package[field].is_string(), "{id} has no {field}");
        }
    }
    // Everything but the document itself is contained in something that is there.
    let relations = document["relationships"].as_array().unwrap();
    let reached: BTreeSet<String> = relations
        .iter()
        .map(|relation| {
            assert!(ids.contains(relation["spdxElementId"].as_str().unwrap()), "{relation}");
            relation["relatedSpdxElement"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(reached.len() + 1, ids.len());
    assert_eq!(packages[2]["licenseDeclared"], "MIT");
    assert_eq!(packages[3]["licenseDeclared"], "NOASSERTION");
    assert_eq!(packages[3]["licenseComments"], "in the image: licenses/libstdc++6/copyright");
    assert_eq!(spdx("v1-cpu-x", &digest('e'), &about(), &contents), document, "the same each time");
}

#[test]
fn the_provenance_names_the_image_its_legs_and_the_commit() {
    let platforms: [Platform; 1] = ["linux/amd64".parse().unwrap()];
    let found = Found {
        digest: digest('a'),
        size: 1,
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        platform: "linux/amd64".to_owned(),
        variant: None,
    };
    let legs = Legs::of(&Image::Backend("-cpu-x".parse().unwrap()), platforms, vec![found]).unwrap();
    let made = Made {
        suffix: "-cpu-x".to_owned(),
        event: "schedule".to_owned(),
        tags: vec!["v1-cpu-x".parse().unwrap()],
        builder: "urn:builder".to_owned(),
        invocation: None,
    };
    let repository = "quay.io/o/backends".parse().unwrap();
    let statement: Value = provenance(&repository, &digest('e'), &legs, &about(), &made);
    let (leg, index) = ("a".repeat(64), "e".repeat(64));
    assert_eq!(
        statement,
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "name": "quay.io/o/backends", "digest": { "sha256": index } }],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {
                    "buildType": "urn:xtask:merge:v1",
                    "externalParameters": { "suffix": "-cpu-x", "event": "schedule", "tags": ["v1-cpu-x"] },
                    "resolvedDependencies": [
                        { "uri": "git+https://git.example/x", "digest": { "gitCommit": "0c1e" } },
                        {
                            "name": "linux/amd64",
                            "uri": format!("oci://quay.io/o/backends@sha256:{leg}"),
                            "digest": { "sha256": leg },
                        },
                    ],
                },
                "runDetails": { "builder": { "id": "urn:builder" }, "metadata": {} },
            },
        })
    );
}
