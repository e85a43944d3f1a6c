//! Servers that refuse, break, or say nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::faults::{Fate, Proxy};
use common::{client, digest, repository, settings};
use oci::{Client, RegistryError, Settings, Tag};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn tags(count: usize) -> Vec<Tag> {
    (0..count).map(|number| format!("img-{number}").parse().unwrap()).collect()
}

fn found(number: usize) -> Fate {
    Fate::answer(200, "").with("Docker-Content-Digest", digest(number))
}

#[test]
fn many_tags_are_asked_for_at_once() {
    let proxy = Proxy::alone(|asked| {
        let number: usize = asked.path.rsplit('-').next().unwrap().parse().unwrap();
        if number.is_multiple_of(3) { Fate::answer(404, "") } else { found(number) }
    });
    let answers = client().exists_many(&repository(&proxy), &tags(60)).unwrap();
    assert_eq!(answers.len(), 60);
    for (number, tag) in tags(60).into_iter().enumerate() {
        let wanted = (number % 3 != 0).then(|| digest(number).parse().unwrap());
        assert_eq!(answers[&tag], wanted, "{tag}");
    }
    let lines = proxy.lines();
    assert!(
        lines.len() == 60 && lines.iter().all(|line| line.starts_with("HEAD /v2/team/cache/manifests/img-"))
    );
}

#[test]
fn whoever_is_told_to_wait_waits_and_gets_the_rest() {
    // Three in four are refused once.
    let proxy = Proxy::alone(|asked| match asked.number {
        4..30 => Fate::answer(429, "").with("Retry-After", "0"),
        number => found(number),
    });
    let answers = client().exists_many(&repository(&proxy), &tags(40)).unwrap();
    assert!(answers.len() == 40 && answers.values().all(Option::is_some));
    // Nothing that was answered is asked again.
    assert_eq!(proxy.lines().len(), 40 + 26);
}

#[test]
fn a_server_that_asks_for_too_much_patience_is_busy() {
    let proxy = Proxy::alone(|_| Fate::answer(429, "").with("Retry-After", "3600"));
    let error = client().exists_many(&repository(&proxy), &tags(3)).unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("for 3600 s"), "{error}");
    assert_eq!(proxy.lines().len(), 1);
}

#[test]
fn errors_that_pass_are_outlasted_and_others_are_told() {
    let proxy = Proxy::alone(|asked| if asked.number < 3 { Fate::answer(503, "") } else { found(7) });
    let tag: Tag = "img-7".parse().unwrap();
    assert_eq!(client().resolve(&repository(&proxy), &tag).unwrap(), Some(digest(7).parse().unwrap()));

    let body = r#"{"errors":[{"code":"UNKNOWN","message":"the disk of the registry is full"}]}"#;
    let proxy = Proxy::alone(move |_| Fate::answer(500, body));
    let error = client().manifest(&repository(&proxy), &tag.clone().into()).unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("disk of the registry is full"), "{error}");
    assert_eq!(proxy.lines().len(), 4, "as often as the settings say");

    let proxy = Proxy::alone(|_| Fate::answer(418, ""));
    let error = client().manifest(&repository(&proxy), &tag.into()).unwrap_err();
    assert!(!error.is_unavailable() && error.to_string().contains("418"), "{error}");
    assert_eq!(proxy.lines().len(), 1);
}

#[test]
fn nobody_there_is_said_soon() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let repository = format!("{address}/x").parse().unwrap();
    let error = client().exists_many(&repository, &tags(500)).unwrap_err();
    assert!(matches!(error, RegistryError::Unreachable { .. }) && error.is_unavailable(), "{error}");
}

