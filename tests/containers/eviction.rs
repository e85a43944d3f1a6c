//! `cache {ls,stat,evict,gc} --registry` with a real registry.

use crate::checkout::{Checkout, repository, temporary};
use crate::child::{self, Run};
use crate::registry::{client, named, push, push_layers, tag};
use crate::testbed::Registry;
use model::oci::{ImageDigest, Repository};
use serde_json::Value;
use std::collections::BTreeSet;
use tempfile::TempDir;

const OLD: &str = "2020-01-02T03:04:05Z";
const OLDER: &str = "2019-01-02T03:04:05Z";
/// No clock has come this far, so it is younger than any grace window.
const YOUNG: &str = "2100-01-02T03:04:05Z";
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// A registry with a cache, and this checkout with an empty local cache.
struct Scene {
    registry: Registry,
    cache: Repository,
    checkout: Checkout,
    _dir: TempDir,
}

impl Scene {
    fn new(registry: Registry) -> Self {
        let (dir, path) = temporary();
        let cache = named(registry.address(), "team/cache");
        Self { registry, cache, checkout: Checkout::at(repository(), path), _dir: dir }
    }

    /// `cargo xtask cache …` on the cache in the registry.
    #[track_caller]
    fn xtask(&self, args: &[&str]) -> Run {
        let cache = self.cache.to_string();
        let args: Vec<&str> =
            ["cache", args[0], "--registry", &cache].into_iter().chain(args[1..].iter().copied()).collect();
        self.checkout.xtask(&args)
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.xtask(&args).expect(0).out).unwrap()
    }

    fn tags(&self) -> BTreeSet<String> {
        client().tags(&self.cache).unwrap().iter().map(ToString::to_string).collect()
    }
}

fn image(digit: &str) -> String {
    format!("img-{}", digit.repeat(64))
}

fn set<'a>(tags: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    tags.into_iter().map(str::to_owned).collect()
}

/// Publishes an image of the cache in a list of images, as a merge does.
fn publish(scene: &Scene, digest: &ImageDigest, to: &Repository) {
    let (client, kind) = (client(), oci::media::OCI_INDEX);
    client.copy_image(&scene.cache, &digest.clone().into(), to, &[]).unwrap();
    let size = client.manifest(to, &digest.clone().into()).unwrap().bytes.len();
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{{"mediaType":"{}","digest":"{digest}","size":{size}}}]}}"#,
        oci::media::OCI_MANIFEST
    );
    client.put_manifest(to, &tag("v1.2.3").into(), index.as_bytes(), kind).unwrap();
}

#[test]
fn what_the_cache_holds_is_listed_and_measured() {
    let scene = Scene::new(Registry::start());
    let shared = client().push_bytes(&scene.cache, &[7; 5000]).unwrap();
    let own = client().push_bytes(&scene.cache, &[8; 1000]).unwrap();
    push_layers(&scene.cache, "cache-cpu-a-amd64", &[(shared.clone(), 5000)], OLD);
    push_layers(&scene.cache, &image("1"), &[(shared, 5000), (own, 1000)], EPOCH);
    push(&scene.cache, "ccache-llama-cpp-amd64-cpu", b"objects", OLDER);

    let list = scene.json(&["ls"]);
    let row = |at: usize| (list[at]["tag"].as_str().unwrap(), list[at]["kind"].as_str().unwrap());
    assert_eq!(row(0), ("cache-cpu-a-amd64", "layers"));
    assert_eq!(row(1), ("ccache-llama-cpp-amd64-cpu", "compiler-cache"));
    assert_eq!(row(2), (image("1").as_str(), "image"));
    assert_eq!(list[0]["written"], 1_577_934_245);
    assert_eq!(list[2]["written"], Value::Null, "1970 is no date");
    let bytes = |at: usize| list[at]["bytes"].as_u64().unwrap();
    assert!((5000..6500).contains(&bytes(0)) && (6000..7500).contains(&bytes(2)), "{list:#}");

    let stat = scene.json(&["stat"]);
    assert_eq!(stat["tags"], 3);
    assert_eq!(stat["bytes"].as_u64().unwrap(), (0..3).map(bytes).sum::<u64>() - 5000);
    assert_eq!(stat["shared"], 5000);
    scene.xtask(&["stat"]).expect(0).says("3 tags");
    let shown = scene.xtask(&["ls"]).expect(0).out;
    assert!(shown.contains("undated") && shown.contains(" d  cache-cpu-a-amd64"), "{shown}");
}

