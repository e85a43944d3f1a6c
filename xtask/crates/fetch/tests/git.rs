//! Real git repositories as mirrors: exact bytes, submodules, tags, patches, local copies.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;

use camino::{Utf8Path, Utf8PathBuf};
use common::{Reply, Scene, Server, pin, run};
use fetch::FetchError;
use fetch::tree::tree_digest;
use model::source::{Commit, Mirror, Pin, Sha256, Upstream};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

/// A repository with everything that makes a checkout differ from its blobs, and the digest of the blobs.
struct Upstreams {
    scene: Scene,
    main: Utf8PathBuf,
    commit: Commit,
    plain: Sha256,
}

fn upstreams() -> Upstreams {
    let scene = Scene::new();
    let main = scene.root.join("main");
    std::fs::create_dir_all(main.join("src")).unwrap();
    std::fs::write(main.join("src/a.c"), "one\ntwo\nthree\n").unwrap();
    std::fs::write(main.join("run"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(main.join("run"), std::fs::Permissions::from_mode(0o755)).unwrap();
    symlink("src/a.c", main.join("link")).unwrap();
    std::fs::write(main.join("empty"), "").unwrap();
    std::fs::write(main.join("stamp"), "$Id$\n").unwrap();
    std::fs::write(main.join("secret"), "not exported\n").unwrap();
    let attributes = "*.c text eol=crlf\nstamp ident\nsecret export-ignore\n";
    std::fs::write(main.join(".gitattributes"), attributes).unwrap();
    let plain = tree_digest(&main).unwrap().digest;
    run(&main, "git", &["init", "--quiet", "-b", "main"]);
    run(&main, "git", &["add", "."]);
    run(&main, "git", &["commit", "--quiet", "-m", "one"]);
    let commit = run(&main, "git", &["rev-parse", "HEAD"]).parse().unwrap();
    Upstreams { scene, main, commit, plain }
}

fn git_pin(commit: &Commit, tree: Option<Sha256>, url: &Utf8Path) -> Pin {
    let upstream = Upstream::Git { url: url.to_string(), commit: commit.clone() };
    Pin { upstream, ..pin(tree, Vec::new()) }
}

#[test]
fn blobs_come_out_as_they_are() {
    let up = upstreams();
    // A later commit hides the pinned one from every branch tip.
    std::fs::write(up.main.join("later"), "").unwrap();
    run(&up.main, "git", &["add", "."]);
    run(&up.main, "git", &["commit", "--quiet", "-m", "two"]);
    let bare = up.scene.root.join("bare.git");
    run(&up.scene.root, "git", &["clone", "--quiet", "--bare", "main", "bare.git"]);
    let mut pin = git_pin(&up.commit, Some(up.plain.clone()), Utf8Path::new("/nonexistent"));
    pin.mirrors =
        vec![Mirror::Git { url: "../absent".to_owned() }, Mirror::Git { url: format!("file://{bare}") }];
    let tree = up.scene.fetcher(true).ensure(&pin).unwrap().path;
    assert_eq!(tree_digest(&tree).unwrap().digest, up.plain);
    assert_eq!(std::fs::read_to_string(tree.join("stamp")).unwrap(), "$Id$\n");
    assert!(tree.join("secret").is_file() && !tree.join("later").exists());
}

#[test]
fn a_commit_vouches_for_itself_and_an_absent_one_is_named() {
    let up = upstreams();
    up.scene.fetcher(false).ensure(&git_pin(&up.commit, None, &up.main)).unwrap();
    let absent: Commit = "7".repeat(40).parse().unwrap();
    let error = up.scene.fetcher(false).ensure(&git_pin(&absent, None, &up.main)).unwrap_err();
    assert!(error.to_string().contains(absent.as_str()), "{error}");
    assert!(
        up.scene
            .leftovers()
            .iter()
            .all(|name| name.contains(&*fetch::directory_name(&git_pin(&up.commit, None, &up.main), &[])))
    );
}

#[test]
fn a_tag_leads_to_its_commit() {
    let up = upstreams();
    run(&up.main, "git", &["tag", "-a", "v1", "-m", "v1"]);
    run(&up.main, "git", &["commit", "--quiet", "--allow-empty", "-m", "two"]);
    let (url, reason) = (up.main.to_string(), "test".to_owned());
    let upstream = Upstream::GitTag { url, tag: "v1".to_owned(), reason };
    let pin = Pin { upstream, ..pin(None, Vec::new()) };
    let tree = up.scene.fetcher(false).ensure(&pin).unwrap().path;
    assert_eq!(tree_digest(&tree).unwrap().digest, up.plain);
}

#[test]
fn submodules_come_along_when_they_are_wanted() {
    let up = upstreams();
    for (name, inner) in [("deep", None), ("sub", Some("../deep"))] {
        let at = up.scene.root.join(name);
        std::fs::create_dir(&at).unwrap();
        std::fs::write(at.join(name), name).unwrap();
        run(&at, "git", &["init", "--quiet", "-b", "main"]);
        if let Some(url) = inner {
            run(
                &at,
                "git",
                &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "third_party/deep"],
            );
        }
        run(&at, "git", &["add", "."]);
        run(&at, "git", &["commit", "--quiet", "-m", name]);
    }
    run(
        &up.main,
        "git",
        &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../sub", "sub"],
    );
    run(&up.main, "git", &["commit", "--quiet", "-m", "two"]);
    let commit = run(&up.main, "git", &["rev-parse", "HEAD"]).parse().unwrap();
    let mut pin = git_pin(&commit, None, &up.main);
    let without = up.scene.fetcher(false).ensure(&pin).unwrap().path;
    assert!(!without.join("sub/sub").exists());
    pin.submodules = true;
    let with = up.scene.fetcher(false).ensure(&pin).unwrap().path;
    assert_eq!(std::fs::read_to_string(with.join("sub/sub")).unwrap(), "sub");
    assert_eq!(std::fs::read_to_string(with.join("sub/third_party/deep/deep")).unwrap(), "deep");
    pin.exclude.push("sub/third_party".to_owned());
    let filtered = up.scene.fetcher(false).ensure(&pin).unwrap().path;
    assert!(filtered.join("sub/sub").is_file() && !filtered.join("sub/third_party").exists());
}

#[test]
fn a_git_host_that_hangs_is_given_up() {
    let server = Server::start(|_, _| Reply::Hang);
    let up = upstreams();
    let url = server.url("/x.git");
    let mut pin = git_pin(&up.commit, Some(up.plain), Utf8Path::new(&url));
    let started = Instant::now();
    let error = up.scene.fetcher(false).ensure(&pin).unwrap_err().to_string();
    assert!(started.elapsed() < Duration::from_secs(20) && server.count() > 0, "{error}");
    pin.mirrors = vec![Mirror::Git { url }, Mirror::Path { path: up.main }];
    up.scene.fetcher(false).ensure(&pin).unwrap();
}

#[test]
fn hooks_and_settings_of_a_repository_are_not_run() {
    let up = upstreams();
    let trap = up.scene.root.join("sprung");
    let script = format!("#!/bin/sh\ntouch {trap}\n");
    for hook in ["post-checkout", "pre-auto-gc", "reference-transaction", "post-update"] {
        let hook = up.main.join(".git/hooks").join(hook);
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, &script).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    run(&up.main, "git", &["config", "core.fsmonitor", &format!("touch {trap}")]);
    run(&up.main, "git", &["config", "filter.x.smudge", &format!("touch {trap}")]);
    up.scene.fetcher(false).ensure(&git_pin(&up.commit, Some(up.plain), &up.main)).unwrap();
    assert!(!trap.exists());
}

#[test]
fn patches_apply_in_order_and_a_rejected_one_leaves_nothing() {
    let up = upstreams();
    let repo = up.scene.root.join("repo");
    let edit = |from: &str, to: &str| {
        format!("--- a/src/a.c\n+++ b/src/a.c\n@@ -1,3 +1,3 @@\n one\n-{from}\n+{to}\n three\n")
    };
    std::fs::write(repo.join("1.patch"), edit("two", "2")).unwrap();
    std::fs::write(repo.join("2.patch"), edit("2", "II")).unwrap();
    let mut pin = git_pin(&up.commit, Some(up.plain), &up.main);
    pin.patches = vec!["1.patch".parse().unwrap(), "2.patch".parse().unwrap()];
    let fetcher = up.scene.fetcher(false);
    let tree = fetcher.ensure(&pin).unwrap().path;
    assert_eq!(std::fs::read_to_string(tree.join("src/a.c")).unwrap(), "one\nII\nthree\n");

    pin.patches.reverse();
    let error = fetcher.ensure(&pin).unwrap_err();
    assert!(matches!(error, FetchError::PatchRejected { .. }));
    let text = error.to_string();
    assert!(text.contains("2.patch") && text.contains("src/a.c:1"), "{text}");
    assert!(!fetcher.path(&pin).unwrap().exists());

    std::fs::write(repo.join("out.patch"), "--- /dev/null\n+++ b/../../../out\n@@ -0,0 +1 @@\n+x\n").unwrap();
    pin.patches = vec!["out.patch".parse().unwrap()];
    assert!(matches!(fetcher.ensure(&pin).unwrap_err(), FetchError::PatchRejected { .. }));
    pin.patches = vec!["absent.patch".parse().unwrap()];
    assert!(matches!(fetcher.ensure(&pin).unwrap_err(), FetchError::PatchUnreadable { .. }));
}

#[test]
fn a_local_copy_serves_as_directory_archive_or_repository() {
    let up = upstreams();
    let copy = up.scene.root.join("copy");
    run(&up.scene.root, "cp", &["-a", "main", "copy"]);
    std::fs::remove_dir_all(copy.join(".git")).unwrap();
    run(&up.scene.root, "tar", &["-czf", "copy.tar.gz", "copy"]);
    let dirty = up.scene.root.join("dirty");
    run(&up.scene.root, "cp", &["-a", "main", "dirty"]);
    std::fs::write(dirty.join("build.log"), "noise").unwrap();
    let pin = git_pin(&up.commit, Some(up.plain), Utf8Path::new("/nonexistent"));
    for local in [copy.clone(), up.scene.root.join("copy.tar.gz"), dirty] {
        let mut fetcher = up.scene.fetcher(true);
        fetcher.dir = up.scene.root.join(format!("cache-{}", local.file_name().unwrap()));
        fetcher.overrides.insert(pin.name.clone(), local.clone());
        let tree = fetcher.ensure(&pin).unwrap();
        assert!(tree.path.join("run").is_file(), "{local}");
    }
    std::fs::write(copy.join("extra"), "").unwrap();
    let mut fetcher = up.scene.fetcher(true);
    fetcher.overrides.insert(pin.name.clone(), copy);
    let error = fetcher.ensure(&pin).unwrap_err().to_string();
    assert!(error.contains("your copy") && error.contains("expected"), "{error}");
}
