//! Bundles: made of what the cache holds, read back, installed, and refused when somebody changed them.
#![cfg(target_os = "linux")]

use crate::checkout::{Checkout, Ran};
use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const LISTED: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// A checkout whose cache has what is published of llama-cpp for two platforms.
struct Stocked(Checkout);

impl Stocked {
    fn new() -> Self {
        let stocked = Self(Checkout::new());
        for platform in LISTED {
            stocked.stock(platform);
        }
        stocked
    }

    /// Puts a package into the cache, as a build in a container would.
    fn stock(&self, platform: &str) {
        let Self(checkout) = self;
        let unit = ["llama-cpp", "--realm", "container", "--published", "--platform", platform];
        let key: model::key::Key = checkout.hash(&unit).parse().unwrap();
        let dir = Utf8PathBuf::from_path_buf(checkout.home.join(platform.replace('/', "-"))).unwrap();
        fs::create_dir(&dir).unwrap();
        for (name, text) in [("server", "#!/bin/sh\necho hello\n"), ("LICENSE", "Do as you like.\n")] {
            fs::write(dir.join(name), text).unwrap();
        }
        fs::set_permissions(dir.join("server"), fs::Permissions::from_mode(0o755)).unwrap();
        let package = dir.join("package");
        let license = pack::License { component: "it".to_owned(), file: dir.join("LICENSE"), covers: vec![] };
        let spec = pack::PackageSpec {
            name: "llama-cpp".to_owned(),
            variant: "cpu".to_owned(),
            platform: "linux/amd64".parse().unwrap(),
            min_macos: None,
            calls: vec![],
            key: key.to_string(),
            versions: BTreeMap::new(),
            binaries: vec![pack::Binary::new("server", dir.join("server"))],
            libraries: vec![],
            library_tree: None,
            plugin_tree: None,
            vulkan_drivers: None,
            extra_libraries: vec![],
            host_libraries: vec![],
            host_shell: true,
            library_dirs: vec![],
            data: vec![],
            env: vec![],
            licenses: vec![license],
            links: None,
        };
        pack::pack(&spec, &package).unwrap();
        if platform == "linux/arm64" {
            for_arm64(&package);
        }
        let store = store::Store::open(&checkout.cache).unwrap();
        let store::Reserved::Vacant(reservation) = store.reserve(&key, |_| ()).unwrap() else {
            panic!("twice")
        };
        let meta = store::Meta { unit: "u".to_owned(), built_in: Duration::ZERO };
        reservation.commit(package.as_std_path(), b"{}", meta).unwrap();
    }

    /// Writes a bundle of all that is there.
    fn bundle(&self, name: &str) -> Utf8PathBuf {
        let file = Utf8PathBuf::from_path_buf(self.0.home.join(name)).unwrap();
        let args = [
            "bundle",
            "llama-cpp",
            "--offline",
            "--platform",
            "linux/amd64,linux/arm64",
            "--output",
            file.as_str(),
        ];
        let made = self.0.run(&args);
        assert!(made.code == 0 && made.err.contains("holds 2 packages · sha256:"), "{made:?}");
        file
    }

    fn install(&self, file: &Utf8Path, into: &Utf8Path) -> Ran {
        self.0.run(&[
            "bundle",
            "--offline",
            "--from",
            file.as_str(),
            "--into",
            into.as_str(),
            "--platform",
            "linux/amd64",
        ])
    }
}

/// Makes a package for the other processor of one for this one: only the launcher is no script.
fn for_arm64(package: &Utf8Path) {
    let run = package.join("run");
    let old = fs::read(&run).unwrap();
    let mut new = old.clone();
    new[18] = 0xb7;
    fs::write(&run, &new).unwrap();
    let manifest = package.join("package.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let digest = |bytes: &[u8]| model::digest::Digest::of(bytes).to_hex();
    let text =
        text.replace(digest(&old).as_str(), digest(&new).as_str()).replace("linux/amd64", "linux/arm64");
    fs::write(&manifest, text).unwrap();
}

#[test]
fn a_bundle_is_the_same_each_time_and_is_installed_whole() {
    let stocked = Stocked::new();
    let file = stocked.bundle("a.tar");
    assert!(fs::read(&file).unwrap() == fs::read(stocked.bundle("b.tar")).unwrap());
    let verified = stocked.0.out(&["bundle", "--verify", file.as_str()]);
    for platform in LISTED {
        assert!(verified.contains(&format!("cpu-llama-cpp · {platform} · key ")), "{verified}");
    }
    let into = file.with_file_name("backends");
    for _ in 0..2 {
        let installed = stocked.install(&file, &into);
        assert_eq!(installed.code, 0, "{installed:?}");
        let text = fs::read_to_string(into.join("cpu-llama-cpp/metadata.json")).unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (metadata["name"].as_str(), metadata["alias"].as_str()),
            (Some("cpu-llama-cpp"), Some("llama-cpp"))
        );
        let ran = std::process::Command::new(into.join("cpu-llama-cpp/run.sh")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "hello\n");
        assert_eq!(fs::read_dir(&into).unwrap().count(), 1, "nothing is left over");
    }
    let other = stocked.0.run(&["bundle", "minilm", "--from", file.as_str(), "--into", into.as_str()]);
    assert!(other.code == 2 && other.err.contains("it holds cpu-llama-cpp"), "{other:?}");
    let absent = stocked.0.run(&["bundle", "minilm", "--offline", "--output", file.as_str()]);
    assert!(absent.code == 1 && absent.err.contains("not built here, and not published"), "{absent:?}");
}

