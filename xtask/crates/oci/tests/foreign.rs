//! Who is not the registry: what they learn, which is nothing, and what they say, which counts for as much.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::faults::{Asked, Fate, Proxy};
use common::{client_of, digest, repository};
use oci::{Client, ImageDigest, Tag};
use std::sync::{Arc, OnceLock};

/// `u:p`.
const BASIC: &str = "Basic dTpw";
/// A list of referrers.
const EMPTY: &str =
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A registry that shows nothing to who does not say who they are.
fn registry(rule: impl Fn(&Asked) -> Fate + Send + Sync + 'static) -> Proxy {
    Proxy::alone(move |asked| match asked.header("authorization") {
        BASIC => rule(asked),
        _ => Fate::answer(401, "").with("WWW-Authenticate", "Basic"),
    })
}

/// Somebody else, who answers everything well.
fn stranger() -> Proxy {
    Proxy::alone(|asked| match asked.method.as_str() {
        "PUT" => Fate::answer(201, ""),
        "PATCH" => Fate::answer(202, "").with("Location", "/more"),
        "HEAD" => Fate::answer(200, "").with("Docker-Content-Digest", digest(1)),
        _ if asked.path.contains("blob") => Fate::answer(200, "abc"),
        _ if asked.path.contains("referrers") => Fate::answer(200, EMPTY),
        _ => Fate::answer(200, r#"{"tags":["planted"]}"#),
    })
}

/// The same server under another name, which makes it another origin.
fn other(proxy: &Proxy) -> String {
    format!("http://localhost:{}", proxy.address().rsplit(':').next().unwrap())
}

fn known_to(proxy: &Proxy) -> (tempfile::TempDir, Client) {
    client_of(&format!(r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#, proxy.address()))
}

fn abc() -> ImageDigest {
    ABC.parse().unwrap()
}

fn tag() -> Tag {
    "img-1".parse().unwrap()
}

/// Nobody told them who we are.
fn learned_nothing(stranger: &Proxy) -> bool {
    stranger.asked().iter().all(|asked| asked.header("authorization").is_empty())
}

#[test]
fn blobs_lie_elsewhere_and_are_read_there_without_credentials() {
    let store = stranger();
    let target = format!("{}/blob", other(&store));
    let proxy = registry(move |_| Fate::answer(307, "").with("Location", target.clone()));
    let (_dir, client) = known_to(&proxy);
    assert_eq!(client.small_blob(&repository(&proxy), &abc()).unwrap(), b"abc");
    assert_eq!(client.small_blobs(&repository(&proxy), &[abc()]).unwrap(), [Some(b"abc".to_vec())]);
    let error = client.small_blob(&repository(&proxy), &digest(1).parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains("they are not used"), "{error}");
    assert!(store.lines().len() == 3 && learned_nothing(&store));
    // That it lies there is the registry's word; there is nobody else to ask.
    assert!(client.has_blob(&repository(&proxy), &abc()).unwrap());
    assert_eq!(store.lines().len(), 3);
}

#[test]
fn what_others_do_not_have_may_still_be_there() {
    let store = Proxy::alone(|_| Fate::answer(404, ""));
    let target = other(&store);
    let proxy = registry(move |_| Fate::answer(307, "").with("Location", target.clone()));
    let (_dir, client) = known_to(&proxy);
    for error in [
        client.small_blob(&repository(&proxy), &abc()).unwrap_err(),
        client.small_blobs(&repository(&proxy), &[abc()]).unwrap_err(),
        client.manifest(&repository(&proxy), &abc().into()).unwrap_err(),
        client.manifests(&repository(&proxy), &[abc().into()]).unwrap_err(),
    ] {
        assert!(
            !error.is_absent() && error.to_string().contains("whom the registry names, answered 404"),
            "{error}"
        );
    }
}

#[test]
fn what_an_upload_elsewhere_says_is_not_the_registrys_word() {
    for there in [true, false] {
        let store = stranger();
        let place = format!("{}/upload?signature=x", other(&store));
        let proxy = registry(move |asked| match asked.method.as_str() {
            "POST" => Fate::answer(202, "").with("Location", place.clone()),
            // Once before the upload, and once after it.
            _ => Fate::answer(if there && asked.number > 2 { 200 } else { 404 }, ""),
        });
        let (_dir, client) = known_to(&proxy);
        let pushed = client.push_bytes(&repository(&proxy), b"abc");
        let asked = store.asked();
        assert_eq!((asked.len(), asked[0].body.as_slice()), (1, &b"abc"[..]));
        assert!(learned_nothing(&store));
        match pushed {
            Ok(_) => assert!(there),
            Err(error) => {
                assert!(!there && error.to_string().contains("the registry has no such blob"), "{error}");
            }
        }
    }
}

#[test]
fn a_way_back_from_somebody_else_is_no_way_home() {
    let home: Arc<OnceLock<String>> = Arc::default();
    let back = home.clone();
    // Pieces are sent where the last answer says: to a tag of the registry itself, at the stranger's wish.
    let store = Proxy::alone(move |_| Fate::answer(202, "").with("Location", back.get().unwrap()));
    let place = other(&store);
    let proxy = registry(move |asked| match asked.method.as_str() {
        "POST" => Fate::answer(202, "").with("Location", place.clone()),
        _ => Fate::answer(404, ""),
    });
    home.set(format!("http://{}/v2/team/cache/manifests/latest", proxy.address())).unwrap();
    let (dir, _) = known_to(&proxy);
    let config = camino::Utf8PathBuf::from_path_buf(dir.path().join("config.json")).unwrap();
    let client = Client::new(oci::Settings { docker_config: Some(config), piece: 2, ..common::settings() });
    client.push_bytes(&repository(&proxy), b"abcd").unwrap_err();
    let written: Vec<Asked> =
        proxy.asked().into_iter().filter(|asked| asked.path.contains("manifests")).collect();
    assert!(!written.is_empty());
    assert!(written.iter().all(|asked| asked.header("authorization").is_empty()), "{written:?}");
}

#[test]
fn lists_are_the_registrys_own_to_their_last_page() {
    let store = stranger();
    let link = format!("<{}/v2/team/cache/tags/list?page=2>; rel=\"next\"", other(&store));
    let proxy = registry(move |asked| {
        let body = if asked.path.contains("referrers") { EMPTY } else { r#"{"tags":["img-1"]}"# };
        Fate::answer(200, body).with("Link", link.clone())
    });
    let (_dir, client) = known_to(&proxy);
    for error in [
        client.tags(&repository(&proxy)).unwrap_err().to_string(),
        client.referrers(&repository(&proxy), &abc()).unwrap_err().to_string(),
    ] {
        assert!(error.contains("its next page is somebody else's"), "{error}");
    }
    assert!(store.lines().is_empty());
}

#[test]
fn nobody_answers_in_the_registrys_place() {
    let store = stranger();
    let target = format!("{}/v2/x", other(&store));
    let proxy = registry(move |_| Fate::answer(307, "").with("Location", target.clone()));
    let (_dir, client) = known_to(&proxy);
    let at = repository(&proxy);
    for error in [
        client.tags(&at).unwrap_err(),
        client.referrers(&at, &abc()).unwrap_err(),
        client.resolve(&at, &tag()).unwrap_err(),
        client.manifest(&at, &tag().into()).unwrap_err(),
        client.put_manifest(&at, &tag().into(), b"{}", "x/y").unwrap_err(),
        client.untag(&at, &tag()).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("whose word is not its own") && !error.is_absent(), "{text}");
    }
    assert!(store.lines().is_empty());
}

#[test]
fn who_else_refuses_teaches_nothing() {
    let store = Proxy::alone(|_| {
        Fate::answer(401, "").with("WWW-Authenticate", r#"Bearer realm="http://127.0.0.1:1/token""#)
    });
    let target = other(&store);
    let proxy = registry(move |asked| {
        if asked.path.contains("/blobs/") {
            Fate::answer(307, "").with("Location", target.clone())
        } else {
            Fate::answer(200, "").with("Docker-Content-Digest", digest(1))
        }
    });
    let (_dir, client) = known_to(&proxy);
    let error = client.small_blob(&repository(&proxy), &abc()).unwrap_err();
    assert!(error.to_string().contains("whom the registry names, answered 401"), "{error}");
    assert_eq!(store.lines().len(), 1);
    // What the registry itself wants to see is still what it said.
    assert!(client.resolve(&repository(&proxy), &tag()).unwrap().is_some());
}

/// What other programs are told about servers is theirs alone.
#[test]
fn no_configuration_of_another_program_counts() {
    let proxy = Proxy::alone(|_| Fate::answer(200, "").with("Docker-Content-Digest", digest(1)));
    let elsewhere = stranger();
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(home.path().join(name), text).unwrap();
    write(".netrc", "default login u password p\n".to_owned());
    write(".curlrc", format!("proxy = {}\nuser = u:p\nheader = \"X-Evil: yes\"\n", elsewhere.address()));
    write(
        ".gitconfig",
        format!("[http]\n\tproxy = http://{}\n\textraHeader = X-Evil: yes\n", elsewhere.address()),
    );
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["asks_from_a_home", "--exact", "--ignored", "--nocapture"])
        .env("HOME", home.path())
        .env_remove("NETRC")
        .env_remove("DOCKER_CONFIG")
        .env("ASK", repository(&proxy).to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains(&digest(1)), "{said}");
    let asked = &proxy.asked()[0];
    assert_eq!((asked.header("authorization"), asked.header("x-evil")), ("", ""));
    assert!(elsewhere.lines().is_empty());
}

#[test]
#[ignore = "run by `no_configuration_of_another_program_counts`"]
fn asks_from_a_home() {
    let Ok(at) = std::env::var("ASK") else { return };
    let client = Client::new(oci::Settings::from_env());
    println!("{}", client.resolve(&at.parse().unwrap(), &tag()).unwrap().unwrap());
}
