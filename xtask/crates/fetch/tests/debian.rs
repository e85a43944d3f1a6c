//! A Debian source package from a local repository that this test makes, fetched by the real apt.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Scene, digest, pin, run};
use model::source::Mirror;
use model::text::path::Subdir;
use std::fs;

#[test]
fn apt_brings_the_upstream_tar_without_touching_the_system() {
    for tool in ["apt-get", "dpkg-source", "dpkg-scansources"] {
        if std::process::Command::new(tool).arg("--version").output().is_err() {
            println!("no {tool} here: nothing of Debian can be tested");
            return;
        }
    }
    let scene = Scene::new();
    let repository = scene.root.join("repository");
    let source = repository.join("demo-lib-1.2");
    fs::create_dir_all(source.join("src")).unwrap();
    fs::write(source.join("src/a.c"), "int a;\n").unwrap();
    fs::write(source.join("COPYING"), "MIT\n").unwrap();
    run(&repository, "tar", &["-cJf", "demo-lib_1.2.orig.tar.xz", "demo-lib-1.2"]);
    fs::create_dir_all(source.join("debian/source")).unwrap();
    fs::write(source.join("debian/source/format"), "3.0 (quilt)\n").unwrap();
    let control = "Source: demo-lib\nMaintainer: T <t@example.org>\n\nPackage: demo-lib\nArchitecture: all\nDescription: d\n";
    fs::write(source.join("debian/control"), control).unwrap();
    let log = "demo-lib (1:1.2-3) unstable; urgency=low\n\n  * x\n\n -- T <t@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n";
    fs::write(source.join("debian/changelog"), log).unwrap();
    run(&repository, "dpkg-source", &["-b", "demo-lib-1.2"]);
    fs::remove_dir_all(&source).unwrap();
    let index = run(&repository, "dpkg-scansources", &["."]);
    fs::write(repository.join("Sources"), index + "\n").unwrap();
    let etc = scene.root.join("etc");
    fs::create_dir_all(etc.join("sources.list.d")).unwrap();
    let line = format!("Types: deb\nURIs: file:{repository}\nSuites: ./\nTrusted: yes\n");
    fs::write(etc.join("sources.list.d/local.sources"), line).unwrap();

    let mirror = |version: &str| Mirror::DebianSource {
        package: "demo-lib".to_owned(),
        version: version.to_owned(),
        subdir: Subdir::default(),
    };
    let tree = digest(&[("src/a.c", "int a;\n"), ("COPYING", "MIT\n")]);
    let mut pin = pin(Some(tree), vec![mirror("1:1.2-3")]);
    let mut fetcher = scene.fetcher(false);
    fetcher.apt_etc = etc;
    let found = fetcher.ensure(&pin).unwrap();
    assert!(found.path.join("src/a.c").is_file());
    assert!(fetcher.check(&pin).unwrap().mirrors[0].1.is_ok());

    // The tar file stays for a tree with other patches, without the network or the repository.
    fs::remove_dir_all(&repository).unwrap();
    fs::remove_dir_all(&found.path).unwrap();
    drop(found);
    fetcher.offline = true;
    fetcher.ensure(&pin).unwrap();

    fetcher.offline = false;
    pin.mirrors = vec![mirror("9")];
    let report = fetcher.check(&pin).unwrap();
    assert!(report.mirrors[0].1.is_err());
}
