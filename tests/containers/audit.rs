//! What is promised and published, in real registries, and each promise broken.

use crate::checkout::{Checkout, temporary};
use crate::child::{self, Run, SHORT};
use crate::registry::{client, named, tag};
use crate::runner::stand_on_our_distribution;
use crate::testbed::Registry;
use oci::{ImageDigest, Manifest, media};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const BACKENDS: &str = "backends";
const CACHE: &str = "cache";
const SUFFIX: &str = "-cpu-tiny";
const ENGINE: &str = "lib/engine.so";

/// The image of one platform under its key, without the files that are left out.
fn push(registry: &Registry, platform: &str, key: &str, left_out: &[&str]) {
    let (_dir, work) = temporary();
    let root = work.join("root");
    fs_err::create_dir_all(root.join("lib")).unwrap();
    let mut files = serde_json::Map::new();
    for (path, text) in [("run", "#!/bin/sh\n"), (ENGINE, platform)] {
        files.insert(path.to_owned(), json!({ "blake3": "", "mode": "755", "size": text.len() }));
        if !left_out.contains(&path) {
            fs_err::write(root.join(path), text).unwrap();
            fs_err::set_permissions(root.join(path), PermissionsExt::from_mode(0o755)).unwrap();
        }
    }
    let package = json!({
        "components": {}, "extra_libraries": [], "files": files, "format": 1, "host_libraries": [], "key": key,
        "name": "tiny", "platform": platform, "variant": "cpu", "versions": {}
    });
    fs_err::write(root.join("package.json"), package.to_string()).unwrap();
    let layer = work.join("layer.tar");
    let mut archive = Command::new("tar");
    archive.args(["--create", "--file", layer.as_str(), "--directory", root.as_str(), "."]);
    child::run(archive, SHORT).expect(0);

    let repository = named(registry.address(), CACHE);
    let layer = fs_err::read(layer).unwrap();
    let (os, architecture) = platform.split_once('/').unwrap();
    let config = json!({
        "os": os, "architecture": architecture, "rootfs": { "type": "layers", "diff_ids": [] },
        "config": { "Entrypoint": ["/run"], "Labels": { "package.key": key } }
    });
    let blob = |kind: &str, bytes: &[u8]| {
        let digest = client().push_bytes(&repository, bytes).unwrap();
        json!({ "mediaType": kind, "digest": digest, "size": bytes.len() })
    };
    let manifest = json!({
        "schemaVersion": 2, "mediaType": media::OCI_MANIFEST,
        "config": blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes()),
        "layers": [blob("application/vnd.oci.image.layer.v1.tar", &layer)]
    });
    let bytes = manifest.to_string().into_bytes();
    client()
        .put_manifest(&repository, &tag(&format!("img-{key}")).into(), &bytes, media::OCI_MANIFEST)
        .unwrap();
}

/// A checkout with the tiny backend, published in two registries.
struct Bench {
    checkout: Checkout,
    here: Registry,
    there: Registry,
}

impl Bench {
    fn new(left_out: &[&str]) -> Self {
        let bench = Self { checkout: Checkout::tiny(), here: Registry::start(), there: Registry::start() };
        stand_on_our_distribution(&bench.checkout);
        let units = bench.xtask(&["list", "--units", "--json"]).expect(0).out;
        let units: Value = serde_json::from_str(&units).unwrap();
        assert_eq!(units.as_array().unwrap().len(), 2, "{units}");
        for unit in units.as_array().unwrap() {
            let text = |name: &str| unit[name].as_str().unwrap();
            push(&bench.here, text("platform"), text("key"), left_out);
        }
        let (cache, here) = (bench.here.repository(CACHE), bench.here.repository(BACKENDS));
        let there = bench.there.repository(BACKENDS);
        let merge = ["merge", "--tag-suffix", SUFFIX, "--tag", "v1", "--registry", &cache];
        let to = ["--publish-to", &here, "--publish-to", &there];
        bench.xtask(&[&merge[..], &to].concat()).expect(0).says("published sha256:");
        bench
    }

    /// The same in registries of their own.
    fn another(&self) -> Self {
        let (here, there) = (Registry::like(&self.here), Registry::like(&self.there));
        Self { checkout: Checkout::at(self.checkout.root.clone(), self.checkout.cache.clone()), here, there }
    }

