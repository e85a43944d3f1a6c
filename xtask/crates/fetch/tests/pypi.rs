//! The pin of llama.cpp for real: from the Python package index, and again through git, with one digest.
//! Needs the package registry; run with `--ignored`.

#![allow(clippy::unwrap_used, clippy::panic)]

use camino::Utf8Path;
use fetch::{Fetcher, Silent, tree::tree_digest};
use plan::source::{Mirror, Pin, Upstream};

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
            subdir: "vendor/llama.cpp".into(),
        }],
        patches: Vec::new(),
        license: "MIT".to_owned(),
        license_files: vec!["LICENSE".into()],
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

fn run(dir: &Utf8Path, program: &str, args: &[&str]) {
    let status = std::process::Command::new(program).args(args).current_dir(dir).status().unwrap();
    assert!(status.success(), "{program} {args:?}");
}
