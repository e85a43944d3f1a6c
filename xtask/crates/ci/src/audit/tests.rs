//! Each promise broken, one at a time.

use super::*;
use model::base::{Base, Toolkit};
use model::grpc::Grpc;
use model::host::Distro;
use model::image_names::CacheTag;
use model::name::RootName;
use model::oci::{ImageDigest, Repository};
use model::platform::Platform;
use model::root_image::RootImage;
use model::unit::UnitId;
use plan::presence::Answers;
use std::collections::{BTreeMap, BTreeSet};

const NAME: &str = "latest";

fn digest(digit: char) -> ImageDigest {
    format!("sha256:{}", digit.to_string().repeat(64)).parse().unwrap()
}

fn key(digit: char) -> model::key::Key {
    digit.to_string().repeat(64).parse().unwrap()
}

fn repository(name: &str) -> Repository {
    format!("registry.example/{name}").parse().unwrap()
}

fn platforms() -> [Platform; 2] {
    ["linux/amd64", "linux/arm64"].map(|text| text.parse().unwrap())
}

fn promise() -> Promise {
    let leg = |(platform, digit)| {
        let unit = UnitId { backend: "x".parse().unwrap(), variant: "cpu".parse().unwrap(), platform };
        (platform, Leg { of: Part::Unit(unit), key: Some(key(digit)), floats: false })
    };
    Promise {
        image: model::image_names::Image::Backend("-cpu-x".parse().unwrap()),
        legs: platforms().into_iter().zip(['1', '2']).map(leg).collect(),
    }
}

fn image(platform: Platform, digit: char) -> Image {
    let package = Package {
        backend: "x".to_owned(),
        variant: "cpu".to_owned(),
        platform: platform.to_string(),
        missing: Vec::new(),
    };
    Image {
        platform: platform.to_string(),
        key: Some(digit.to_string().repeat(64)),
        entrypoint: Some("/run".to_owned()),
        files: Files::Read { entry: Entry::Program, package: Some(package) },
    }
}

/// The answers of a cache repository that has the images of these keys.
fn kept(digits: &[char]) -> Answers {
    let tag = |digit: char| CacheTag::Image(key(digit)).tag();
    let found = ['1', '2'].map(|digit| (tag(digit), digits.contains(&digit).then(|| digest('a'))));
    Answers { found: found.into(), ..Answers::default() }
}

/// Two repositories that keep the promise.
fn seen() -> Seen {
    let [amd64, arm64] = platforms();
    let legs = vec![(amd64.to_string(), digest('a')), (arm64.to_string(), digest('b'))];
    let there = |name| SeenRepository {
        repository: repository(name),
        tags: BTreeMap::from([(
            "latest-cpu-x".parse().unwrap(),
            Named { digest: digest('c'), legs: legs.clone(), version: None },
        )]),
        gone: BTreeSet::new(),
        blobs_gone: BTreeMap::new(),
        unpromised: BTreeSet::new(),
    };
    Seen {
        repositories: vec![there("one"), there("two")],
        images: BTreeMap::from([(digest('a'), image(amd64, '1')), (digest('b'), image(arm64, '2'))]),
        kept: Some(kept(&['1', '2'])),
    }
}

/// The one finding after a change, in words.
#[track_caller]
fn one(change: impl FnOnce(&mut Seen)) -> String {
    let mut seen = seen();
    change(&mut seen);
    let report = compare(&[promise()], NAME, &seen);
    assert_eq!(report.findings.len(), 1, "{report:#?}");
    let Finding { repository, what, .. } = &report.findings[0];
    let place = repository.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
    format!("{:?}{place}: {what}", what.group())
}

fn first(seen: &mut Seen) -> &mut Named {
    seen.repositories[0].tags.values_mut().next().unwrap()
}

fn package(seen: &mut Seen, digit: char, change: impl FnOnce(&mut Entry, &mut Option<Package>)) {
    let Some(Image { files: Files::Read { entry, package }, .. }) = seen.images.get_mut(&digest(digit))
    else {
        panic!("there is no such image")
    };
    change(entry, package);
}

#[test]
fn kept_promises_are_no_findings() {
    let report = compare(&[promise()], NAME, &seen());
    assert_eq!(report, Report::default());
    assert!(report.is_complete());
}

#[test]
fn what_is_not_there_is_named_where_it_is_not() {
    let missing = one(|seen| seen.repositories[1].tags.clear());
    assert_eq!(missing, "Missing in registry.example/two: there is no such tag");
    assert!(one(|seen| drop(first(seen).legs.pop())).ends_with("one: has no image for linux/arm64"));
    let extra = one(|seen| first(seen).legs.push(("linux/s390x".to_owned(), digest('d'))));
    assert!(
        extra.starts_with("Platforms in registry.example/one") && extra.contains("linux/s390x"),
        "{extra}"
    );
    let twice = one(|seen| first(seen).legs.push(("linux/amd64".to_owned(), digest('d'))));
    assert!(twice.contains("there already"), "{twice}");
    let gone = one(|seen| seen.repositories[0].gone.extend([digest('b')]));
    assert!(gone.starts_with("Broken") && gone.contains("sha256:bbb"), "{gone}");
    let blob = one(|seen| {
        seen.repositories[1].blobs_gone.insert(digest('a'), BTreeSet::from([digest('e')]));
    });
    assert!(blob.starts_with("Broken in registry.example/two") && blob.contains("sha256:eee"), "{blob}");
}

