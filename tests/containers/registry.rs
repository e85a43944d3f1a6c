//! The registry client with a real registry, and with one whose connections break.

use crate::checkout::temporary;
use crate::faults::{Asked, Fate, Proxy};
use crate::testbed::Registry;
use camino::Utf8Path;
use oci::{Arrival, Backoff, Client, ImageDigest, Manifest, RegistryError, Repository, Settings, Tag};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Settings under which no wait is long.
pub fn settings() -> Settings {
    let short = Duration::from_millis(10);
    let backoff = Backoff { first: short, longest: short, ..Backoff::default() };
    Settings { backoff, stall: Duration::from_secs(5), ..Settings::anonymous() }
}

pub fn client() -> Client {
    Client::new(settings())
}

pub fn named(address: &str, name: &str) -> Repository {
    format!("{address}/{name}").parse().unwrap()
}

pub fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

/// Bytes that do not repeat.
fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut step = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..bytes).map(|_| step()).collect()
}

/// Pushes an image of one layer and returns its digest.
pub fn push(repository: &Repository, name: &str, layer: &[u8], created: &str) -> ImageDigest {
    let client = client();
    let layers = [client.push_bytes(repository, layer).unwrap()];
    push_layers(repository, name, &[(layers[0].clone(), layer.len())], created)
}

/// Pushes an image of layers that are there.
pub fn push_layers(
    repository: &Repository,
    name: &str,
    layers: &[(ImageDigest, usize)],
    created: &str,
) -> ImageDigest {
    let client = client();
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","created":"{created}","rootfs":{{"type":"layers","diff_ids":[]}}}}"#
    );
    let digest = client.push_bytes(repository, config.as_bytes()).unwrap();
    let layers: Vec<String> = layers
        .iter()
        .map(|(digest, size)| format!(r#"{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{digest}","size":{size}}}"#))
        .collect();
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":{size}}},"layers":[{layers}]}}"#,
        kind = oci::media::OCI_MANIFEST,
        size = config.len(),
        layers = layers.join(",")
    );
    client.put_manifest(repository, &tag(name).into(), manifest.as_bytes(), oci::media::OCI_MANIFEST).unwrap()
}

fn written(dir: &Utf8Path, name: &str, bytes: &[u8]) -> camino::Utf8PathBuf {
    let path = dir.join(name);
    fs_err::write(&path, bytes).unwrap();
    path
}

#[test]
fn an_image_goes_in_comes_out_and_goes_away() {
    let registry = Registry::start();
    let repository = named(registry.address(), "team/cache");
    let client = client();
    assert_eq!(client.resolve(&repository, &tag("a")).unwrap(), None, "of a repository that is not there");
    assert!(client.tags(&repository).unwrap().is_empty());

    let layer = noise(100_000, 1);
    let digest = push(&repository, "a", &layer, "2026-01-02T03:04:05Z");
    client.tag(&repository, &digest, &tag("b")).unwrap();
    assert_eq!(client.tags(&repository).unwrap(), [tag("a"), tag("b")].into());
    let found = client.exists_many(&repository, &[tag("a"), tag("b"), tag("c")]).unwrap();
    let found: Vec<_> = found.into_values().collect();
    assert_eq!(found, [Some(digest.clone()), Some(digest.clone()), None]);

    let fetched = client.manifest(&repository, &tag("b").into()).unwrap();
    let Manifest::Image(image) = &fetched.manifest else { panic!("{fetched:?}") };
    let (_dir, dir) = temporary();
    client.blob(&repository, &image.layers[0].digest, &dir.join("layer")).unwrap();
    assert_eq!(fs_err::read(dir.join("layer")).unwrap(), layer);

    assert!(client.delete(&repository, &digest).unwrap());
    assert!(!client.delete(&repository, &digest).unwrap(), "it is gone");
    assert_eq!(client.resolve(&repository, &tag("a")).unwrap(), None);
}

#[test]
fn an_image_is_mounted_within_a_registry_and_sent_between_two() {
    let (here, there) = (Registry::start(), Registry::start());
    let proxy = Proxy::before(here.address(), |_| Fate::Pass);
    let (from, beside) = (named(&proxy.address(), "a/one"), named(&proxy.address(), "b/two"));
    let digest = push(&named(here.address(), "a/one"), "x", &noise(1 << 20, 2), "2026-01-02T03:04:05Z");
    let client = client();
    let copied = client.copy_image(&from, &tag("x").into(), &beside, &[tag("y")]).unwrap();
    assert_eq!(copied, digest);
    let lines = proxy.lines();
    assert!(lines.iter().any(|line| line.contains("mount=sha256")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.starts_with("PUT") && line.contains("/blobs/")), "{lines:#?}");

    let far = named(there.address(), "c/three");
    client.copy_image(&from, &digest.clone().into(), &far, &[tag("y"), tag("z")]).unwrap();
    for (repository, name) in [(&beside, "y"), (&far, "y"), (&far, "z")] {
        assert_eq!(client.resolve(repository, &tag(name)).unwrap().as_ref(), Some(&digest));
    }
    let fetched = client.manifest(&far, &digest.clone().into()).unwrap();
    for blob in fetched.manifest.blobs() {
        assert_eq!(client.copy_blob(&from, &far, &blob.digest).unwrap(), Arrival::Present);
    }
}

