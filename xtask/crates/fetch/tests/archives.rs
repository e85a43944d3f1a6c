//! Archives that try to get out, to get big, or to confuse.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Item, Scene, gzip, run, tar};
use fetch::Selection;
use fetch::unpack::{Limits, UnpackError, Unpacked, unpack, unpack_file};
use std::fmt::Write;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;

fn unpacked(scene: &Scene, bytes: Vec<u8>, limits: &Limits) -> Result<Unpacked, UnpackError> {
    let dest = scene.root.join("dest");
    std::fs::create_dir(&dest).unwrap();
    unpack(Cursor::new(bytes), &dest, limits, &Selection::default())
}

fn refused(items: &[Item<'_>]) -> UnpackError {
    let scene = Scene::new();
    let error = unpacked(&scene, gzip(&tar(items)), &Limits::default()).unwrap_err();
    let outside: Vec<_> =
        scene.root.read_dir_utf8().unwrap().map(|e| e.unwrap().file_name().to_owned()).collect();
    assert!(outside.iter().all(|name| ["repo", "dest"].contains(&name.as_str())), "{outside:?}");
    error
}

#[test]
fn nothing_gets_out_of_the_tree() {
    for name in ["../evil", "a/../../evil", "/evil", "a/.."] {
        let error = refused(&[Item::File("ok", b""), Item::File(name, b"x")]);
        assert!(matches!(error, UnpackError::Path(_)), "{name}: {error}");
    }
    for (name, target) in [("l", "/etc"), ("l", ".."), ("a/l", "../../x"), ("l", "l")] {
        let error = refused(&[Item::Link(name, target)]);
        assert!(matches!(error, UnpackError::Link { .. }), "{name} -> {target}: {error}");
    }
    let chain = [Item::Link("a/b/up", "../.."), Item::Link("out", "a/b/up/../x")];
    assert!(matches!(refused(&chain), UnpackError::Link { .. }));
    let through = [Item::Link("d", "sub"), Item::File("d/file", b"x")];
    assert!(matches!(refused(&through), UnpackError::Duplicate(_)));
    let later = [Item::File("d/file", b"x"), Item::Link("d", "/tmp")];
    assert!(matches!(refused(&later), UnpackError::Duplicate(_)));
    for target in ["../../etc/passwd", "/etc/passwd"] {
        assert!(matches!(refused(&[Item::Hard("h", target)]), UnpackError::Path(_)));
    }
    assert!(matches!(refused(&[Item::Hard("h", "absent")]), UnpackError::Link { .. }));
    assert!(matches!(refused(&[Item::Device("null")]), UnpackError::Kind { .. }));
    let twice = [Item::File("a", b"1"), Item::File("a", b"2")];
    assert!(matches!(refused(&twice), UnpackError::Duplicate(_)));
    let both = [Item::File("a", b"1"), Item::File("a/b", b"2")];
    assert!(matches!(refused(&both), UnpackError::Duplicate(_)));
}

#[test]
fn bombs_are_stopped_before_the_disk_is_full() {
    let limits = Limits { entries: 10, bytes: 1_000_000, path: 100 };
    let zeros = vec![0; 1_000_001];
    let names: Vec<String> = (0..11).map(|n| format!("f{n}")).collect();
    let many: Vec<_> = names.iter().map(|name| Item::File(name, b"")).collect();
    let long = "x".repeat(5000);
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    builder.append_data(&mut header, &long, &b""[..]).unwrap();
    let long = builder.into_inner().unwrap();
    for (bytes, what) in [
        (gzip(&tar(&[Item::File("zeros", &zeros)])), "bytes"),
        (gzip(&tar(&[Item::File("a", &zeros[1..]), Item::File("b", b"x")])), "bytes"),
        (gzip(&tar(&[Item::Claims("huge", 1 << 40)])), "bytes"),
        (gzip(&tar(&many)), "entries"),
        (zip(&[("zeros", &zeros, 0o100_644)]), "bytes"),
        (long, "name"),
    ] {
        let scene = Scene::new();
        let error = unpacked(&scene, bytes, &limits).unwrap_err();
        let UnpackError::TooMuch { what: found, .. } = error else { panic!("{error}") };
        assert!(found.contains(what), "{found}");
    }
}

#[test]
fn a_file_cut_short_is_broken_at_every_length() {
    let whole = gzip(&tar(&[Item::File("a", &[7; 3000]), Item::File("b", b"end")]));
    for end in (0..whole.len() - 10).step_by(7) {
        let scene = Scene::new();
        let error = unpacked(&scene, whole[..end].to_vec(), &Limits::default()).unwrap_err();
        assert!(matches!(error, UnpackError::Broken(_) | UnpackError::UnknownFormat), "{end}: {error}");
    }
}

/// Flipped bits must end in an error or in files below the destination, never in a panic or elsewhere.
#[test]
fn damage_is_survived() {
    let plain = tar(&[Item::File("d/a", b"hello"), Item::Link("l", "d/a"), Item::Hard("h", "d/a")]);
    let zipped = zip(&[("d/a", b"hello", 0o100_644), ("l", b"d/a", 0o120_777)]);
    let mut seed: u64 = 42;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for round in 0..300 {
        let mut bytes = if round % 2 == 0 { plain.clone() } else { zipped.clone() };
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            bytes[at] ^= 1 << next(8);
        }
        let scene = Scene::new();
        let limits = Limits { entries: 100, bytes: 1 << 20, path: 200 };
        let _ = unpacked(&scene, bytes, &limits);
        let names: Vec<_> =
            scene.root.read_dir_utf8().unwrap().map(|e| e.unwrap().file_name().to_owned()).collect();
        assert_eq!(names.len(), 2, "round {round}: {names:?}");
    }
}