#[test]
fn repositories_must_agree() {
    let differs = one(|seen| first(seen).digest = digest('d'));
    assert!(differs.starts_with("Disagreement: registry.example/one has sha256:ddd"), "{differs}");
}

#[test]
fn images_must_be_what_they_are_listed_as() {
    let wrong = one(|seen| seen.images.get_mut(&digest('b')).unwrap().platform = "linux/amd64".to_owned());
    assert_eq!(wrong, "Contents: the image for linux/arm64 says it is for linux/amd64");
    let nothing = one(|seen| seen.images.get_mut(&digest('b')).unwrap().entrypoint = None);
    assert_eq!(nothing, "Contents: the image for linux/arm64 starts nothing");
    let missing = one(|seen| package(seen, 'a', |entry, _| *entry = Entry::Missing));
    assert_eq!(missing, "Contents: the image for linux/amd64 starts /run, which is not in it");
    let plain = one(|seen| package(seen, 'a', |entry, _| *entry = Entry::NotExecutable));
    assert!(plain.contains("cannot be executed"), "{plain}");
    assert!(one(|seen| package(seen, 'a', |_, package| *package = None)).contains("no package.json"));
    let other =
        one(|seen| package(seen, 'a', |_, package| package.as_mut().unwrap().variant = "vulkan".to_owned()));
    assert!(other.contains("holds the package x · vulkan · linux/amd64"), "{other}");
    let engine = one(|seen| {
        let lost = (1..=7).map(|number| format!("lib/{number}.so")).collect();
        package(seen, 'a', |_, package| package.as_mut().unwrap().missing = lost);
    });
    assert!(engine.contains("lacks 7 files") && engine.ends_with("lib/5.so …"), "{engine}");
}

#[test]
fn images_must_be_of_this_checkout_unless_they_float() {
    let old = |seen: &mut Seen| seen.images.get_mut(&digest('a')).unwrap().key = Some("9".repeat(64));
    let stale = one(old);
    assert!(stale.starts_with("Outdated: x · cpu · linux/amd64 has key 999999999999, this"), "{stale}");
    let unbuilt = one(|seen| seen.kept = Some(kept(&['1'])));
    assert!(unbuilt.contains("linux/arm64 is not built: there is no img-222222222222…"), "{unbuilt}");

    let mut floating = promise();
    floating.legs.values_mut().for_each(|leg| leg.floats = true);
    let mut seen = seen();
    old(&mut seen);
    seen.kept = Some(kept(&[]));
    let report = compare(&[floating], NAME, &seen);
    assert!(report.is_complete());
    assert_eq!(report.notes.len(), 3, "{report:#?}");
}

#[test]
fn what_was_not_looked_at_and_what_nobody_promised_are_notes() {
    let mut seen = seen();
    seen.images.get_mut(&digest('a')).unwrap().files = Files::Unread(5_000_000_000);
    seen.repositories[0].unpromised.insert("latest-cpu-old".parse().unwrap());
    seen.kept = None;
    let report = compare(&[promise()], NAME, &seen);
    assert!(report.is_complete());
    let notes: Vec<String> = report.notes.iter().map(|note| note.what.to_string()).collect();
    assert_eq!(
        notes,
        ["no manifest promises latest-cpu-old", "the layers of the image for linux/amd64 have 5000 MB"]
    );
}

#[test]
fn tags_of_other_versions_are_not_those_of_this_one() {
    let is = |tag: &str, name| resembles(&tag.parse().unwrap(), name);
    assert!(is("latest-cpu-x", "latest") && is("v1.2.3-piper", "v1.2.3"));
    for tag in ["latest", "v1.2.3-rc.1-cpu-x", "v1.2.3-1-cpu-x", "v1.2.30-cpu-x", "sha-1234567-cpu-x"] {
        assert!(!is(tag, "v1.2.3"), "{tag}");
    }
}

#[test]
fn root_images_are_promises_without_a_package() {
    let base = Base {
        image: "ubuntu:24.04".to_owned(),
        distro: Distro::Ubuntu2404,
        toolkit: Toolkit::Cpu,
        cuda: None,
        skip_drivers: false,
        grpc: Grpc::System,
    };
    let name: RootName = "core".parse().unwrap();
    let core = RootImage { name: name.clone(), suffix: None, platforms: platforms().into(), base };
    let rows = BTreeMap::from([(name, core)]);
    let promises = roots(&rows, |_, _| Some(key('1')));
    let core = promises.iter().find(|promise| promise.image.suffix().is_empty()).unwrap();
    assert_eq!(core.tag("v1").unwrap().as_str(), "v1");
    let legs: Vec<_> = core.legs.keys().map(|platform| (platform.to_string(), digest('a'))).collect();
    let mut image = image(platforms()[0], '1');
    image.files = Files::Read { entry: Entry::Program, package: None };
    let images = legs
        .iter()
        .map(|(platform, digest)| (digest.clone(), Image { platform: platform.clone(), ..image.clone() }));
    let mut seen = seen();
    for there in &mut seen.repositories {
        there.tags = BTreeMap::from([(
            "v1".parse().unwrap(),
            Named { digest: digest('c'), legs: legs[..1].to_vec(), version: None },
        )]);
    }
    seen.images = images.take(1).collect();
    let report = compare(std::slice::from_ref(core), "v1", &seen);
    let told: Vec<_> = report.findings.iter().map(|finding| finding.what.to_string()).collect();
    assert_eq!(told, ["has no image for linux/arm64"; 2], "{report:#?}");
}