#[test]
fn an_upload_whose_connection_breaks_goes_on() {
    let registry = Registry::start();
    let seen = AtomicUsize::new(0);
    // The second and the fourth piece break in their middle.
    let proxy = Proxy::before(registry.address(), move |asked: &Asked| match asked.method.as_str() {
        "PATCH" if [1, 4].contains(&seen.fetch_add(1, Ordering::SeqCst)) => Fate::CutRequest(300_000),
        _ => Fate::Pass,
    });
    let repository = named(&proxy.address(), "team/cache");
    let client = Client::new(Settings { piece: 1 << 20, ..settings() });
    let (_dir, dir) = temporary();
    let bytes = noise(5 << 20, 3);
    let (digest, length, arrival) = client.push_blob(&repository, &written(&dir, "big", &bytes)).unwrap();
    assert_eq!((length, arrival), (5 << 20, Arrival::Sent));
    client.blob(&named(registry.address(), "team/cache"), &digest, &dir.join("back")).unwrap();
    assert!(fs_err::read(dir.join("back")).unwrap() == bytes);
    let begun = proxy.lines().iter().filter(|line| line.starts_with("POST")).count();
    assert!(begun <= 3, "{begun} uploads were begun");
    let again = client.push_blob(&repository, &dir.join("big")).unwrap();
    assert_eq!(again.2, Arrival::Present);
}

#[test]
fn a_small_upload_whose_connection_breaks_begins_again() {
    let registry = Registry::start();
    let seen = AtomicUsize::new(0);
    let proxy = Proxy::before(registry.address(), move |asked: &Asked| match asked.method.as_str() {
        "PUT" if seen.fetch_add(1, Ordering::SeqCst) == 0 => Fate::CutRequest(10_000),
        _ => Fate::Pass,
    });
    let repository = named(&proxy.address(), "team/cache");
    let (_dir, dir) = temporary();
    let bytes = noise(200_000, 4);
    let (digest, ..) = client().push_blob(&repository, &written(&dir, "blob", &bytes)).unwrap();
    assert_eq!(client().small_blob(&repository, &digest).unwrap(), bytes);
}

#[test]
fn a_download_whose_connection_breaks_goes_on_where_it_was() {
    let registry = Registry::start();
    let repository = named(registry.address(), "team/cache");
    let bytes = noise(2 << 20, 5);
    let digest = client().push_bytes(&repository, &bytes).unwrap();
    let seen = AtomicUsize::new(0);
    let proxy = Proxy::before(registry.address(), move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => Fate::CutAnswer(1 << 20),
        _ => Fate::Pass,
    });
    let (_dir, dir) = temporary();
    client().blob(&named(&proxy.address(), "team/cache"), &digest, &dir.join("blob")).unwrap();
    assert!(fs_err::read(dir.join("blob")).unwrap() == bytes);
    let asked = proxy.asked();
    assert_eq!(asked.len(), 2);
    let range = asked[1].header("range");
    let from: u64 = range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap();
    assert!(from > 900_000, "{range}");
}

#[test]
fn a_registry_that_dies_in_the_middle_is_unavailable_and_leaves_nothing() {
    let registry = Registry::start();
    let repository = named(registry.address(), "team/cache");
    let bytes = noise(2 << 20, 6);
    let digest = client().push_bytes(&repository, &bytes).unwrap();
    let proxy = Proxy::before(registry.address(), |_| Fate::CutAnswer(1000));
    let (_dir, dir) = temporary();
    let error =
        client().blob(&named(&proxy.address(), "team/cache"), &digest, &dir.join("blob")).unwrap_err();
    assert!(matches!(error, RegistryError::Unreachable { .. }), "{error}");
    assert_eq!(dir.read_dir_utf8().unwrap().count(), 0);
}

#[test]
fn deletion_that_is_switched_off_is_explained() {
    let registry = Registry::without_deletion();
    let repository = named(registry.address(), "team/cache");
    let digest = push(&repository, "a", b"layer", "2026-01-02T03:04:05Z");
    let error = client().delete(&repository, &digest).unwrap_err();
    assert!(matches!(error, RegistryError::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("REGISTRY_STORAGE_DELETE_ENABLED=true"), "{error}");
}

#[test]
fn referrers_are_found_where_the_registry_does_not_list_them() {
    let registry = Registry::start();
    let repository = named(registry.address(), "team/cache");
    let digest = push(&repository, "a", b"layer", "2026-01-02T03:04:05Z");
    assert!(client().referrers(&repository, &digest).unwrap().is_empty());
    let sbom = push(&repository, "sbom", b"{}", "2026-01-02T03:04:05Z");
    let size = client().manifest(&repository, &sbom.clone().into()).unwrap().bytes.len();
    let kind = oci::media::OCI_INDEX;
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{{"mediaType":"{}","digest":"{sbom}","size":{size}}}]}}"#,
        oci::media::OCI_MANIFEST
    );
    let name = digest.as_tag().unwrap();
    client().put_manifest(&repository, &name.into(), index.as_bytes(), kind).unwrap();
    let found = client().referrers(&repository, &digest).unwrap();
    assert_eq!(found.iter().map(|found| &found.digest).collect::<Vec<_>>(), [&sbom]);
}

#[test]
fn as_many_tags_as_a_release_has_are_asked_for_in_one_pass() {
    let registry = Registry::start();
    let repository = named(registry.address(), "team/cache");
    let digest = push(&repository, "img-0", b"layer", "2026-01-02T03:04:05Z");
    for number in (10..520).step_by(10) {
        client().tag(&repository, &digest, &tag(&format!("img-{number}"))).unwrap();
    }
    let tags: Vec<Tag> = (0..520).map(|number| tag(&format!("img-{number}"))).collect();
    let began = Instant::now();
    let found = client().exists_many(&repository, &tags).unwrap();
    let took = began.elapsed();
    println!("520 tags in {} ms", took.as_millis());
    assert_eq!(found.values().flatten().count(), 52);
    assert!(took < Duration::from_secs(10), "{took:?}");
}
