//! Results of others: used if somebody who is trusted signed them, told and made anew if not.

use crate::checkout::{Checkout, Ran, ran};
use crate::faults::{Asked, Fate, Proxy};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

/// A key of openssl's, which also signs with it: nothing here is this project's own code.
#[derive(Clone)]
struct Key(PathBuf);

impl Key {
    fn new(dir: &Path, name: &str) -> Self {
        let key = Self(dir.join(name));
        let args = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out"];
        key.openssl(&args, true);
        key
    }

    fn openssl(&self, args: &[&str], own: bool) -> Vec<u8> {
        let mut command = Command::new("openssl");
        command.args(args);
        if own {
            command.arg(&self.0);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn public(&self) -> String {
        String::from_utf8(self.openssl(&["pkey", "-pubout", "-in"], true)).unwrap()
    }

    /// A bundle that says this of a digest.
    fn bundle(&self, tag: &str, repository: &str, digest: &str) -> Vec<u8> {
        let hex = digest.trim_start_matches("sha256:");
        let payload = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"x","digest":{{"sha256":"{hex}"}}}}],
            "predicateType":"urn:inference-backends:cached:v1","predicate":{{"key":"{tag}","repository":
            "{repository}","digest":"{digest}","workflow":"w","revision":"r"}}}}"#
        );
        let message = format!("DSSEv1 28 application/vnd.in-toto+json {} {payload}", payload.len());
        let file = self.0.with_extension(hex);
        fs::write(&file, message).unwrap();
        let sign = ["dgst", "-sha256", "-sign", self.0.to_str().unwrap(), file.to_str().unwrap()];
        let signature = STANDARD.encode(self.openssl(&sign, false));
        format!(
            r#"{{"mediaType":"{BUNDLE}","verificationMaterial":{{"publicKey":{{"hint":""}}}},"dsseEnvelope":{{
            "payload":"{}","payloadType":"application/vnd.in-toto+json","signatures":[{{"sig":"{signature}"}}]}}}}"#,
            STANDARD.encode(payload)
        )
        .into_bytes()
    }
}

/// What is attached to an image, by its tag, its repository and its digest.
type Attached = dyn Fn(&str, &str, &str) -> Option<Vec<u8>> + Send + Sync;

/// A registry that has an image under every tag, and this attached to each.
fn registry(attached: impl Fn(&str, &str, &str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Proxy {
    let attached: Box<Attached> = Box::new(attached);
    let known: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
    Proxy::alone(move |asked: &Asked| {
        let mut known = known.lock().unwrap();
        let path = asked.path.split('?').next().unwrap();
        let name = path.rsplit('/').next().unwrap();
        if asked.method == "HEAD" {
            let digest = sha256(name.as_bytes());
            known.insert(digest.clone(), name.as_bytes().to_vec());
            return Fate::answer(200, "").with("Docker-Content-Digest", digest);
        }
        if !path.contains("/referrers/") {
            return known.get(name).map_or(Fate::answer(404, ""), |bytes| Fate::answer(200, bytes.clone()));
        }
        let tag = String::from_utf8(known[name].clone()).unwrap();
        let repository = format!("{}/team/cache", asked.header("host"));
        let Some(bundle) = attached(&tag, &repository, name) else { return list("") };
        let layer = sha256(&bundle);
        let descriptor = |kind: &str, digest: &str, size: usize| {
            format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":{size}}}"#)
        };
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"{BUNDLE}",
            "config":{},"layers":[{}],"subject":{}}}"#,
            descriptor("application/vnd.oci.empty.v1+json", &sha256(b"{}"), 2),
            descriptor(BUNDLE, &layer, bundle.len()),
            descriptor("application/vnd.oci.image.manifest.v1+json", name, 1),
        );
        let digest = sha256(manifest.as_bytes());
        let listed = format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"{BUNDLE}",
            "digest":"{digest}","size":{}}}"#,
            manifest.len()
        );
        known.extend([(layer, bundle), (digest, manifest.into_bytes())]);
        list(&listed)
    })
}

fn list(manifests: &str) -> Fate {
    let kind = "application/vnd.oci.image.index.v1+json";
    Fate::answer(200, format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{manifests}]}}"#))
}

/// A checkout that trusts whom these lines say.
fn trusting(lines: &str) -> Checkout {
    let checkout = Checkout::new();
    checkout.replace("backend/variants.yaml", "\nregistry:\n", &format!("\nregistry:\n  trust:\n{lines}"));
    checkout
}

fn by_key(key: &Key) -> String {
    let lines: Vec<String> = key.public().lines().map(|line| format!("        {line}\n")).collect();
    format!("    keys:\n      - |\n{}", lines.concat())
}

fn queued(checkout: &Checkout, proxy: &Proxy) -> (usize, Ran) {
    let registry = format!("{}/team/cache", proxy.address());
    let ran = ran(&mut checkout.command(&["matrix", "--all", "--registry", &registry, "--format", "json"]));
    assert_eq!(ran.code, 0, "{ran:?}");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    (document["linux"].as_array().unwrap().len(), ran)
}

