//! Platforms become one image, in real registries: all of them or nothing, once or again.

use crate::checkout::{Checkout, temporary};
use crate::child::{self, Run, SHORT};
use crate::testbed::{Builder, Registry};
use camino::Utf8PathBuf;
use serde_json::Value;
use tempfile::TempDir;

const SUFFIX: &str = "-cpu-llama-cpp";
const BACKENDS: &str = "backends";
const CACHE: &str = "cache";
/// What a package says of itself.
const PACKAGE: &str = r#"{"components": {"libssl3": {"libraries": [], "licenses": ["licenses/libssl3/copyright"],
    "origin": "debian", "version": "3.0"}}, "extra_libraries": [], "files": {}, "format": 1, "host_libraries": [],
    "key": "k", "name": "llama-cpp", "platform": "linux/amd64", "variant": "cpu", "versions": {}}"#;

/// A checkout, a builder, and files named by the digests of what was pushed.
struct Bench {
    checkout: Checkout,
    builder: Builder,
    work: Utf8PathBuf,
    /// What signs, if something does.
    key: Option<Utf8PathBuf>,
    _dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let (dir, work) = temporary();
        fs_err::create_dir(work.join("context")).unwrap();
        fs_err::write(work.join("context/package.json"), PACKAGE).unwrap();
        fs_err::write(
            work.join("Dockerfile"),
            "FROM scratch\nARG TARGETARCH\nENV ARCH=$TARGETARCH\nCOPY . /\n",
        )
        .unwrap();
        let bench = Self {
            checkout: Checkout::copy("checkout"),
            builder: Builder::fresh(),
            work,
            key: None,
            _dir: dir,
        };
        fs_err::create_dir(bench.digests()).unwrap();
        bench
    }

    fn digests(&self) -> Utf8PathBuf {
        self.work.join("digests")
    }

    /// Builds an image, with `more` to say of its output.
    fn build(&self, platforms: &str, names: &[String], more: &str) -> String {
        let metadata = self.work.join("metadata.json");
        let output = format!("type=image,\"name={}\",push=true{more}", names.join(","));
        let file = self.work.join("Dockerfile");
        let context = self.work.join("context");
        let args = ["buildx", "build", "--progress=plain", "--provenance=false", "--platform", platforms];
        let rest = [
            "--metadata-file",
            metadata.as_str(),
            "--file",
            file.as_str(),
            "--output",
            &output,
            context.as_str(),
        ];
        self.builder.docker(&args.into_iter().chain(rest).collect::<Vec<_>>()).expect(0);
        let metadata: Value = serde_json::from_str(&fs_err::read_to_string(metadata).unwrap()).unwrap();
        metadata["containerimage.digest"].as_str().unwrap().to_owned()
    }

    /// Pushes the image of one platform by digest and leaves its file, as a build job does.
    fn leg(&self, platform: &str, names: &[String]) -> String {
        let digest = self.build(platform, names, ",push-by-digest=true,name-canonical=true");
        fs_err::write(self.digests().join(digest.strip_prefix("sha256:").unwrap()), "").unwrap();
        digest
    }

    /// Runs a merge with the cache of the first registry.
    fn merge(&self, registries: &[&Registry], more: &[&str]) -> Run {
        let cache = registries[0].repository(CACHE);
        let targets: Vec<String> = registries.iter().map(|registry| registry.repository(BACKENDS)).collect();
        let mut args = vec!["merge", "--tag-suffix", SUFFIX, "--tag", "v1", "--registry", &cache];
        args.extend(targets.iter().flat_map(|target| ["--publish-to", target.as_str()]));
        args.extend(more);
        let mut command = self.checkout.command(&args);
        self.builder.lend_to(&mut command);
        for name in ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_SHA", "GITHUB_REF"] {
            command.env_remove(name);
        }
        command.envs(self.key.iter().map(|key| ("XTASK_SIGNING_KEY", key)));
        // Whose workflows sign.
        command.env("GITHUB_SERVER_URL", "https://git.example").env("GITHUB_REPOSITORY", "o/r");
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", self.work.join("bin")));
        child::run(command, SHORT)
    }

    /// The same, with the digests that the build jobs left.
    fn merge_left(&self, registries: &[&Registry], more: &[&str]) -> Run {
        let digests = self.digests();
        let all: Vec<&str> =
            ["--digests", digests.as_str()].into_iter().chain(more.iter().copied()).collect();
        self.merge(registries, &all)
    }

    /// A manifest as the registry gives it.
    fn raw(&self, name: &str) -> Value {
        let shown = self.builder.docker(&["buildx", "imagetools", "inspect", "--raw", name]).expect(0).out;
        serde_json::from_str(&shown).unwrap()
    }

    /// A cosign that notes what it is asked.
    fn fake_cosign(&self) -> Utf8PathBuf {
        let (bin, notes) = (self.work.join("bin"), self.work.join("signed"));
        fs_err::create_dir_all(&bin).unwrap();
        let script = format!("#!/bin/sh\necho \"$COSIGN_EXPERIMENTAL $*\" >> '{notes}'\n");
        fs_err::write(bin.join("cosign"), script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(bin.join("cosign"), mode).unwrap();
        notes
    }
}