#[test]
fn modes_links_and_names_come_out_plain() {
    let scene = Scene::new();
    let items = [
        Item::Script("bin/run", b"#!"),
        Item::Link("bin/alias", "run"),
        Item::Hard("copy", "bin/run"),
        Item::File("Case", b"1"),
        Item::File("./dot//x", b"2"),
    ];
    assert_eq!(unpacked(&scene, tar(&items), &Limits::default()).unwrap(), Unpacked { files: 5, bytes: 6 });
    let dest = scene.root.join("dest");
    let mode = |path: &str| dest.join(path).metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("bin/run") & 0o7700, 0o700, "no setuid");
    assert_eq!(mode("Case") & 0o100, 0);
    assert_eq!(dest.join("bin/alias").read_link_utf8().unwrap(), "run");
    assert_eq!(mode("copy") & 0o100, 0o100);
    assert_eq!(std::fs::read(dest.join("dot/x")).unwrap(), b"2");
}

#[test]
fn every_compression_yields_the_same_tree() {
    let bytes = tar(&[Item::File("d/a", b"hello"), Item::Script("d/b", b"#!")]);
    let scene = Scene::new();
    std::fs::write(scene.root.join("a.tar"), &bytes).unwrap();
    std::fs::write(scene.root.join("a.tar.gz"), gzip(&bytes)).unwrap();
    std::fs::write(scene.root.join("a.zip"), zip(&[("d/a", b"hello", 0o100_644), ("d/b", b"#!", 0o100_755)]))
        .unwrap();
    let mut names = vec!["a.tar", "a.tar.gz", "a.zip"];
    for (program, name) in [("xz", "a.tar.xz"), ("zstd", "a.tar.zst"), ("bzip2", "a.tar.bz2")] {
        let found = std::process::Command::new(program).arg("--version").output().is_ok();
        if found {
            let options = ["-k", "-q", "a.tar"];
            run(&scene.root, program, &options);
            names.push(name);
        }
    }
    let mut digests = std::collections::BTreeSet::new();
    for name in &names {
        let dest = scene.root.join(format!("out-{name}"));
        std::fs::create_dir(&dest).unwrap();
        unpack_file(&scene.root.join(name), &dest, &Limits::default(), &Selection::default()).unwrap();
        digests.insert(fetch::tree::tree_digest(&dest).unwrap().digest);
    }
    assert_eq!(digests.len(), 1, "{names:?}");
}

