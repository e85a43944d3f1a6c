//! What is merged, what is refused, and what is left to do after every interruption.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ci::merge::{About, Act, Attachment, Found, Holding, Legs, LegsError, Tagged, Wanted, acts, index};
use model::image_names::Image;
use model::oci::{ImageDigest, Tag};
use model::platform::Platform;
use std::collections::{BTreeMap, BTreeSet};

fn digest(digit: char) -> ImageDigest {
    format!("sha256:{}", digit.to_string().repeat(64)).parse().unwrap()
}

fn found(digit: char, platform: &str) -> Found {
    Found {
        digest: digest(digit),
        size: 100,
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        platform: platform.to_owned(),
        variant: None,
    }
}

fn image() -> Image {
    Image::Backend("-cpu-x".parse().unwrap())
}

fn both() -> [Platform; 2] {
    ["linux/arm64", "linux/amd64"].map(|text| text.parse().unwrap())
}

fn legs(found: Vec<Found>) -> Result<Legs, LegsError> {
    Legs::of(&image(), both(), found)
}

fn sound() -> Legs {
    legs(vec![found('a', "linux/amd64"), found('b', "linux/arm64")]).unwrap()
}

#[test]
fn exactly_the_platforms_are_merged() {
    let turned = legs(vec![found('b', "linux/arm64"), found('a', "linux/amd64"), found('b', "linux/arm64")]);
    assert_eq!(turned.unwrap(), sound(), "neither order nor repetition counts");
    let table = [
        (vec![], "no image for linux/amd64 and linux/arm64;"),
        (vec![found('a', "linux/amd64")], "no image for linux/arm64;"),
        (
            vec![found('a', "linux/amd64"), found('b', "linux/amd64")],
            "no image for linux/arm64; linux/amd64 has both",
        ),
        (
            vec![found('a', "linux/amd64"), found('b', "linux/arm64"), found('c', "linux/arm64")],
            "found: linux/arm64 has both sha256:bbb",
        ),
        (
            vec![found('a', "linux/amd64"), found('b', "linux/arm64"), found('c', "linux/s390x")],
            "found: sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc is for linux/s390x;",
        ),
        (
            vec![found('a', "linux/amd64"), found('b', "darwin/arm64")],
            "no image for linux/arm64; sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb is for darwin/arm64;",
        ),
    ];
    for (found, expected) in table {
        let error = legs(found).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("`-cpu-x`"), "{error}");
    }
}

#[test]
fn the_list_is_the_same_bytes_each_time() {
    let about = About {
        source: Some("https://git.example/x".to_owned()),
        revision: Some("0c1e".to_owned()),
        version: Some("v1-cpu-x".to_owned()),
        created: Some("2026-11-22T00:00:00Z".to_owned()),
    };
    let made = index(&sound(), &about).unwrap();
    let (a, b) = (digest('a'), digest('b'));
    let leg = |digest: &ImageDigest, arch: &str| {
        format!(
            "{{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"{digest}\",\"size\":100,\
             \"platform\":{{\"architecture\":\"{arch}\",\"os\":\"linux\"}}}}"
        )
    };
    let expected = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[{},{}],\
         \"annotations\":{{\"org.opencontainers.image.created\":\"2026-11-22T00:00:00Z\",\
         \"org.opencontainers.image.revision\":\"0c1e\",\
         \"org.opencontainers.image.source\":\"https://git.example/x\",\
         \"org.opencontainers.image.version\":\"v1-cpu-x\"}}}}",
        leg(&a, "amd64"),
        leg(&b, "arm64"),
    );
    assert_eq!(String::from_utf8(made).unwrap(), expected);
    let bare = String::from_utf8(index(&sound(), &About::default()).unwrap()).unwrap();
    assert!(!bare.contains("annotations"), "{bare}");
}

fn wanted() -> Wanted {
    let tags = ["v1-cpu-x", "latest-cpu-x"].map(|text| text.parse().unwrap());
    Wanted { legs: sound(), index: digest('e'), tags: tags.into(), sign: true, drop_platforms: false }
}

fn nothing() -> Holding {
    Holding {
        repository: "quay.io/o/backends".parse().unwrap(),
        legs: BTreeSet::new(),
        index: false,
        attached: BTreeSet::new(),
        signed: false,
        tags: BTreeMap::new(),
    }
}

/// What a repository has after one more thing was done there.
fn after(there: &mut Holding, act: &Act) {
    match act {
        Act::CopyLeg(digest) => drop(there.legs.insert(digest.clone())),
        Act::WriteIndex => {
            assert_eq!(there.legs.len(), 2, "the list is written when all that it names is there");
            there.index = true;
        }
        Act::Attach(attachment) => {
            assert!(there.index, "what something is attached to is there");
            there.attached.insert(*attachment);
        }
        Act::Sign => {
            assert!(there.index, "what is signed is there");
            there.signed = true;
        }
        Act::Tag(tag) => {
            assert!(there.index && there.signed && there.attached.len() == 2, "what a tag names is whole");
            let platforms = ["linux/amd64", "linux/arm64"].map(str::to_owned).into();
            there.tags.insert(tag.clone(), Tagged { digest: digest('e'), platforms });
        }
    }
}

#[test]
fn a_merge_that_was_broken_off_goes_on_where_it_was() {
    let all = acts(&wanted(), &nothing()).unwrap();
    assert_eq!(all.len(), 8, "{all:?}");
    for done in 0..=all.len() {
        let mut there = nothing();
        for act in &all[..done] {
            after(&mut there, act);
        }
        assert_eq!(acts(&wanted(), &there).unwrap(), all[done..], "after {done}");
    }
    let unsigned = Wanted { sign: false, ..wanted() };
    assert!(!acts(&unsigned, &nothing()).unwrap().contains(&Act::Sign));
    assert!(
        all.contains(&Act::Attach(Attachment::Sbom)) && all.contains(&Act::Attach(Attachment::Provenance))
    );
}

#[test]
fn a_tag_moves_from_an_older_image_and_loses_no_platform_by_it() {
    let mut there = nothing();
    let tag: Tag = "latest-cpu-x".parse().unwrap();
    let tagged = |platforms: &[&str]| Tagged {
        digest: digest('f'),
        platforms: platforms.iter().map(|platform| (*platform).to_owned()).collect(),
    };
    there.tags.insert(tag.clone(), tagged(&["linux/amd64"]));
    assert!(acts(&wanted(), &there).unwrap().contains(&Act::Tag(tag.clone())), "gaining one is fine");
    there.tags.insert(tag.clone(), tagged(&["linux/amd64", "linux/riscv64"]));
    let error = acts(&wanted(), &there).unwrap_err().to_string();
    assert!(error.contains("quay.io/o/backends:latest-cpu-x runs on linux/riscv64"), "{error}");
    let dropping = Wanted { drop_platforms: true, ..wanted() };
    assert!(acts(&dropping, &there).unwrap().contains(&Act::Tag(tag)));
}