fn published(ran: &Run) -> Value {
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn two_platforms_become_one_image_in_two_registries_and_a_second_merge_does_nothing() {
    let (here, there) = (Registry::start(), Registry::start());
    let bench = Bench::new();
    let names = [here.repository(BACKENDS), here.repository(CACHE)];
    let amd64 = bench.leg("linux/amd64", &names);
    let arm64 = bench.leg("linux/arm64", &names);

    let empty = here.snapshot();
    bench.merge_left(&[&here, &there], &["--dry-run"]).expect(0).says("would publish");
    assert_eq!((here.snapshot(), there.tags(BACKENDS).len()), (empty, 0), "a dry run writes nothing");

    let signed = bench.fake_cosign();
    let done =
        published(&bench.merge_left(&[&here, &there], &["--sign", "--tag", "latest", "--json"]).expect(0));
    let digest = done["digest"].as_str().unwrap();
    for registry in [&here, &there] {
        for tag in ["v1", "latest"] {
            let name = registry.repository(&format!("{BACKENDS}:{tag}{SUFFIX}"));
            let shown = bench.builder.docker(&["buildx", "imagetools", "inspect", &name]).expect(0).out;
            assert!(shown.contains(digest), "{shown}");
            let index = bench.raw(&name);
            let legs = index["manifests"].as_array().unwrap();
            let legs: Vec<(&str, &str)> = legs
                .iter()
                .map(|leg| {
                    (leg["platform"]["architecture"].as_str().unwrap(), leg["digest"].as_str().unwrap())
                })
                .collect();
            assert_eq!(legs, [("amd64", amd64.as_str()), ("arm64", arm64.as_str())]);
            assert_eq!(index["annotations"]["org.opencontainers.image.version"], format!("v1{SUFFIX}"));
        }
        // This registry keeps no list of referrers, so the tag that stands in for it does.
        let fallback = registry.repository(&format!("{BACKENDS}:{}", digest.replace(':', "-")));
        let attached = bench.raw(&fallback);
        let kinds: Vec<&Value> =
            attached["manifests"].as_array().unwrap().iter().map(|one| &one["artifactType"]).collect();
        assert_eq!(kinds, ["application/spdx+json", "application/vnd.in-toto+json"]);
        let sbom = registry
            .repository(&format!("{BACKENDS}@{}", attached["manifests"][0]["digest"].as_str().unwrap()));
        assert_eq!(bench.raw(&sbom)["subject"]["digest"], digest);
    }
    let expected: String = [&here, &there]
        .map(|registry| {
            let image = registry.repository(&format!("{BACKENDS}@{digest}"));
            format!(
                "1 sign --yes --recursive --new-bundle-format --registry-referrers-mode=oci-1-1 {image}\n\
                 1 verify --new-bundle-format --output=json \
                 --certificate-oidc-issuer=https://token.actions.githubusercontent.com \
                 --certificate-identity-regexp=^https://git\\.example/o/r/\\.github/workflows/.*$ {image}\n"
            )
        })
        .concat();
    assert_eq!(fs_err::read_to_string(signed).unwrap(), expected);

    let before = (here.snapshot(), there.snapshot());
    bench.merge_left(&[&here, &there], &["--tag", "latest"]).expect(0).says("already published");
    assert_eq!((here.snapshot(), there.snapshot()), before);
}

#[test]
fn anything_but_all_platforms_is_refused_and_nothing_is_written() {
    let registry = Registry::start();
    let bench = Bench::new();
    let names = [registry.repository(BACKENDS), registry.repository(CACHE)];
    bench.leg("linux/amd64", &names);
    let before = registry.snapshot();
    bench.merge_left(&[&registry], &[]).expect(1).says("there is no image for linux/arm64");
    assert_eq!(registry.snapshot(), before);

    let stranger = bench.leg("linux/s390x", &names);
    let before = registry.snapshot();
    let refused = bench.merge_left(&[&registry], &[]).expect(1);
    refused.says("there is no image for linux/arm64").says(&format!("{stranger} is for linux/s390x"));
    assert_eq!(registry.snapshot(), before);
    fs_err::remove_file(bench.digests().join(stranger.strip_prefix("sha256:").unwrap())).unwrap();

    bench.leg("linux/arm64", &names);
    fs_err::write(bench.work.join("context/another"), "").unwrap();
    bench.leg("linux/arm64", &names);
    let before = registry.snapshot();
    bench.merge_left(&[&registry], &[]).expect(1).says("linux/arm64 has both sha256:");
    assert_eq!(registry.snapshot(), before);
}

#[test]
fn without_digests_the_keys_of_this_checkout_find_the_images() {
    let registry = Registry::start();
    let bench = Bench::new();
    let refused = bench.merge(&[&registry], &[]).expect(1);
    let tags: Vec<&str> =
        refused.err.lines().filter_map(|line| Some(line.split_once(" has no ")?.1)).collect();
    assert_eq!(tags.len(), 2, "{}", refused.err);
    assert!(tags.iter().all(|tag| tag.len() == 68 && tag.starts_with("img-")), "{tags:?}");
    let push = |key: Option<&str>| {
        for (tag, platform) in tags.iter().zip(["linux/amd64", "linux/arm64"]) {
            let line = refused.err.lines().find(|line| line.ends_with(tag)).unwrap();
            assert!(line.contains(platform), "{line}");
            let key = key.unwrap_or_else(|| tag.strip_prefix("img-").unwrap());
            let package = PACKAGE.replace(r#""key": "k""#, &format!(r#""key": "{key}""#));
            fs_err::write(bench.work.join("context/package.json"), package).unwrap();
            bench.build(platform, &[registry.repository(&format!("{CACHE}:{tag}"))], "");
        }
    };
    // Whoever may write a tag can have it name anything.
    push(Some("k"));
    let planted = registry.snapshot();
    bench.merge(&[&registry], &[]).expect(1).says("holds the package of key k, expected");
    assert_eq!(registry.snapshot(), planted);
    push(None);
    bench.merge(&[&registry], &[]).expect(0).says("published sha256:").says("nobody verified who made");
    assert!(registry.tags(BACKENDS).contains(&format!("v1{SUFFIX}")));
}

#[test]
fn the_event_names_the_image() {
    let registry = Registry::start();
    let bench = Bench::new();
    let names = [registry.repository(BACKENDS), registry.repository(CACHE)];
    bench.leg("linux/amd64", &names);
    bench.leg("linux/arm64", &names);
    let (digests, cache) = (bench.digests(), registry.repository(CACHE));
    let mut command =
        bench.checkout.command(&["merge", "--tag-suffix", SUFFIX, "--digests", digests.as_str()]);
    command.args(["--registry", &cache, "--publish-to", &names[0]]);
    bench.builder.lend_to(&mut command);
    let commit = "0c1e57098bba43ac29e6e3b677cdceebdd22334f";
    command.env_remove("GITHUB_EVENT_PATH").env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "push");
    command.env("GITHUB_REF", "refs/tags/v1.2.3").env("GITHUB_SHA", commit).env("GITHUB_RUN_ID", "7");
    command.env("GITHUB_SERVER_URL", "https://git.example").env("GITHUB_REPOSITORY", "o/r");
    command.env("GITHUB_REF_PROTECTED", "true");
    child::run(command, SHORT).expect(0).says("published sha256:");
    let tags = registry.tags(BACKENDS);
    for tag in ["v1.2.3", "sha-0c1e570", "latest"] {
        assert!(tags.contains(&format!("{tag}{SUFFIX}")), "{tag}: {tags:?}");
    }
    let index = bench.raw(&registry.repository(&format!("{BACKENDS}:latest{SUFFIX}")));
    let about = |name: &str| index["annotations"][format!("org.opencontainers.image.{name}")].clone();
    assert_eq!((about("revision"), about("source")), (commit.into(), "https://git.example/o/r".into()));
}

#[test]
fn a_merge_goes_on_when_a_registry_is_back() {
    let here = Registry::start();
    let mut there = Registry::start();
    let bench = Bench::new();
    let names = [here.repository(BACKENDS), here.repository(CACHE)];
    bench.leg("linux/amd64", &names);
    bench.leg("linux/arm64", &names);
    let before = here.snapshot();
    there.stop();
    bench.merge_left(&[&here, &there], &[]).expect(1).says("cannot be reached");
    assert_eq!(here.snapshot(), before, "no tag moves while another repository cannot follow");
    there.restart();
    bench.merge_left(&[&here], &[]).expect(0);
    let before = here.snapshot();
    let done = published(&bench.merge_left(&[&here, &there], &["--json"]).expect(0));
    let acts: Vec<usize> = done["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["acts"].as_array().unwrap().len())
        .collect();
    // Two legs, the list, two attachments, one tag.
    assert_eq!(acts, [0, 6]);
    assert_eq!(here.snapshot(), before);
}

#[test]
fn a_tag_loses_no_platform_unless_told_so() {
    let registry = Registry::start();
    let bench = Bench::new();
    let backends = registry.repository(BACKENDS);
    let older = format!("{backends}:v1{SUFFIX}");
    bench.build("linux/amd64,linux/arm64,linux/s390x", std::slice::from_ref(&older), "");
    fs_err::write(bench.work.join("context/newer"), "").unwrap();
    bench.leg("linux/amd64", std::slice::from_ref(&backends));
    bench.leg("linux/arm64", std::slice::from_ref(&backends));
    let before = registry.snapshot();
    bench.merge_left(&[&registry], &[]).expect(1).says("runs on linux/s390x").says("--drop-platforms");
    assert_eq!(registry.snapshot(), before);
    bench.merge_left(&[&registry], &["--drop-platforms"]).expect(0);
    assert_eq!(bench.raw(&older)["manifests"].as_array().unwrap().len(), 2);
}

#[test]
fn a_key_signs_what_is_published_and_says_whose_results_are() {
    let registry = Registry::start();
    let mut bench = Bench::new();
    let (key, trust) = crate::trust::key(&bench.work);
    let names = [registry.repository(BACKENDS), registry.repository(CACHE)];
    let legs = ["linux/amd64", "linux/arm64"].map(|platform| bench.leg(platform, &names));
    bench.key = Some(key);
    let done = published(&bench.merge_left(&[&registry], &["--sign", "--json"]).expect(0));
    let digest = done["digest"].as_str().unwrap();
    for image in [digest, &legs[0], &legs[1]] {
        let list = registry.repository(&format!("{BACKENDS}:{}", image.replace(':', "-")));
        let kinds = bench.raw(&list)["manifests"].to_string();
        assert!(kinds.contains("application/vnd.dev.sigstore.bundle.v0.3+json"), "{kinds}");
    }
    let before = registry.snapshot();
    bench.merge_left(&[&registry], &["--sign"]).expect(0).says("already published");
    assert_eq!(registry.snapshot(), before);

    // Where it is said whom to trust, nobody else's images are published, signed afterwards or not.
    bench.checkout.edit("backend/variants.yaml", "registry:\n", &trust);
    let refused = bench.merge_left(&[&registry], &["--sign", "--tag", "v2"]).expect(1);
    refused.says("is not published: ");
    assert_eq!(registry.snapshot(), before);
}