#[test]
fn silence_is_bounded() {
    let proxy = Proxy::alone(|asked| if asked.number == 0 { found(0) } else { Fate::Hang });
    let second = Duration::from_secs(1);
    let client = Client::new(Settings { batch: second, small: second, ..settings() });
    let began = Instant::now();
    let error = client.exists_many(&repository(&proxy), &tags(50)).unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn answers_that_lie_are_not_believed() {
    let manifest = r#"{"schemaVersion":2,"manifests":[]}"#;
    let proxy = Proxy::alone(move |asked| match asked.path.rsplit('/').next().unwrap() {
        "lie" => Fate::answer(200, manifest).with("Docker-Content-Digest", digest(1)),
        "no-json" => Fate::answer(200, "<html>"),
        "other" => Fate::answer(200, r#"{"schemaVersion":1}"#),
        _ => Fate::answer(200, manifest),
    });
    let (client, repository) = (client(), repository(&proxy));
    let error = |tag: &str| {
        let tag: Tag = tag.parse().unwrap();
        client.manifest(&repository, &tag.into()).unwrap_err().to_string()
    };
    assert!(error("lie").contains("they are not used"));
    assert!(error("no-json").contains("not a manifest"));
    assert!(error("other").contains("schema version 1"));
    let wanted: oci::ImageDigest = digest(2).parse().unwrap();
    let error = client.manifest(&repository, &wanted.into()).unwrap_err().to_string();
    assert!(error.contains(&digest(2)), "{error}");
}

#[test]
fn a_broken_upload_goes_on_where_the_registry_is() {
    let broken = AtomicBool::new(false);
    let proxy = Proxy::alone(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => Fate::answer(202, "").with("Location", "/up/1"),
        ("PATCH", "/up/1") => Fate::answer(202, "").with("Location", "/up/2"),
        // The gateway gave up when the registry had 1500 bytes.
        ("PATCH", "/up/2") if !broken.swap(true, Ordering::SeqCst) => Fate::answer(504, ""),
        ("GET", "/up/2") => Fate::answer(204, "").with("Range", "0-1499"),
        ("PATCH", "/up/2") => Fate::answer(202, "").with("Location", "/up/3"),
        ("PATCH", "/up/3") => Fate::answer(202, "").with("Location", "/up/4?state=x"),
        ("PUT", _) => Fate::answer(201, ""),
        _ => Fate::answer(404, ""),
    });
    let bytes: Vec<u8> = (0..2700_u32).map(|number| (number % 251) as u8).collect();
    let client = Client::new(Settings { piece: 1000, ..settings() });
    client.push_bytes(&repository(&proxy), &bytes).unwrap();
    let asked = proxy.asked();
    let pieces: Vec<(&str, &[u8])> = asked
        .iter()
        .filter(|asked| asked.method == "PATCH")
        .map(|asked| (asked.header("content-range"), asked.body.as_slice()))
        .collect();
    let piece = |from: usize, to: usize| &bytes[from..=to];
    assert_eq!(
        pieces,
        [
            ("0-999", piece(0, 999)),
            ("1000-1999", piece(1000, 1999)),
            ("1500-2499", piece(1500, 2499)),
            ("2500-2699", piece(2500, 2699)),
        ]
    );
    let last = proxy.lines().pop().unwrap();
    assert!(last.starts_with("PUT /up/4?state=x&digest=sha256:"), "{last}");
}

#[test]
fn an_upload_that_breaks_for_ever_ends() {
    let proxy = Proxy::alone(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => Fate::answer(202, "").with("Location", "/up/1"),
        ("PATCH", "/up/1") => Fate::answer(202, "").with("Location", "/up/2"),
        ("PATCH", "/up/2") => Fate::answer(504, ""),
        _ => Fate::answer(404, ""),
    });
    let client = Client::new(Settings { piece: 1000, ..settings() });
    let error = client.push_bytes(&repository(&proxy), &[0; 2000]).unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    assert_eq!(proxy.lines().iter().filter(|line| line.starts_with("POST")).count(), 4);
}

#[test]
fn what_a_registry_says_of_an_upload_is_bounded() {
    let proxy = Proxy::alone(|asked| match asked.method.as_str() {
        "POST" => Fate::answer(202, "").with("Location", "/up"),
        "PUT" => Fate::answer(201, vec![b' '; 9 << 20]),
        _ => Fate::answer(404, ""),
    });
    let error = client().push_bytes(&repository(&proxy), b"abc").unwrap_err();
    assert!(error.to_string().contains("larger than 8388608 bytes"), "{error}");
}

#[test]
fn lists_of_tags_are_read_page_by_page() {
    let proxy = Proxy::alone(|asked| match asked.path.as_str() {
        "/v2/team/cache/tags/list?n=1000" => Fate::answer(200, r#"{"tags":["b","a"]}"#)
            .with("Link", r#"</v2/team/cache/tags/list?last=b&n=1000>; rel="next""#),
        "/v2/team/cache/tags/list?last=b&n=1000" => Fate::answer(200, r#"{"tags":["c"]}"#),
        _ => Fate::answer(404, ""),
    });
    let found: Vec<String> =
        client().tags(&repository(&proxy)).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(found, ["a", "b", "c"]);
    let other = format!("{}/other", proxy.address()).parse().unwrap();
    assert!(client().tags(&other).unwrap().is_empty());
}

#[test]
fn lists_without_end_end() {
    let page = format!(r#"{{"tags":["{}"]}}"#, ["t"; 100].join("\",\""));
    let again = |page: String| {
        Proxy::alone(move |asked| {
            let next = format!("</v2/team/cache/tags/list?page={}>; rel=\"next\"", asked.number + 1);
            Fate::answer(200, page.clone()).with("Link", next)
        })
    };
    // As long as the time of a list, and as large as its memory, whatever it holds.
    let proxy = again(page);
    let soon = oci::Client::new(oci::Settings { list: Duration::ZERO, ..common::settings() });
    let error = soon.tags(&repository(&proxy)).unwrap_err().to_string();
    assert!(error.contains("the list has no end") && proxy.lines().len() == 1, "{error}");
    let proxy = again(format!(r#"{{"tags":[]{}}}"#, " ".repeat(7 << 20)));
    let error = client().tags(&repository(&proxy)).unwrap_err().to_string();
    assert!(error.contains("the list has no end") && proxy.lines().len() == 10, "{error}");
}
