//! Whom a request goes to, and who sees what of it.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::faults::{Fate, Proxy};
use common::{child, get};
use std::sync::{Arc, OnceLock};
use transfer::{Authorization, Body, Method, Redirects, Request, Response, Secret, TransferError, Url, send};

fn url(server: &Proxy) -> String {
    format!("http://{}/", server.address())
}

/// The same server under another name, which makes it another origin.
fn other(server: &Proxy) -> String {
    url(server).replace("127.0.0.1", "localhost")
}

fn bearer(url: &str) -> Authorization {
    Authorization::new(Url::parse(url).unwrap().origin(), Secret::new("Bearer s3cret")).unwrap()
}

fn follow(request: Request<'_>, redirects: Redirects) -> Result<Response, TransferError> {
    send(&Request { redirects, ..request }, &mut || {})
}

#[test]
fn credentials_are_for_one_origin() {
    let store = Proxy::alone(|_| Fate::answer(200, "abc"));
    let target = other(&store);
    let server = Proxy::alone(move |asked| match asked.path.as_str() {
        "/" => Fate::answer(302, "").with("Location", "/own"),
        _ => Fate::answer(307, "").with("Location", target.clone()),
    });
    let from = url(&server);
    let secret = bearer(&from);
    let named = from.replace("http://", "http://u:p@");
    for (request, wanted) in
        [(Request { credentials: Some(&secret), ..get(&from) }, "Bearer s3cret"), (get(&named), "Basic dTpw")]
    {
        let response = follow(request, Redirects::Anywhere).unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, &b"abc"[..]));
        assert_eq!(response.url.as_str(), other(&store));
        let seen = |server: &Proxy| -> Vec<String> {
            server.asked().iter().map(|asked| asked.header("authorization").to_owned()).collect()
        };
        assert!(seen(&server).ends_with(&[wanted.to_owned(), wanted.to_owned()]), "{:?}", seen(&server));
        assert_eq!(seen(&store).last().unwrap(), "");
    }
    assert!(format!("{:?}", bearer(&from)).contains("value: ***"));
}

#[test]
fn who_is_asked_for_somebody_else_sees_no_credentials() {
    let between: Arc<OnceLock<String>> = Arc::default();
    let next = between.clone();
    let server = Proxy::alone(move |asked| match asked.path.as_str() {
        "/" => Fate::answer(302, "").with("Location", next.get().unwrap()),
        _ => Fate::answer(200, ""),
    });
    let back = format!("{}back", url(&server));
    let store = Proxy::alone(move |_| Fate::answer(302, "").with("Location", back.clone()));
    between.set(other(&store)).unwrap();
    let from = url(&server);
    let secret = bearer(&from);
    follow(Request { credentials: Some(&secret), ..get(&from) }, Redirects::Anywhere).unwrap();
    let seen: Vec<_> = server.asked().iter().map(|asked| asked.header("authorization").to_owned()).collect();
    assert_eq!(seen, ["Bearer s3cret", ""]);
}

#[test]
fn redirects_are_followed_as_decided() {
    let store = Proxy::alone(|_| Fate::answer(200, ""));
    let target = other(&store);
    let server = Proxy::alone(move |_| Fate::answer(302, "").with("Location", target.clone()));
    let from = url(&server);
    assert_eq!(follow(get(&from), Redirects::Answer).unwrap().status, 302);
    let answer = follow(get(&from), Redirects::SameOrigin).unwrap();
    assert_eq!((answer.status, answer.own), (302, true));
    assert!(store.lines().is_empty());
    let answer = follow(get(&from), Redirects::Anywhere).unwrap();
    assert_eq!((answer.status, answer.own), (200, false));

    let circle = Proxy::alone(|_| Fate::answer(301, "").with("Location", "?again"));
    let error = follow(get(&url(&circle)), Redirects::Anywhere).unwrap_err().to_string();
    assert!(error.contains("in circles") && circle.lines().len() == 11, "{error}");
    for location in ["file:///etc/passwd", "gopher://x/"] {
        let server = Proxy::alone(move |_| Fate::answer(302, "").with("Location", location));
        let error = follow(get(&url(&server)), Redirects::Anywhere).unwrap_err();
        assert!(matches!(error, TransferError::Unusable { .. }), "{error}");
    }
}

#[test]
fn what_is_sent_goes_nowhere_else() {
    let store = Proxy::alone(|_| Fate::answer(200, ""));
    let target = other(&store);
    let server = Proxy::alone(move |asked| match asked.path.as_str() {
        "/own" => Fate::answer(308, "").with("Location", "/there"),
        "/there" => Fate::answer(201, ""),
        "/other" => Fate::answer(307, "").with("Location", target.clone()),
        _ => Fate::answer(303, "").with("Location", target.clone()),
    });
    let at = |path: &str| format!("{}{path}", url(&server));
    let ask = |url: &str| {
        follow(Request { method: Method::Put, body: Body::Bytes(b"secret"), ..get(url) }, Redirects::Anywhere)
    };
    assert_eq!(ask(&at("own")).unwrap().status, 201);
    let there = server.asked().pop().unwrap();
    assert_eq!((there.line().as_str(), there.body.as_slice()), ("PUT /there", &b"secret"[..]));
    assert!(matches!(ask(&at("other")).unwrap_err(), TransferError::Redirected { .. }));
    assert_eq!(ask(&at("changed")).unwrap().status, 303, "a write does not become a read");
    assert!(store.lines().is_empty());
}

#[test]
fn proxies_are_those_of_the_environment() {
    let proxy = Proxy::alone(|asked| match asked.method.as_str() {
        "CONNECT" => Fate::answer(407, ""),
        _ => Fate::answer(200, "through"),
    });
    let (server, named) =
        (Proxy::alone(|_| Fate::answer(200, "direct")), format!("http://u:p@{}", proxy.address()));
    let own = url(&server);
    let ask = |url: &str, variable: &str| {
        child("asks", &[("URL", url), (variable, named.as_str()), ("no_proxy", "b.example")])
    };
    assert!(ask("http://w:q@files.example/x?y", "http_proxy").contains("200 through"));
    let asked = proxy.asked().pop().unwrap();
    assert_eq!(asked.line(), "GET http://files.example:80/x?y");
    let headers = ["host", "proxy-authorization", "authorization"].map(|name| asked.header(name));
    assert_eq!(headers, ["files.example", "Basic dTpw", "Basic dzpx"]);

    let refused = ask("https://w:q@files.example/x", "ALL_PROXY");
    assert!(
        refused.contains("cannot connect to files.example:443") && refused.contains("answered HTTP/1.1 407"),
        "{refused}"
    );
    let asked = proxy.asked().pop().unwrap();
    assert_eq!(asked.line(), "CONNECT files.example:443");
    assert_eq!((asked.header("proxy-authorization"), asked.header("authorization")), ("Basic dTpw", ""));

    assert!(ask(&own, "http_proxy").contains("200 direct"));
    assert!(ask("http://a.b.example/", "http_proxy").contains("cannot connect to a.b.example:80"));
    assert_eq!(proxy.lines().len(), 2);
    let socks = child("asks", &[("URL", "https://files.example/"), ("HTTPS_PROXY", "socks5://127.0.0.1:1")]);
    assert!(socks.contains("the proxy of HTTPS_PROXY cannot be used"), "{socks}");
}

#[test]
#[ignore = "run by the others, as a process of its own"]
fn asks() {
    common::ask();
}