#[test]
fn what_somebody_who_is_trusted_signed_is_reused_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Key::new(dir.path(), "ours"), Key::new(dir.path(), "theirs"));
    let checkout = trusting(&by_key(&ours));
    let all = {
        let ran = ran(&mut checkout.command(&["matrix", "--all", "--format", "json"]));
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        document["linux"].as_array().unwrap().len()
    };

    let key = ours.clone();
    let signed = registry(move |tag, repository, digest| Some(key.bundle(tag, repository, digest)));
    assert_eq!(queued(&checkout, &signed).0, 0, "{all}");

    let (a, b, c) = (ours.clone(), ours.clone(), ours.clone());
    let planted: [(Proxy, &str); 6] = [
        (registry(|_, _, _| None), "nobody says who made it"),
        (
            registry(move |tag, repository, digest| Some(theirs.bundle(tag, repository, digest))),
            "it is signed by nobody whom `registry: trust:` names",
        ),
        // What was signed, attached to what was not.
        (
            registry(move |tag, repository, _| Some(a.bundle(tag, repository, &sha256(b"good")))),
            "what is signed is about another digest",
        ),
        (
            registry(move |_, repository, digest| {
                Some(b.bundle(&format!("img-{}", "a".repeat(64)), repository, digest))
            }),
            "what is signed is about another key",
        ),
        (
            registry(move |tag, _, digest| Some(c.bundle(tag, "quay.io/other/cache", digest))),
            "what is signed is about another repository",
        ),
        (registry(|_, _, _| Some(b"{}".to_vec())), "what is signed is no statement"),
    ];
    for (proxy, why) in planted {
        let (jobs, ran) = queued(&checkout, &proxy);
        assert_eq!(jobs, all, "{why}");
        assert!(ran.err.contains(&format!("is not used: {why}")), "{why}: {}", ran.err);
    }
    // Without a word about whom to trust, who may write is trusted.
    assert_eq!(queued(&Checkout::new(), &registry(|_, _, _| None)).0, 0);
}

#[test]
fn who_cannot_be_asked_about_makers_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let checkout = trusting(&by_key(&Key::new(dir.path(), "ours")));
    let proxy = Proxy::alone(|asked| match asked.method.as_str() {
        "HEAD" => Fate::answer(200, "").with("Docker-Content-Digest", sha256(b"x")),
        _ => Fate::answer(500, ""),
    });
    let (jobs, ran) = queued(&checkout, &proxy);
    assert!(jobs > 0 && ran.err.contains("nobody can tell who made what is there"), "{ran:?}");
}

/// A certificate is cosign's to look at: here one that believes a single identity.
#[test]
fn the_identity_of_a_signature_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let key = Key::new(dir.path(), "any");
    let proxy = registry(move |tag, repository, digest| {
        let bundle = String::from_utf8(key.bundle(tag, repository, digest)).unwrap();
        Some(
            bundle.replace(r#""publicKey":{"hint":""}"#, r#""certificate":{"rawBytes":"AA=="}"#).into_bytes(),
        )
    });
    let identity = |branch: &str| {
        format!(
            "    identities:\n      - issuer: https://token.actions.githubusercontent.com\n        workflow: \
             https://github.com/o/r/.github/workflows/build.yml@refs/heads/{branch}\n"
        )
    };
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let script = "#!/bin/sh\nfor arg; do [ \"$arg\" != '--certificate-identity-regexp=^https://github\\.com/o/r/\\.github/workflows/build\\.yml@refs/heads/main$' ] || exit 0; done\nexit 1\n";
    fs::write(bin.join("cosign"), script).unwrap();
    fs::set_permissions(bin.join("cosign"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let registry = format!("{}/team/cache", proxy.address());
    let ask = |branch: &str, path: &str| {
        let checkout = trusting(&identity(branch));
        let args = ["matrix", "--all", "--registry", &registry, "--format", "json"];
        let ran = ran(checkout.command(&args).env("PATH", path));
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        (document["linux"].as_array().unwrap().len(), ran.err)
    };
    assert_eq!(ask("main", &path).0, 0);
    let (jobs, said) = ask("evil", &path);
    assert!(jobs > 0 && said.contains("it is signed by nobody whom"), "{said}");
    let (jobs, said) = ask("main", "/usr/bin:/bin");
    assert!(jobs > 0 && said.contains("and cosign, which verifies that, is not on PATH"), "{said}");
}

#[test]
fn mistakes_about_whom_to_trust_are_shown_where_they_stand() {
    for (lines, wanted) in [
        ("    keys: []\n", "nobody is trusted"),
        ("    keys: [x]\n", "it is no public key in PEM"),
        ("    key: [x]\n", "unknown key `key`"),
        (
            "    identities: [{issuer: \"http://x\", workflow: \"https://github.com/o/r/*\"}]\n",
            "the issuer is no https:// URL",
        ),
        (
            "    identities: [{issuer: \"https://x\", workflow: \"https://github.com/*\"}]\n",
            "it would trust workflows of more than one repository",
        ),
    ] {
        let ran = ran(&mut trusting(lines).command(&["list"]));
        let shown = ran.err.contains("variants.yaml:") && ran.err.contains('^');
        assert!(ran.code != 0 && ran.err.contains(wanted) && shown, "{wanted}: {}", ran.err);
    }
}
