//! Whose credentials go where, and that nobody else sees them.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::faults::{Asked, Fate, Proxy};
use common::{client, client_of, digest, repository};
use oci::{Client, Settings, Tag};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// `u:p`.
const BASIC: &str = "Basic dTpw";

fn tag() -> Tag {
    "img-1".parse().unwrap()
}

fn found() -> Fate {
    Fate::answer(200, "").with("Docker-Content-Digest", digest(1))
}

/// A registry with a token service of its own, which knows `u:p` and nobody else.
fn with_tokens(asked: &Asked) -> Fate {
    let host = asked.header("host");
    if asked.path.starts_with("/token") {
        return match asked.header("authorization") {
            BASIC => Fate::answer(200, r#"{"token":"full","expires_in":300}"#),
            _ => Fate::answer(200, r#"{"access_token":"poor"}"#),
        };
    }
    match asked.header("authorization") {
        "Bearer full" => found(),
        "Bearer poor" => Fate::answer(403, r#"{"errors":[{"code":"DENIED","message":"not yours"}]}"#),
        _ => Fate::answer(401, "").with(
            "WWW-Authenticate",
            format!(r#"Bearer realm="http://{host}/token",service="s v",scope="repository:team/cache:pull""#),
        ),
    }
}

#[test]
fn a_token_is_asked_for_once() {
    let proxy = Proxy::alone(with_tokens);
    let (_dir, client) = client_of(&format!(r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#, proxy.address()));
    let many: Vec<Tag> = (0..20).map(|number| format!("t{number}").parse().unwrap()).collect();
    assert_eq!(client.exists_many(&repository(&proxy), &many).unwrap().len(), 20);
    client.resolve(&repository(&proxy), &tag()).unwrap();
    let tokens: Vec<String> = proxy.lines().into_iter().filter(|line| line.contains("/token")).collect();
    assert_eq!(tokens, ["GET /token?scope=repository%3Ateam%2Fcache%3Apull&service=s%20v"]);
    assert_eq!(proxy.lines().len(), 1 + 1 + 20 + 1, "one refusal, one token, then only answers");
}

#[test]
fn nobody_is_told_what_to_do() {
    let proxy = Proxy::alone(with_tokens);
    let error = client().resolve(&repository(&proxy), &tag()).unwrap_err();
    let text = error.to_string();
    assert!(!error.is_unavailable() && text.contains("docker login") && text.contains("403"), "{text}");
}

#[test]
fn a_token_that_ran_out_is_renewed() {
    let proxy = Proxy::alone(|asked| {
        let stale = asked.header("authorization") == "Bearer full" && (5..10).contains(&asked.number);
        if stale {
            with_tokens(&Asked {
                headers: [("host".to_owned(), asked.header("host").to_owned())].into(),
                ..asked.clone()
            })
        } else {
            with_tokens(asked)
        }
    });
    let (_dir, client) = client_of(&format!(r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#, proxy.address()));
    let many: Vec<Tag> = (0..20).map(|number| format!("t{number}").parse().unwrap()).collect();
    let answers = client.exists_many(&repository(&proxy), &many).unwrap();
    assert!(answers.len() == 20 && answers.values().all(Option::is_some));
    assert_eq!(proxy.lines().iter().filter(|line| line.contains("/token")).count(), 2);
}

#[test]
fn an_identity_token_is_exchanged() {
    let proxy = Proxy::alone(|asked| match asked.method.as_str() {
        "POST" => Fate::answer(200, r#"{"access_token":"full"}"#),
        _ => with_tokens(asked),
    });
    let config = format!(r#"{{"auths":{{"{}":{{"identitytoken":"i&d"}}}}}}"#, proxy.address());
    let (_dir, client) = client_of(&config);
    client.resolve(&repository(&proxy), &tag()).unwrap().unwrap();
    let asked = proxy.asked();
    let post = asked.iter().find(|asked| asked.method == "POST").unwrap();
    let body = String::from_utf8(post.body.clone()).unwrap();
    assert!(body.starts_with("grant_type=refresh_token&refresh_token=i%26d&client_id="), "{body}");
}

#[test]
fn basic_credentials_are_shown_to_whoever_asks_for_them() {
    let proxy = Proxy::alone(|asked| match asked.header("authorization") {
        BASIC => found(),
        _ => Fate::answer(401, "").with("WWW-Authenticate", r#"Basic realm="x""#),
    });
    let (_dir, client) = client_of(&format!(r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#, proxy.address()));
    assert!(client.resolve(&repository(&proxy), &tag()).unwrap().is_some());
    let stranger = common::client();
    assert!(stranger.resolve(&repository(&proxy), &tag()).unwrap_err().to_string().contains("401"));
}

/// The same server under another name, which makes it another origin.
fn other(proxy: &Proxy) -> String {
    format!("http://localhost:{}", proxy.address().rsplit(':').next().unwrap())
}

#[test]
fn passwords_go_to_the_token_service_that_was_named() {
    let elsewhere = Proxy::alone(|_| Fate::answer(200, r#"{"token":"full"}"#));
    let target = other(&elsewhere);
    let proxy = Proxy::alone(move |asked| {
        if asked.path.starts_with("/token") {
            return Fate::answer(307, "").with("Location", target.clone());
        }
        with_tokens(asked)
    });
    let (_dir, client) = client_of(&format!(r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#, proxy.address()));
    let error = client.resolve(&repository(&proxy), &tag()).unwrap_err().to_string();
    assert!(error.contains("sends us elsewhere"), "{error}");
    assert!(elsewhere.lines().is_empty());

    // Also a registry on this machine cannot have them sent over the network as they are.
    let proxy = Proxy::alone(|_| {
        Fate::answer(401, "").with("WWW-Authenticate", r#"Bearer realm="http://tokens.example/t""#)
    });
    let (_dir, client) = client_of(&format!(r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#, proxy.address()));
    let error = client.resolve(&repository(&proxy), &tag()).unwrap_err().to_string();
    assert!(error.contains("not encrypted"), "{error}");
}

#[test]
fn helpers_are_asked() {
    let dir = tempfile::tempdir().unwrap();
    let helper = dir.path().join("docker-credential-xtask-test");
    let script = "#!/bin/sh\nread -r server\n[ \"$1 $server\" = 'get q.example' ] || { echo 'credentials not found in native keychain'; exit 1; }\necho '{\"ServerURL\":\"q.example\",\"Username\":\"u\",\"Secret\":\"p\"}'\n";
    fs::write(&helper, script).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    let config = dir.path().join("config.json");
    fs::write(&config, r#"{"credsStore":"xtask-test"}"#).unwrap();
    // A process of its own, since the search path belongs to all threads.
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["asks_a_helper", "--exact", "--ignored", "--nocapture"])
        .env("PATH", format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap()))
        .env("CONFIG", config)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("q.example: Basic") && text.contains("r.example: Anonymous"), "{text}");
    assert!(!text.contains("\"p\""), "{text}");
}

#[test]
#[ignore = "run by `helpers_are_asked`"]
fn asks_a_helper() {
    let config = std::env::var("CONFIG").unwrap();
    for host in ["q.example", "r.example"] {
        println!("{host}: {:?}", oci::stored_credentials(config.as_str().into(), host).unwrap());
    }
}

#[test]
fn quays_own_api_deletes_a_tag() {
    let proxy = Proxy::alone(|asked| {
        let gone = asked.path.ends_with("/tag/absent");
        match (asked.header("authorization"), gone) {
            ("Bearer oauth", true) => Fate::answer(404, r#"{"status":404}"#),
            ("Bearer oauth", false) => Fate::answer(204, ""),
            _ => Fate::answer(403, ""),
        }
    });
    let with = |token: &str| {
        let quay_token = Some(oci::Secret::new(token));
        Client::new(Settings { quay_token, quay_hosts: vec![proxy.address()], ..common::settings() })
    };
    let repository = repository(&proxy);
    assert!(with("oauth").is_quay(&repository) && !client().is_quay(&repository));
    assert_eq!(with("oauth").quay_delete(&repository, &tag()).unwrap(), oci::Deletion::Deleted);
    assert_eq!(proxy.lines(), ["DELETE /api/v1/repository/team/cache/tag/img-1"]);
    let absent = "absent".parse().unwrap();
    assert_eq!(with("oauth").quay_delete(&repository, &absent).unwrap(), oci::Deletion::Absent);
    let error = with("s3cret").quay_delete(&repository, &tag()).unwrap_err().to_string();
    assert!(error.contains("OAuth") && !error.contains("s3cret"), "{error}");
}
