//! Pins for real, from package registries. Run with `--ignored`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

use camino::Utf8Path;
use fetch::{Fetcher, Silent, tree::tree_digest};
use model::source::{Mirror, Pin, Upstream};

const TREE: &str = "6c0e51862dda4d46b7b786798077396ec8e0719566ba18a6c7eeb359b84d5404";

fn pin() -> Pin {
    Pin {
        name: "llama.cpp".parse().unwrap(),
        version: "0.3.36".to_owned(),
        upstream: Upstream::Git {
            url: "https://github.com/ggml-org/llama.cpp".to_owned(),
            commit: "0c1e57098bba43ac29e6e3b677cdceebdd22334f".parse().unwrap(),
        },
        submodules: false,
        tree: Some(TREE.parse().unwrap()),
        exclude: Vec::new(),
        mirrors: vec![Mirror::PypiSdist {
            package: "llama-cpp-python".to_owned(),
            version: "0.3.36".to_owned(),
            sha256: "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e".parse().unwrap(),
            subdir: "vendor/llama.cpp".parse().unwrap(),
        }],
        patches: Vec::new(),
        license: "MIT".to_owned(),
        license_files: vec!["LICENSE".parse().unwrap()],
    }
}

#[test]
#[ignore = "downloads 77 MB from the package registry"]
fn the_same_tree_from_pypi_and_from_git() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(temp.path()).unwrap();
    let fetcher = Fetcher::new(dir.join("cache"), dir.to_owned(), false, &Silent);
    let mut pin = pin();
    let tree = fetcher.ensure(&pin).unwrap();
    assert!(!tree.warm);
    assert!(tree.path.join("CMakeLists.txt").is_file() && !tree.path.join(".git").exists());
    assert_eq!(tree_digest(&tree.path).unwrap().digest.as_str(), TREE);

    // The sdist also ships the objects of the commit. They go into a repository of our own, without its settings.
    let sdist =
        fetcher.dir.join("downloads/832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e");
    run(
        dir,
        "tar",
        &["-xzf", sdist.as_str(), "--strip-components=1", "llama_cpp_python-0.3.36/.git/modules"],
    );
    let shipped = dir.join(".git/modules/vendor/llama.cpp");
    let mirror = dir.join("mirror.git");
    run(dir, "git", &["init", "--quiet", "--bare", mirror.as_str()]);
    for part in ["objects", "shallow"] {
        run(dir, "cp", &["-r", shipped.join(part).as_str(), mirror.as_str()]);
    }
    let Upstream::Git { commit, .. } = &pin.upstream else { unreachable!() };
    run(&mirror, "git", &["update-ref", "refs/heads/main", commit.as_str()]);
    pin.mirrors = vec![Mirror::Git { url: mirror.to_string() }];
    let fetcher = Fetcher::new(dir.join("cache2"), dir.to_owned(), true, &Silent);
    let from_git = fetcher.ensure(&pin).unwrap();
    assert_eq!(tree_digest(&from_git.path).unwrap().digest.as_str(), TREE);
    assert_eq!(from_git.path.file_name(), tree.path.file_name());
}

/// From the release before, the update finds this commit, its checksums, and git's proof that they belong together.
#[test]
#[ignore = "downloads 77 MB from the package registry"]
fn an_update_arrives_at_the_pin() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(temp.path()).unwrap();
    let fetcher = Fetcher::new(dir.join("cache"), dir.to_owned(), false, &Silent);
    let wanted = pin();
    assert!(fetcher.update(&wanted, Some("0.3.36")).unwrap().changes.is_empty());
    let mut old = wanted.clone();
    let (zero, none) = ("0".repeat(40), "1".repeat(64));
    old.upstream = Upstream::Git { url: "https://example.org/x".to_owned(), commit: zero.parse().unwrap() };
    old.tree = Some(none.parse().unwrap());
    let update = fetcher.update(&old, Some("0.3.36")).unwrap();
    let values: Vec<_> = update.changes.iter().map(|change| (change.key, change.new.as_str())).collect();
    assert_eq!(values, [("commit", "0c1e57098bba43ac29e6e3b677cdceebdd22334f"), ("tree", TREE)]);
}

#[test]
#[ignore = "downloads 8 MB from the package registry"]
fn a_crate_is_a_source() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(temp.path()).unwrap();
    let mut crate_pin = pin();
    crate_pin.name = "grpc-registry".parse().unwrap();
    crate_pin.tree = None;
    crate_pin.mirrors.clear();
    crate_pin.upstream = Upstream::Crate {
        package: "grpcio-sys".to_owned(),
        version: "0.13.0+1.56.2-patched".to_owned(),
        sha256: "b3dae9132320ae1b03ea55b5ddc88ca72a31fb85fa631a241a40157f5feffe43".parse().unwrap(),
        subdir: "grpc".parse().unwrap(),
    };
    let mut fetcher = Fetcher::new(dir.join("cache"), dir.to_owned(), false, &Silent);
    let tree = fetcher.ensure(&crate_pin).unwrap().path;
    assert!(tree.join("CMakeLists.txt").is_file());
    assert!(fetcher.check(&crate_pin).unwrap().mirrors[0].1.is_ok());
    std::fs::remove_dir_all(&tree).unwrap();
    fetcher.offline = true;
    fetcher.ensure(&crate_pin).unwrap();
}

fn run(dir: &Utf8Path, program: &str, args: &[&str]) {
    let status = std::process::Command::new(program).args(args).current_dir(dir).status().unwrap();
    assert!(status.success(), "{program} {args:?}");
}
