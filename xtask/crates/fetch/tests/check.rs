//! `sources --check` and `sources --update` without the network.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Item, Reply, Scene, Server, archive, digest, gzip, pin, run, tar};
use fetch::{Cached, Event, FetchError, Fetcher, edit};
use model::source::{Mirror, Pin, Upstream};
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;

#[test]
fn a_check_hashes_again_and_asks_every_mirror() {
    let body = gzip(&tar(&[Item::File("a", b"1")]));
    let copy = body.clone();
    let server = Server::start(move |path, _| match path {
        "/gone" => Reply::Status(404),
        _ => Reply::Serve(copy.clone()),
    });
    let scene = Scene::new();
    let absent = Mirror::Path { path: "vendor/absent".into() };
    let mirrors = vec![archive(server.url("/a"), &body), archive(server.url("/gone"), &body), absent];
    let pin = pin(Some(digest(&[("a", "1")])), mirrors);
    let fetcher = scene.fetcher(false);
    let report = fetcher.check(&pin).unwrap();
    assert_eq!(report.cached, Cached::Absent);
    let alive: Vec<_> = report.mirrors.iter().map(|(_, result)| result.is_ok()).collect();
    assert_eq!(alive, [true, false, false, false]);

    let path = fetcher.ensure(&pin).unwrap().path;
    let spoil = |text: &str| {
        let file = path.join("a");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        std::fs::write(&file, text).unwrap();
    };
    let sound = Cached::Sound { path: path.clone(), files: 1, bytes: 1 };
    assert_eq!(fetcher.check(&pin).unwrap().cached, sound);
    spoil("2");
    let requests = server.count();
    let report = scene.fetcher(true).check(&pin).unwrap();
    assert!(matches!(report.cached, Cached::Spoilt { .. }) && report.mirrors.is_empty());
    assert_eq!(server.count(), requests);
    assert!(!path.exists());
    scene.fetcher(true).ensure(&pin).unwrap();
    assert_eq!(std::fs::read_to_string(path.join("a")).unwrap(), "1");

    // Who only wants the tree looks as well.
    spoil("3");
    let heard = Mutex::new(Vec::new());
    let reporter = |event: &Event<'_>| heard.lock().unwrap().push(format!("{event:?}"));
    let listening = Fetcher { reporter: &reporter, ..scene.fetcher(true) };
    let tree = listening.ensure(&pin).unwrap();
    assert!(!tree.warm);
    assert_eq!(std::fs::read_to_string(path.join("a")).unwrap(), "1");
    let heard = heard.into_inner().unwrap();
    // A program that another test starts holds our lock until it has begun: somebody may be waited for first.
    assert!(heard.iter().any(|event| event.starts_with("Changed") && event.contains("/a\"")), "{heard:?}");
}

#[test]
fn a_git_pin_moves_to_the_tip_or_to_a_tag() {
    let scene = Scene::new();
    let main = scene.root.join("main");
    std::fs::create_dir(&main).unwrap();
    run(&main, "git", &["init", "--quiet", "-b", "main"]);
    let mut commits = Vec::new();
    for text in ["1", "2", "3"] {
        std::fs::write(main.join("a"), text).unwrap();
        run(&main, "git", &["add", "."]);
        run(&main, "git", &["commit", "--quiet", "-m", text]);
        run(&main, "git", &["tag", &format!("v{text}")]);
        commits.push(run(&main, "git", &["rev-parse", "HEAD"]));
    }
    let upstream = Upstream::Git { url: main.to_string(), commit: commits[0].parse().unwrap() };
    let old = digest(&[("a", "1")]);
    let pin = Pin { upstream, ..pin(Some(old.clone()), Vec::new()) };
    let text = format!(
        "sources:\n  demo:\n    version: \"1.0\"\n    upstream: {{ git: {{ commit: {} }} }}\n    tree: {old} # t\n",
        commits[0]
    );
    let fetcher = scene.fetcher(false);
    let update = fetcher.update(&pin, None).unwrap();
    let new = edit(&text, &pin.name, &update.changes).unwrap();
    assert_eq!(
        new,
        text.replace(&commits[0], &commits[2]).replace(old.as_str(), digest(&[("a", "3")]).as_str())
    );
    let update = fetcher.update(&pin, Some("v2")).unwrap();
    let new = edit(&text, &pin.name, &update.changes).unwrap();
    assert!(new.contains(&commits[1]) && new.contains("version: \"v2\""), "{new}");
    assert!(
        fetcher.update(&pin, Some(&commits[0])).unwrap().changes.iter().all(|change| change.key == "version")
    );
    assert!(matches!(fetcher.update(&pin, Some("v9")).unwrap_err(), FetchError::Update { .. }));
}
