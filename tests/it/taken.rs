//! Published packages that are taken in place of builds, and when none is. What is published is a package for macOS here,
//! which a captured Mac alone can know the key of.
#![cfg(target_os = "linux")]

use crate::checkout::{Checkout, Ran, ran};
use crate::faults::{Fate, Proxy};
use crate::mac_build::Mac;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

const KIND: &str = "application/vnd.oci.image.manifest.v1+json";

/// The files of an image in a tar.
fn files(tar: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(fs::File::open(tar).unwrap());
    let read = |entry: std::io::Result<tar::Entry<'_, fs::File>>| {
        let (mut entry, mut bytes) = (entry.unwrap(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

/// A registry that has the image of a tar under the key `key`.
fn registry(tar: &Path, key: &str, spoil: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Proxy {
    let (files, tag) = (files(tar), format!("img-{key}"));
    let index: serde_json::Value = serde_json::from_slice(&files["index.json"]).unwrap();
    let image = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    Proxy::alone(move |asked| {
        let name = asked.path.rsplit('/').next().unwrap();
        let digest = if name == tag { &image } else { name };
        let Some(bytes) = files.get(&format!("blobs/{}", digest.replace(':', "/"))) else {
            return Fate::answer(404, "");
        };
        let mut bytes = bytes.clone();
        if asked.path.contains("/blobs/") {
            spoil(&mut bytes);
        }
        Fate::answer(200, bytes).with("Docker-Content-Digest", digest).with("Content-Type", KIND)
    })
}

/// A Mac that builds `lexical`, and the image of that in a file.
struct Made {
    mac: Mac,
    key: String,
    tar: std::path::PathBuf,
}

impl Made {
    fn new() -> Self {
        let mac = Mac::new();
        let tar = mac.checkout.home.join("lexical.tar");
        let key = mac.checkout.hash(&["lexical", "--host", &mac.host()]);
        let host = mac.host();
        let args = ["build-backend", "lexical", "--stand-in-for", &host, "--output", tar.to_str().unwrap()];
        let made = ran(&mut mac.command(&args));
        assert!(made.code == 0 && made.err.contains("built lexical"), "{made:?}");
        Self { mac, key, tar }
    }

    /// Asks for it as somebody would who has not said how to build.
    fn ask(&self, address: &str, more: &[&str]) -> Ran {
        let (host, registry) = (self.mac.host(), format!("{address}/team/cache"));
        let ask = ["build-backend", "lexical", "--stand-in-for", &host, "--registry", &registry];
        ran(self.mac.command(&[&ask, more].concat()).env_remove("XTASK_BUILD"))
    }

    /// Has neither the package in the checkout nor in the cache.
    fn forget(&self) {
        let Checkout { root, cache, .. } = &self.mac.checkout;
        let _ = (fs::remove_dir_all(root.join("target")), fs::remove_dir_all(cache.join("v1/entries")));
    }
}

#[test]
fn what_is_published_under_the_very_key_is_taken_once() {
    let made = Made::new();
    let package = made.mac.checkout.root.join("target/backends/lexical.metal.darwin-arm64/package");
    let text = |file: &str| fs::read(package.join(file)).unwrap();
    let built = ["package.json", "run.sh"].map(text);
    let proxy = registry(&made.tar, &made.key, |_| ());
    let address = proxy.address();
    made.forget();

    let planned = made.ask(&address, &["--dry-run"]);
    assert!(planned.code == 0 && planned.err.contains("would be pulled: "), "{planned:?}");
    assert!(!package.exists());
    let taken = made.ask(&address, &["--message-format", "json"]);
    let event: serde_json::Value = taken
        .out
        .lines()
        .find(|line| line.contains("\"unit\""))
        .map(|line| serde_json::from_str(line).unwrap())
        .unwrap();
    assert_eq!((event["result"].as_str(), event["key"].as_str()), (Some("pulled"), Some(made.key.as_str())));
    assert_eq!(event["image"]["repositories"][0], format!("{address}/team/cache"));
    assert_eq!(["package.json", "run.sh"].map(text), built);

    // What lies there, or in the cache, is asked of nobody.
    let asked = proxy.asked().len();
    assert!(made.ask(&address, &[]).err.contains("nothing to do for lexical"));
    fs::remove_dir_all(made.mac.checkout.root.join("target")).unwrap();
    assert!(made.ask(&address, &[]).err.contains("restored lexical"));
    assert_eq!(proxy.asked().len(), asked);
}

#[test]
fn nobody_is_asked_for_what_is_to_be_built_and_nothing_else_is_taken() {
    let made = Made::new();
    let proxy = registry(&made.tar, &made.key, |_| ());
    made.forget();
    for more in
        [&["--build"][..], &["--offline"], &["--force"], &["--realm", "native"], &["--compiler-cache", "off"]]
    {
        let planned = made.ask(&proxy.address(), &[&["--dry-run"], more].concat());
        assert!(
            planned.code == 0 && planned.err.contains("lexical") && planned.err.contains("would be built"),
            "{more:?}: {planned:?}"
        );
        assert_eq!(proxy.lines(), [""; 0], "{more:?}");
    }
    // An edit is another key.
    let main = "backend/rust/lexical/src/main.rs";
    let text = made.mac.checkout.read(main);
    made.mac.checkout.write(main, &(text.clone() + "// An edit.\n"));
    let planned = made.ask(&proxy.address(), &["--dry-run"]);
    assert!(
        planned.err.contains("has no package of key") && planned.err.contains("would be built"),
        "{planned:?}"
    );
    made.mac.checkout.write(main, &text);

    // Who does not answer is told once; nobody listens at port 1.
    let mute = Proxy::alone(|_| Fate::Hang);
    for address in ["127.0.0.1:1", &mute.address()] {
        let planned = made.ask(address, &["--dry-run"]);
        assert!(planned.code == 0 && planned.err.contains("would be built"), "{planned:?}");
        assert_eq!(planned.err.matches("warning: ").count(), 1, "{planned:?}");
    }
}

#[test]
fn what_does_not_verify_is_told_and_built() {
    let made = Made::new();
    made.forget();
    let broken = registry(&made.tar, &made.key, |bytes| *bytes.last_mut().unwrap() ^= 1);
    let built = made.ask(&broken.address(), &[]);
    assert!(built.code == 0 && built.err.contains("the published package is not used"), "{built:?}");
    assert!(built.err.contains("building lexical") && built.err.contains("built lexical"), "{built:?}");

    // The package of another key, under this one.
    let main = "backend/rust/lexical/src/main.rs";
    made.mac.checkout.write(main, &(made.mac.checkout.read(main) + "// An edit.\n"));
    let key = made.mac.checkout.hash(&["lexical", "--host", &made.mac.host()]);
    let planted = registry(&made.tar, &key, |_| ());
    let built = made.ask(&planted.address(), &[]);
    assert!(
        built.code == 0 && built.err.contains(&format!("holds the package of key {}", made.key)),
        "{built:?}"
    );
    assert!(built.err.contains("built lexical"), "{built:?}");
}