#[test]
fn a_collection_deletes_what_it_announced_and_nothing_that_is_needed() {
    let scene = Scene::new(Registry::start());
    let layer = |number: u8| vec![number; 100_000];
    let released = push(&scene.cache, &image("1"), &layer(1), OLDER);
    push(&scene.cache, &image("2"), &layer(2), OLD);
    push(&scene.cache, &image("3"), &layer(3), YOUNG);
    push(&scene.cache, "cache-cpu-a-amd64", &layer(4), OLDER);
    push(&scene.cache, "base-grpc-amd64", &layer(5), OLDER);
    push(&scene.cache, "v0.9", &layer(6), OLDER);
    push(&scene.cache, "ccache-llama-cpp-amd64-cpu", &layer(7), OLD);
    push(&scene.cache, "cache-cpu-b-amd64", &layer(8), OLD);
    let published = named(scene.registry.address(), "team/released");
    publish(&scene, &released, &published);

    let published = published.to_string();
    let gc = |more: &[&str]| -> Vec<String> {
        let args = ["gc", "--published", &published, "--grace", "7d", "--keep", "cache-cpu-b-amd64"];
        args.into_iter().chain(more.iter().copied()).map(str::to_owned).collect()
    };
    let call = |args: &[String]| -> Run { scene.xtask(&args.iter().map(String::as_str).collect::<Vec<_>>()) };

    let before = scene.registry.snapshot();
    let dry: Value =
        serde_json::from_str(&call(&gc(&["--budget", "0", "--dry-run", "--json"])).expect(0).out).unwrap();
    assert_eq!(scene.registry.snapshot(), before, "a dry run changes nothing");
    let removed: BTreeSet<String> = dry["removals"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|removal| removal["tags"].as_array().unwrap())
        .map(|tag| tag.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(removed, set([image("2").as_str(), "cache-cpu-a-amd64", "ccache-llama-cpp-amd64-cpu"]));
    assert_eq!(dry["removals"][0]["tags"][0], "cache-cpu-a-amd64", "the oldest first");
    let keep = |tag: &str| dry["kept"][tag].as_str().unwrap().to_owned();
    assert_eq!(keep(&image("1")), "published");
    assert_eq!(keep(&image("3")), "young");
    assert_eq!(
        [keep("base-grpc-amd64"), keep("v0.9"), keep("cache-cpu-b-amd64")],
        ["current", "foreign", "asked"]
    );

    // With room for seven of eight, only the oldest goes.
    let some = call(&gc(&["--budget", "750K"])).expect(0);
    assert!(some.err.contains("deleted 1 tags") && some.out.contains("cache-cpu-a-amd64"), "{some:?}");
    let rest = call(&gc(&["--budget", "0"])).expect(0).says("over the budget");
    assert!(rest.err.contains("deleted 2 tags"), "{rest:?}");
    let stays = [image("1"), image("3")];
    let stays = stays.iter().map(String::as_str).chain(["base-grpc-amd64", "v0.9", "cache-cpu-b-amd64"]);
    assert_eq!(scene.tags(), set(stays));
    call(&gc(&["--budget", "0"])).expect(0).says("deleted 0 tags");
}

#[test]
fn what_has_no_date_is_as_old_as_the_first_look() {
    let scene = Scene::new(Registry::start());
    push(&scene.cache, &image("1"), b"layer", EPOCH);
    let published = named(scene.registry.address(), "team/released").to_string();
    let gc = |grace: &str| scene.xtask(&["gc", "--published", &published, "--grace", grace, "--budget", "0"]);
    gc("7d").expect(0).says("deleted 0 tags");
    assert_eq!(scene.tags(), set([image("1").as_str(), "gc-dates"]));
    let list = scene.json(&["ls"]);
    let image = list.as_array().unwrap().iter().find(|row| row["kind"] == "image").unwrap();
    assert!(image["written"].as_u64().unwrap() > 1_700_000_000, "{list:#}");
    // Whatever was seen at all is older than no time.
    gc("0s").expect(0).says("deleted 1 tags");
    assert_eq!(scene.tags(), set(["gc-dates"]));
}

/// As a release does days after the build: what it is going to merge is old, and in use.
#[test]
fn an_image_that_is_used_again_is_as_old_as_its_last_use() {
    let scene = Scene::new(Registry::start());
    let listed = scene.checkout.xtask(&["list", "--units"]).expect(0).out;
    let units = listed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let keys = units.filter(|unit| ["lexical", "local-store"].contains(&unit[0]) && unit[3] != "-");
    let images: BTreeSet<String> = keys.map(|unit| format!("img-{}", unit[3])).collect();
    assert_eq!(images.len(), 4, "{listed}");
    for (name, number) in images.iter().zip(0u8..) {
        push(&scene.cache, name, &[number; 1000], OLD);
    }
    push(&scene.cache, &image("1"), b"of nobody", OLD);

    let event = scene.checkout.cache.with_file_name("event.json");
    fs_err::write(&event, r#"{"ref": "refs/tags/v1.2.3"}"#).unwrap();
    let cache = scene.cache.to_string();
    let matrix = || {
        let mut matrix = scene.checkout.command(&["matrix", "--registry", &cache]);
        matrix
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_EVENT_NAME", "push")
            .env("GITHUB_EVENT_PATH", &event);
        matrix.env("GITHUB_REF", "refs/tags/v1.2.3").env("GITHUB_REF_PROTECTED", "true");
        child::run(matrix, child::SHORT).expect(0)
    };
    let told = matrix();
    assert!(!told.err.contains("were not marked"), "{told:?}");
    matrix();
    let marks = images.iter().map(|image| image.replace("img-", "used-"));
    let used: BTreeSet<String> = images.iter().cloned().chain(marks).collect();
    let published = named(scene.registry.address(), "team/released").to_string();
    let gc =
        |grace| scene.xtask(&["gc", "--published", &published, "--grace", grace, "--budget", "0"]).expect(0);
    gc("7d").says("deleted 1 tags");
    assert_eq!(scene.tags(), used);
    let kinds = scene.json(&["ls"]);
    let marked = kinds.as_array().unwrap().iter().filter(|row| row["kind"] == "keepalive");
    assert_eq!(marked.count(), images.len(), "a second use moves the marks of the first");
    let first = images.first().unwrap();
    scene.xtask(&["evict", first]).expect(0).says("evicted 2 tags");
    gc("0s").says("deleted 6 tags");
    assert!(scene.tags().is_empty());
}

#[test]
fn nothing_is_deleted_while_it_is_unknown_what_is_published() {
    let scene = Scene::new(Registry::start());
    push(&scene.cache, &image("1"), b"layer", OLD);
    let gone = "127.0.0.1:1/team/released";
    let ran = scene.xtask(&["gc", "--published", gone, "--budget", "0"]).expect(1);
    assert!(ran.err.contains(gone) && ran.err.contains("must be known"), "{}", ran.err);
    assert_eq!(scene.tags(), set([image("1").as_str()]));
}

#[test]
fn tags_and_backends_are_evicted() {
    let scene = Scene::new(Registry::start());
    for (name, number) in ["cache-cpu-llama-cpp-amd64", "ccache-llama-cpp-amd64-cpu", "cache-cpu-other-amd64"]
        .into_iter()
        .zip(0u8..)
    {
        push(&scene.cache, name, &[number; 1000], OLD);
    }
    let ran = scene.xtask(&["evict", "cache-cpu-othr-amd64"]).expect(2);
    assert!(ran.err.contains("did you mean `cache-cpu-other-amd64`?"), "{}", ran.err);
    let ran = scene.xtask(&["evict", "--backend", "lama-cpp"]).expect(2);
    assert!(ran.err.contains("did you mean `llama-cpp`?"), "{}", ran.err);
    let before = scene.registry.snapshot();
    scene.xtask(&["evict", "--backend", "llama-cpp", "--dry-run"]).expect(0).says("would evict 2 tags");
    assert_eq!(scene.registry.snapshot(), before);
    let ran = scene.xtask(&["evict", "--backend", "llama-cpp"]).expect(0);
    assert!(ran.err.contains("evicted 2 tags"), "{}", ran.err);
    assert_eq!(scene.tags(), set(["cache-cpu-other-amd64"]));
    scene.xtask(&["evict", "cache-cpu-other-amd64"]).expect(0);
    assert!(scene.tags().is_empty());
}

#[test]
fn a_manifest_with_another_name_is_not_deleted() {
    let scene = Scene::new(Registry::start());
    let digest = push(&scene.cache, "cache-cpu-a-amd64", b"layer", OLD);
    client().tag(&scene.cache, &digest, &tag("cache-cpu-b-amd64")).unwrap();
    let ran = scene.xtask(&["evict", "cache-cpu-a-amd64"]);
    // A registry either deletes the tag alone, or says that it cannot.
    if ran.code() == 0 {
        assert_eq!(scene.tags(), set(["cache-cpu-b-amd64"]));
    } else {
        assert!(ran.err.contains("cannot be deleted alone"), "{}", ran.err);
        assert_eq!(scene.tags(), set(["cache-cpu-a-amd64", "cache-cpu-b-amd64"]));
    }
    assert_eq!(client().resolve(&scene.cache, &tag("cache-cpu-b-amd64")).unwrap(), Some(digest));
    scene.xtask(&["evict", "cache-cpu-b-amd64"]);
}

#[test]
fn a_registry_that_deletes_nothing_says_how_to_change_that() {
    let scene = Scene::new(Registry::without_deletion());
    push(&scene.cache, "cache-cpu-a-amd64", b"layer", OLD);
    let ran = scene.xtask(&["evict", "cache-cpu-a-amd64"]).expect(1);
    assert!(ran.err.contains("REGISTRY_STORAGE_DELETE_ENABLED=true"), "{}", ran.err);
    assert_eq!(scene.tags(), set(["cache-cpu-a-amd64"]));
    let ran = scene.checkout.xtask(&["cache", "ls", "--registry", "--offline"]).expect(2);
    assert!(ran.err.contains("--offline"), "{}", ran.err);
}
