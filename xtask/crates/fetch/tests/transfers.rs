//! Downloads that break, lie, hang or are refused.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Item, Reply, Scene, Server, archive, digest, gzip, pin, tar};
use fetch::{FetchError, MirrorError};
use model::source::{Pin, Sha256};
use std::time::{Duration, Instant};

/// An archive that no block of a socket swallows whole.
fn sample() -> (Vec<u8>, Sha256) {
    let mut seed = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + u8::try_from(seed >> 28).unwrap()
    })
    .take(600_000)
    .collect();
    let text = String::from_utf8(noise.clone()).unwrap();
    (gzip(&tar(&[Item::File("big.txt", &noise)])), digest(&[("big.txt", &text)]))
}

fn attempts(error: FetchError) -> Vec<MirrorError> {
    let FetchError::Exhausted(exhausted) = error else { panic!("{error}") };
    exhausted.attempts.into_iter().map(|attempt| attempt.error).collect()
}

#[test]
fn a_truncated_download_goes_on_where_it_broke() {
    let (body, tree) = sample();
    let (half, copy) = (body.len() / 2, body.clone());
    let server = Server::start(move |_, seen| match seen {
        1 => Reply::CutAt(copy.clone(), half),
        _ => Reply::Serve(copy.clone()),
    });
    let scene = Scene::new();
    let pin = pin(Some(tree), vec![archive(server.url("/a.tgz"), &body)]);
    assert!(scene.fetcher(false).ensure(&pin).unwrap().path.join("big.txt").is_file());
    let requests = server.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].1, Some(half));
}

#[test]
fn what_a_dead_connection_left_serves_the_next_run() {
    let (body, tree) = sample();
    let copy = body.clone();
    let server = Server::start(move |_, _| Reply::CutAt(copy.clone(), 100_000));
    let scene = Scene::new();
    let mut pin = pin(Some(tree), vec![archive(server.url("/a.tgz"), &body)]);
    assert!(scene.fetcher(false).ensure(&pin).is_err());
    let part = scene.cache().join(format!("downloads/{}.part", Sha256::digest(&body)));
    assert_eq!(part.metadata().unwrap().len(), 100_000);
    drop(server);

    let copy = body.clone();
    let server = Server::start(move |_, _| Reply::Serve(copy.clone()));
    pin.mirrors = vec![archive(server.url("/b.tgz"), &body)];
    scene.fetcher(false).ensure(&pin).unwrap();
    assert_eq!(server.requests.lock().unwrap().as_slice(), [("/b.tgz".to_owned(), Some(100_000))]);
}

#[test]
fn a_server_without_ranges_is_asked_from_the_start() {
    let (body, tree) = sample();
    let copy = body.clone();
    let server = Server::start(move |_, seen| match seen {
        1 => Reply::CutAt(copy.clone(), 50_000),
        _ => Reply::ServeWhole(copy.clone()),
    });
    let scene = Scene::new();
    let pin = pin(Some(tree), vec![archive(server.url("/a.tgz"), &body)]);
    scene.fetcher(false).ensure(&pin).unwrap();
}

#[test]
fn a_spoilt_part_and_a_spoilt_download_are_fetched_anew() {
    let (body, tree) = sample();
    let copy = body.clone();
    let server = Server::start(move |_, _| Reply::Serve(copy.clone()));
    let scene = Scene::new();
    let pin = pin(Some(tree), vec![archive(server.url("/a.tgz"), &body)]);
    let downloads = scene.cache().join("downloads");
    std::fs::create_dir_all(&downloads).unwrap();
    std::fs::write(downloads.join(format!("{}.part", Sha256::digest(&body))), "not its beginning").unwrap();
    let tree = scene.fetcher(false).ensure(&pin).unwrap().path;

    std::fs::remove_dir_all(&tree).unwrap();
    std::fs::write(downloads.join(Sha256::digest(&body).as_str()), "spoilt").unwrap();
    assert!(scene.fetcher(true).ensure(&pin).is_err());
    scene.fetcher(false).ensure(&pin).unwrap();
}