#[test]
fn a_name_that_is_too_long_for_a_header_comes_out_whole() {
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(200));
    let mut gnu = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    gnu.append_data(&mut header, &long, &b"x"[..]).unwrap();
    let mut pax = tar::Builder::new(Vec::new());
    pax.append_pax_extensions([("path", long.as_bytes())]).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_path("short").unwrap();
    header.set_size(1);
    header.set_cksum();
    pax.append(&header, &b"x"[..]).unwrap();
    for bytes in [gnu.into_inner().unwrap(), pax.into_inner().unwrap()] {
        let scene = Scene::new();
        unpacked(&scene, bytes, &Limits::default()).unwrap();
        assert!(scene.root.join("dest").join(&long).is_file());
    }
}

/// A zip file as Python writes it: name, content, mode with file type.
fn zip(files: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let scene = Scene::new();
    let mut script = String::from("import sys, zipfile\nz = zipfile.ZipFile('out.zip', 'w')\n");
    for (index, (name, body, mode)) in files.iter().enumerate() {
        std::fs::write(scene.root.join(index.to_string()), body).unwrap();
        let method = if index % 2 == 0 { "ZIP_DEFLATED" } else { "ZIP_STORED" };
        writeln!(script, "i = zipfile.ZipInfo('{name}')\ni.external_attr = {mode} << 16").unwrap();
        writeln!(script, "z.writestr(i, open('{index}', 'rb').read(), zipfile.{method})").unwrap();
    }
    script.push_str("z.comment = b'end'\nz.close()\n");
    run(&scene.root, "python3", &["-c", &script]);
    std::fs::read(scene.root.join("out.zip")).unwrap()
}

#[test]
fn a_zip_file_is_checked_as_a_tar_file_is() {
    let file = 0o100_644;
    for (files, wanted) in [
        (vec![("../evil", &b"x"[..], file)], "unsafe path"),
        (vec![("/evil", b"x", file)], "unsafe path"),
        (vec![("l", b"../x", 0o120_777)], "unsafe link"),
        (vec![("a", b"x", file), ("a/b", b"x", file)], "twice"),
        (vec![("pipe", b"", 0o010_644)], "pipe"),
    ] {
        let scene = Scene::new();
        let error = unpacked(&scene, zip(&files), &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(wanted), "no `{wanted}` in {error}");
    }
    let mut bytes = zip(&[("d/", b"", 0o040_755), ("d/a", b"hello hello hello", file)]);
    let scene = Scene::new();
    assert_eq!(
        unpacked(&scene, bytes.clone(), &Limits::default()).unwrap(),
        Unpacked { files: 1, bytes: 17 }
    );
    let at = bytes.windows(5).position(|window| window == b"hello").unwrap();
    bytes[at] ^= 1;
    let scene = Scene::new();
    let error = unpacked(&scene, bytes.clone(), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    bytes[at] ^= 1;
    // The last name in the directory is that of the second entry: it gets the bytes of the first as well.
    let mut twice = zip(&[("a", b"hello", file), ("b", b"world", file)]);
    let central: Vec<usize> = (0..twice.len()).filter(|at| twice[*at..].starts_with(b"PK\x01\x02")).collect();
    let (first, second) = (twice[central[0]..][..46].to_vec(), central[1]);
    twice[second..][..46].copy_from_slice(&first);
    let error = unpacked(&Scene::new(), twice, &Limits::default()).unwrap_err().to_string();
    assert!(error.contains("the bytes of another entry"), "{error}");
    for end in 0..bytes.len() {
        let scene = Scene::new();
        assert!(unpacked(&scene, bytes[..end].to_vec(), &Limits::default()).is_err(), "{end}");
    }
}