    fn xtask(&self, args: &[&str]) -> Run {
        let mut command = self.checkout.command(args);
        for name in ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_SHA", "GITHUB_REF"] {
            command.env_remove(name);
        }
        child::run(command, SHORT)
    }

    fn audit(&self, more: &[&str]) -> Run {
        let (here, there) = (self.here.repository(BACKENDS), self.there.repository(BACKENDS));
        let cache = self.here.repository(CACHE);
        let args = ["audit", "--registry", &here, &there, "--cache", &cache];
        self.xtask(&[&args[..], more].concat())
    }

    /// Audits what is incomplete; what it says of it, and nothing else, as data.
    #[track_caller]
    fn findings(&self) -> Vec<Value> {
        let said = self.audit(&["--tag", "v1", "--json"]).expect(4).out;
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["complete"], false);
        said["findings"].as_array().unwrap().clone()
    }

    /// The images of the platforms, as the second registry lists them.
    fn legs(&self) -> Vec<ImageDigest> {
        let name = tag(&format!("v1{SUFFIX}"));
        let fetched = client().manifest(&named(self.there.address(), BACKENDS), &name.into()).unwrap();
        fetched.manifest.children().map(|leg| leg.digest.clone()).collect()
    }
}

/// What kind of finding each is.
fn kinds(findings: &[Value]) -> Vec<&str> {
    findings.iter().map(|finding| finding["finding"].as_str().unwrap()).collect()
}

#[test]
fn what_is_whole_is_complete_and_what_is_broken_is_named() {
    let bench = Bench::new(&[]);
    let before = (bench.here.snapshot(), bench.there.snapshot());
    bench.audit(&["--tag", "v1"]).expect(0).says("complete: 1 images of 2 units as v1");
    assert_eq!((bench.here.snapshot(), bench.there.snapshot()), before, "an audit writes nothing");
    let nothing = bench.audit(&["--tag", "v2"]).expect(4).says("incomplete, with 2 findings");
    assert!(nothing.out.contains("not published (2):"), "{}", nothing.out);

    // The image of one platform.
    let broken = bench.another();
    let (repository, leg) = (named(broken.there.address(), BACKENDS), &broken.legs()[1]);
    assert!(client().delete(&repository, leg).unwrap());
    let findings = broken.findings();
    assert_eq!(kinds(&findings), ["manifest-gone"], "{findings:?}");
    assert_eq!(findings[0]["repository"], repository.to_string());
    assert_eq!(findings[0]["digest"], leg.to_string());

    // A layer.
    let broken = bench.another();
    let repository = named(broken.there.address(), BACKENDS);
    let fetched = client().manifest(&repository, &broken.legs()[0].clone().into()).unwrap();
    let Manifest::Image(image) = &fetched.manifest else { panic!("{fetched:?}") };
    broken.there.forget_blob(BACKENDS, image.layers[0].digest.hex());
    let findings = broken.findings();
    assert_eq!(kinds(&findings), ["blob-gone"], "{findings:?}");
    assert_eq!(findings[0]["digest"], image.layers[0].digest.to_string());

    // Another image under the same tag, for one platform.
    let broken = bench.another();
    let repository = named(broken.there.address(), BACKENDS);
    client().tag(&repository, &broken.legs()[0], &tag(&format!("v1{SUFFIX}"))).unwrap();
    let findings = broken.findings();
    assert_eq!(kinds(&findings), ["differs", "platform-missing"], "{findings:?}");
    assert_eq!(findings[1]["platform"], "linux/arm64");

    // Root images, of which none is there.
    let roots = bench.here.repository("roots");
    let said = bench.audit(&["--tag", "v1", "--json", "--root-registry", &roots]).expect(4).out;
    let said: Value = serde_json::from_str(&said).unwrap();
    let findings = said["findings"].as_array().unwrap();
    assert!(kinds(findings).iter().all(|kind| ["absent", "unbuilt"].contains(kind)), "{findings:?}");
    let absent = findings.iter().filter(|finding| finding["finding"] == "absent");
    assert!(absent.filter(|finding| finding["suffix"] == "-gpu-vulkan").count() == 1, "{findings:?}");

    // A tag that nobody promised breaks no promise.
    let noted = bench.another();
    let repository = named(noted.there.address(), BACKENDS);
    client().tag(&repository, &noted.legs()[0], &tag("v1-cpu-other")).unwrap();
    let said = noted.audit(&["--tag", "v1"]).expect(0).out;
    assert!(said.contains("published, and not promised (1):") && said.contains("v1-cpu-other"), "{said}");
}