#[test]
fn a_wrong_checksum_stops_that_mirror_and_names_both_digests() {
    let (body, tree) = sample();
    let evil = gzip(&tar(&[Item::File("evil", b"x")]));
    let (copy, bad) = (body.clone(), evil.clone());
    let server = Server::start(move |path, _| match path {
        "/evil.tgz" => Reply::Serve(bad.clone()),
        _ => Reply::Serve(copy.clone()),
    });
    let scene = Scene::new();
    let mut pin = pin(Some(tree), vec![archive(server.url("/evil.tgz"), &body)]);
    let errors = attempts(scene.fetcher(false).ensure(&pin).unwrap_err());
    let text = errors[0].to_string();
    assert!(
        text.contains(Sha256::digest(&evil).as_str()) && text.contains(Sha256::digest(&body).as_str()),
        "{text}"
    );
    assert!(scene.leftovers().is_empty());
    assert!(!scene.cache().join(format!("downloads/{}.part", Sha256::digest(&body))).exists());

    pin.mirrors.push(archive(server.url("/good.tgz"), &body));
    assert!(scene.fetcher(false).ensure(&pin).unwrap().path.join("big.txt").is_file());
}

#[test]
fn the_right_archive_with_another_tree_is_refused() {
    let body = gzip(&tar(&[Item::File("a", b"1")]));
    let copy = body.clone();
    let server = Server::start(move |_, _| Reply::Serve(copy.clone()));
    let scene = Scene::new();
    let wanted = digest(&[("a", "2")]);
    let pin = pin(Some(wanted.clone()), vec![archive(server.url("/a"), &body)]);
    let errors = attempts(scene.fetcher(false).ensure(&pin).unwrap_err());
    let MirrorError::Digest { expected, found, .. } = &errors[0] else { panic!("{:?}", errors[0]) };
    assert_eq!((expected, found), (&wanted, &digest(&[("a", "1")])));
    assert!(scene.leftovers().is_empty());
}

#[test]
fn a_hanging_mirror_is_given_up_and_the_next_one_serves() {
    let (body, tree) = sample();
    let copy = body.clone();
    let server = Server::start(move |path, _| match path {
        "/hangs" => Reply::Hang,
        _ => Reply::Serve(copy.clone()),
    });
    let scene = Scene::new();
    let mirrors = vec![archive(server.url("/hangs"), &body), archive(server.url("/serves"), &body)];
    let started = Instant::now();
    scene.fetcher(false).ensure(&pin(Some(tree), mirrors)).unwrap();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(server.count(), 2);
}

#[test]
fn every_refusal_is_listed_with_what_to_do() {
    let server = Server::start(|path, _| match path {
        "/hangs" => Reply::Hang,
        "/gone" => Reply::Status(404),
        _ => Reply::Status(500),
    });
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = |path: &str| server.url(path).replace("http://", "http://user:hunter2@");
    let urls = [url("/gone"), url("/broken?token=s3cret"), format!("http://{closed}/"), url("/hangs")];
    let mirrors = urls.map(|url| archive(url, b"x")).to_vec();
    let scene = Scene::new();
    let error =
        scene.fetcher(false).ensure(&pin(Some(Sha256::digest(b"")), mirrors)).unwrap_err().to_string();
    for wanted in
        ["404", "500", "onnect", "was stopped", "upstream.tar.gz", "XTASK_SOURCE_DEMO", "sources.yaml"]
    {
        assert!(error.contains(wanted), "no `{wanted}` in:\n{error}");
    }
    for secret in ["hunter2", "s3cret", "user:"] {
        assert!(!error.contains(secret), "`{secret}` in:\n{error}");
    }
}

#[test]
fn offline_fails_cold_and_works_warm() {
    let (body, tree) = sample();
    let copy = body.clone();
    let server = Server::start(move |_, _| Reply::Serve(copy.clone()));
    let scene = Scene::new();
    let mut pin: Pin = pin(Some(tree), vec![archive(server.url("/a.tgz"), &body)]);
    let error = scene.fetcher(true).ensure(&pin).unwrap_err().to_string();
    assert!(error.contains("--offline"), "{error}");
    assert_eq!(server.count(), 0);
    let cold = scene.fetcher(false).ensure(&pin).unwrap();
    drop(server);
    let warm = scene.fetcher(true).ensure(&pin).unwrap();
    assert_eq!((cold.warm, warm.warm), (false, true));
    assert_eq!(cold.path, warm.path);

    // A new patch makes another tree, from the archive that is still there.
    std::fs::write(scene.root.join("repo/add.patch"), "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n")
        .unwrap();
    pin.patches.push("add.patch".parse().unwrap());
    let patched = scene.fetcher(true).ensure(&pin).unwrap();
    assert_ne!(patched.path, cold.path);
    assert_eq!(std::fs::read_to_string(patched.path.join("new")).unwrap(), "x\n");
    assert!(!cold.path.join("new").exists());
}
