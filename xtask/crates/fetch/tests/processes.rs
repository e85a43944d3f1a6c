//! Several processes, killed processes, full disks and indexes: each needs a process of its own.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "../../../../tests/containers/faults.rs"]
#[allow(dead_code, clippy::expect_used)]
mod faults;

use common::{Item, Reply, Scene, Server, arguments, child, digest, fetcher, gzip, pin, tar};
use faults::{Fate, Proxy};
use model::source::{Mirror, Pin, Sha256};
use model::text::path::Subdir;
use std::fmt::Write as _;
use std::process::{Child, Command, Output};

/// `CHILD` is: root, kind of mirror, URL, sha256, tree.
fn pin_of(words: &[String]) -> Pin {
    let sha256 = words[3].parse().unwrap();
    let mirror = match words[1].as_str() {
        "archive" => Mirror::Archive { url: words[2].clone(), sha256, subdir: Subdir::default() },
        _ => Mirror::PypiSdist {
            package: "Some.Package".to_owned(),
            version: "1.0".to_owned(),
            sha256,
            subdir: "vendor/x".parse().unwrap(),
        },
    };
    pin(Some(words[4].parse().unwrap()), vec![mirror])
}

#[test]
#[ignore = "run by the other tests, as a process of its own"]
fn fetch_in_child() {
    let words = arguments();
    if words.len() < 5 {
        return;
    }
    match fetcher(words[0].as_str().into(), false).ensure(&pin_of(&words)) {
        Ok(tree) => println!("fetched warm={} {}", tree.warm, tree.path),
        Err(error) => println!("failed {error}"),
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An archive of `count` small files, and the pin's words after the root.
fn many(count: usize) -> (Vec<u8>, String) {
    let names: Vec<String> = (0..count).map(|n| format!("d{}/f{n}", n % 50)).collect();
    let items: Vec<_> = names.iter().map(|name| Item::File(name, name.as_bytes())).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    (gzip(&tar(&items)), digest(&files).to_string())
}

#[test]
fn eight_processes_fetch_once() {
    let (body, tree) = many(300);
    let copy = body.clone();
    let server = Server::start(move |_, _| Reply::Serve(copy.clone()));
    let scene = Scene::new();
    let words = format!("{} archive {} {} {tree}", scene.root, server.url("/a"), Sha256::digest(&body));
    let children: Vec<Child> = (0..8).map(|_| child("fetch_in_child", &words).spawn().unwrap()).collect();
    let outputs: Vec<_> = children.into_iter().map(|c| said(&c.wait_with_output().unwrap())).collect();
    let cold = outputs.iter().filter(|text| text.contains("fetched warm=false")).count();
    let warm = outputs.iter().filter(|text| text.contains("fetched warm=true")).count();
    assert_eq!((cold, warm, server.count()), (1, 7, 1), "{outputs:?}");
}

#[test]
fn a_killed_process_leaves_nothing_that_counts() {
    let (body, tree) = many(3000);
    let copy = body.clone();
    let server = Server::start(move |_, _| Reply::Serve(copy.clone()));
    let scene = Scene::new();
    let words = format!("{} archive {} {} {tree}", scene.root, server.url("/a"), Sha256::digest(&body));
    let split: Vec<String> = words.split(' ').map(str::to_owned).collect();
    let stage = scene.cache().join("tmp/demo/tree");
    let mut caught = 0;
    for directories in [1, 2, 20, 49] {
        let mut victim = child("fetch_in_child", &words).spawn().unwrap();
        let seen = || stage.read_dir_utf8().map_or(0, Iterator::count);
        while seen() < directories && victim.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        caught += usize::from(stage.exists());
        let trees: Vec<_> = scene.leftovers().into_iter().filter(|name| name.starts_with("demo-")).collect();
        assert!(trees.is_empty(), "{trees:?}");
    }
    assert!(caught > 0, "no process was caught at work");
    let tree = scene.fetcher(true).ensure(&pin_of(&split)).unwrap();
    assert!(!tree.warm && tree.path.join("d0/f0").is_file());
    assert!(!scene.cache().join("tmp/demo").exists());
}

#[test]
fn a_full_disk_says_so_and_asks_no_other_mirror() {
    let noise: Vec<u8> =
        (0..4_000_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let zeros = gzip(&tar(&[Item::File("zeros", &vec![0; 16_000_000])]));
    for body in [noise, zeros] {
        let copy = body.clone();
        let server = Server::start(move |_, _| Reply::Serve(copy.clone()));
        let scene = Scene::new();
        let mount = scene.root.join("small");
        std::fs::create_dir(&mount).unwrap();
        let words =
            format!("{mount} archive {} {} {}", server.url("/a"), Sha256::digest(&body), Sha256::digest(b""));
        let inner = child("fetch_in_child", &words);
        // A mount of its own in a namespace of its own: nothing to clean up, and no need to be root.
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
        command.arg("mount -t tmpfs -o size=2m tmpfs \"$0\" && mkdir \"$0/repo\" && exec \"$@\"").arg(&mount);
        command.arg(inner.get_program()).args(inner.get_args()).env("CHILD", words);
        let output = command.output().unwrap();
        let text = said(&output);
        if !text.contains("running 1 test") {
            println!("no mount namespace to be had here: {}", String::from_utf8_lossy(&output.stderr));
            return;
        }
        assert!(text.contains("disk is full") && text.contains("XTASK_CACHE_DIR"), "{text}");
        assert!(!text.contains("upstream.tar.gz"), "another mirror was tried: {text}");
    }
}

#[test]
fn netrc_says_who_we_are_unless_the_url_does() {
    let (body, tree) = many(2);
    let copy = body.clone();
    let server = Proxy::alone(move |asked| match asked.header("authorization") {
        "Basic dTpw" => Fate::answer(200, copy.clone()),
        _ => Fate::answer(401, ""),
    });
    for (netrc, user, wanted) in [
        ("machine 127.0.0.1 login u password p", "", "fetched warm=false"),
        ("machine 127.0.0.1 login no password no", "u:p@", "fetched warm=false"),
        ("machine h login u password p", "", "the server answered 401"),
    ] {
        let scene = Scene::new();
        let file = scene.root.join("netrc");
        std::fs::write(&file, netrc).unwrap();
        let url = format!("http://{user}{}/a", server.address());
        let words = format!("{} archive {url} {} {tree}", scene.root, Sha256::digest(&body));
        let said = said(&child("fetch_in_child", &words).env("NETRC", &file).output().unwrap());
        assert!(said.contains(wanted), "{netrc}: {said}");
    }
}

/// A simple index at `/simple/`, as JSON or HTML, and the file that it lists.
fn index(body: Vec<u8>, html: bool) -> Server {
    let digest = Sha256::digest(&body);
    Server::start(move |path, _| match path {
        "/simple/some-package/" => {
            let (file, link) = ("some_package-1.0.tar.gz", "../../files/s.tar.gz");
            let mut page = String::new();
            if html {
                write!(page, "<html><a href=\"{link}#sha256={digest}\">{file}</a></html>").unwrap();
            } else {
                let hashes = format!("{{\"sha256\":\"{digest}\"}}");
                write!(
                    page,
                    "{{\"files\":[{{\"filename\":\"{file}\",\"url\":\"{link}\",\"hashes\":{hashes}}}]}}"
                )
                .unwrap();
            }
            Reply::Serve(page.into_bytes())
        }
        "/files/s.tar.gz" => Reply::Serve(body.clone()),
        _ => Reply::Status(404),
    })
}

fn sdist(scene: &Scene, server: &Server, body: &[u8], tree: &str) -> String {
    let words = format!("{} sdist - {} {tree}", scene.root, Sha256::digest(body));
    let mut command = child("fetch_in_child", &words);
    command.env("PIP_INDEX_URL", server.url("/simple/")).env_remove("PIP_EXTRA_INDEX_URL");
    command.env_remove("UV_INDEX_URL").env_remove("UV_DEFAULT_INDEX").env_remove("PIP_FIND_LINKS");
    said(&command.output().unwrap())
}

#[test]
fn an_sdist_comes_from_the_configured_index() {
    let tree = digest(&[("a", "1"), ("b/c", "2")]).to_string();
    let items = [
        Item::File("some_package-1.0/setup.py", b""),
        Item::File("some_package-1.0/vendor/x/a", b"1"),
        Item::File("some_package-1.0/vendor/x/b/c", b"2"),
        Item::File("some_package-1.0/vendor/x/.git", b"gitdir: ../.."),
    ];
    let body = gzip(&tar(&items));
    for html in [false, true] {
        let scene = Scene::new();
        let text = sdist(&scene, &index(body.clone(), html), &body, &tree);
        assert!(text.contains("fetched warm=false"), "{text}");
    }
}

#[test]
fn a_dangerous_sdist_is_refused_whole() {
    for (evil, wanted) in [
        (Item::File("some_package-1.0/../../evil", b"x"), "unsafe path"),
        (Item::File("/evil", b"x"), "unsafe path"),
        (Item::Link("some_package-1.0/vendor/x/l", "../../../../etc"), "unsafe link"),
        (Item::Claims("some_package-1.0/huge", 1 << 42), "bomb"),
    ] {
        let body = gzip(&tar(&[Item::File("some_package-1.0/vendor/x/a", b"1"), evil]));
        let scene = Scene::new();
        let text = sdist(&scene, &index(body.clone(), false), &body, Sha256::digest(b"").as_str());
        assert!(text.contains(wanted), "no `{wanted}` in {text}");
        assert!(scene.leftovers().is_empty());
    }
}