#[test]
fn images_without_their_program_or_engine_are_found_unless_they_are_too_large_to_be_read() {
    let bench = Bench::new(&["run"]);
    let findings = bench.findings();
    let expected = ["entry-missing", "entry-missing", "files-missing", "files-missing"];
    assert_eq!(kinds(&findings), expected, "{findings:?}");
    assert_eq!(findings[0]["path"], "/run");
    let unread = bench.audit(&["--tag", "v1", "--read", "100"]).expect(0).out;
    assert!(unread.contains("not looked at (2):"), "{unread}");

    let bench = Bench::new(&[ENGINE]);
    let findings = bench.findings();
    assert_eq!(kinds(&findings), ["files-missing", "files-missing"], "{findings:?}");
    assert_eq!(findings[0]["files"], json!([ENGINE]));
}

#[test]
fn images_of_another_checkout_are_stale_and_its_own_are_not_built() {
    let bench = Bench::new(&[]);
    bench.checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    let findings = bench.findings();
    assert_eq!(kinds(&findings), ["stale", "stale", "unbuilt", "unbuilt"], "{findings:?}");
}

#[test]
fn a_registry_that_cannot_be_asked_is_no_answer() {
    let mut bench = Bench::new(&[]);
    bench.there.stop();
    bench.audit(&["--tag", "v1"]).expect(1).says("cannot be reached");
    // Nothing is asked, and that is said.
    bench.xtask(&["audit"]).expect(0).says("no registry was asked");
    bench.xtask(&["audit", "--registry", "--offline"]).expect(2).says("--offline");
}

#[test]
fn a_gallery_lists_what_is_published_and_nothing_else() {
    let bench = Bench::new(&[]);
    let (_dir, work) = temporary();
    let index = work.join("index.yaml");
    let (here, there) = (bench.here.repository(BACKENDS), bench.there.repository(BACKENDS));
    let gallery = |more: &[&str]| {
        bench.xtask(&[&["gallery", "--registry", &here, &there, "--tag", "v1"][..], more].concat())
    };
    let dry = gallery(&["--dry-run"]).expect(0).says("would list 1 images of 1 backends, 0 left out").out;
    gallery(&["--output", index.as_str()]).expect(0).says("lists 1 images of 1 backends");
    let text = fs_err::read_to_string(&index).unwrap();
    assert_eq!(dry, text);
    assert!(text.contains("default: cpu-tiny\n") && text.contains("version: 'v1'\n"), "{text}");
    assert!(text.contains(&format!("uri: oci://{here}:v1{SUFFIX}\n")), "{text}");
    assert!(text.contains(&format!("mirrors: [oci://{there}:v1{SUFFIX}]\n")), "{text}");
    gallery(&["--check", index.as_str()]).expect(0).says("2 entries");

    let (repository, legs) = (named(bench.there.address(), BACKENDS), bench.legs());
    client().tag(&repository, &legs[0], &tag("v1-cpu-other")).unwrap();
    client().tag(&repository, &legs[0], &tag(&format!("v1{SUFFIX}"))).unwrap();
    let said = gallery(&["--check", index.as_str(), "--json"]).expect(4).out;
    let said: Value = serde_json::from_str(&said).unwrap();
    let found: Vec<_> = said["differences"].as_array().unwrap().iter().collect();
    assert_eq!(found[0]["difference"], "platform-missing", "{said}");
    assert_eq!((&found[0]["entry"], &found[0]["platform"]), (&"cpu-tiny".into(), &"linux/arm64".into()));
    assert_eq!(found[1]["difference"], "not-listed", "{said}");
    assert_eq!(found[1]["platforms"], json!(["linux/amd64"]));

    // What repositories disagree on is left out, and that is said.
    gallery(&["--output", index.as_str()]).expect(0).says("v1-cpu-tiny is left out: ");
    assert!(fs_err::read_to_string(&index).unwrap().ends_with("\n[]\n"));
}