type Files = BTreeMap<String, Vec<u8>>;
type Change<'a> = Box<dyn Fn(&mut Files) + 'a>;

fn files(tar: &Utf8Path) -> Files {
    let mut archive = tar::Archive::new(fs::File::open(tar).unwrap());
    let read = |entry: std::io::Result<tar::Entry<'_, fs::File>>| {
        let (mut entry, mut bytes) = (entry.unwrap(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    };
    archive.entries().unwrap().map(read).filter(|(name, _)| !name.ends_with('/')).collect()
}

fn hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Writes a bundle as somebody would who knows how checksums are made.
fn written(at: &Utf8Path, mut files: Files) {
    files.remove("SHA256SUMS");
    let sums = files.iter().fold(String::new(), |mut text, (name, bytes)| {
        writeln!(text, "{}  {name}", hex(bytes)).unwrap();
        text
    });
    files.insert("SHA256SUMS".to_owned(), sums.into_bytes());
    let mut tar = tar::Builder::new(fs::File::create(at).unwrap());
    for (name, bytes) in &files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // Without what the library would make of a path.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).unwrap();
    }
    tar.finish().unwrap();
}

/// Replaces a text in the list of platforms, and whatever names that.
fn relisted(files: &mut Files, change: impl Fn(&str) -> String) {
    let index: serde_json::Value = serde_json::from_slice(&files["index.json"]).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let list = files.remove(&format!("blobs/sha256/{digest}")).unwrap();
    let new = change(std::str::from_utf8(&list).unwrap()).into_bytes();
    let text = String::from_utf8(files["index.json"].clone()).unwrap();
    let text = text.replace(&digest, &hex(&new));
    let text = text.replace(&format!("\"size\":{}", list.len()), &format!("\"size\":{}", new.len()));
    files.insert("index.json".to_owned(), text.into_bytes());
    files.insert(format!("blobs/sha256/{}", hex(&new)), new);
}

#[test]
fn what_somebody_changed_is_refused_and_nothing_is_installed() {
    let stocked = Stocked::new();
    let sound = files(&stocked.bundle("sound.tar"));
    let largest = sound.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap().0.clone();
    let key = |platform| {
        stocked.0.hash(&["llama-cpp", "--realm", "container", "--published", "--platform", platform])
    };
    let [here, there] = LISTED.map(key);
    let changes: [(&str, Change<'_>); 8] = [
        (
            "should be blobs/sha256/",
            Box::new(|files| *files.get_mut(&largest).unwrap().last_mut().unwrap() ^= 1),
        ),
        (
            "belongs to nothing",
            Box::new(|files| {
                files.insert(format!("blobs/sha256/{}", hex(b"more")), b"more".to_vec());
            }),
        ),
        (
            "should be",
            Box::new(|files| {
                files.insert("blobs/run.sh".to_owned(), b"#!/bin/sh\n".to_vec());
            }),
        ),
        (
            "unsafe path",
            Box::new(|files| {
                files.insert("../out".to_owned(), b"out".to_vec());
            }),
        ),
        (
            "gallery.yaml is missing",
            Box::new(|files| {
                files.remove("gallery.yaml");
            }),
        ),
        (
            "No such file",
            Box::new(|files| {
                files.remove(&largest);
            }),
        ),
        ("and listed as llama-cpp of", Box::new(|files| relisted(files, |list| list.replace(&here, &there)))),
        (
            "not for linux/arm64",
            Box::new(|files| {
                relisted(files, |list| list.replace("\"amd64\"", "\"arm64\""));
            }),
        ),
    ];
    let into = stocked.0.home.join("backends");
    let into = Utf8Path::from_path(&into).unwrap();
    let file = into.with_file_name("changed.tar");
    for (why, change) in changes {
        let mut files = sound.clone();
        change(&mut files);
        written(&file, files);
        let refused = stocked.install(&file, into);
        assert!(refused.code == 1 && refused.err.contains(why), "{why}: {refused:?}");
        assert!(fs::read_dir(into).map_or(0, Iterator::count) == 0, "{why}");
        assert_eq!(stocked.0.run(&["bundle", "--verify", file.as_str()]).code, 1, "{why}");
    }
    // Cut short, and with checksums that are not of it.
    let whole = fs::read(into.with_file_name("sound.tar")).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(stocked.install(&file, into).code, 1);
    let mut spoilt = whole.clone();
    let at = whole.windows(12).position(|bytes| bytes == b"  index.json").unwrap();
    spoilt[at - 1] ^= 1;
    fs::write(&file, &spoilt).unwrap();
    let refused = stocked.install(&file, into);
    assert!(refused.code == 1 && refused.err.contains("SHA256SUMS does not name"), "{refused:?}");
    assert!(fs::read_dir(into).map_or(0, Iterator::count) == 0);
}
