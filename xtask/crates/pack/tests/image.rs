//! Object files made by a real linker: read as readelf reads them, edited so that the loader still takes them.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use common::{Bench, stdout};
use pack::image::{self, Elf, Image, Kind, Machine};

fn elf(path: impl AsRef<Utf8Path>) -> Elf {
    let path = path.as_ref();
    let from_disk = image::read(path).unwrap();
    assert_eq!(from_disk, image::parse(&std::fs::read(path).unwrap()).unwrap());
    match from_disk {
        Image::Elf(elf) => elf,
        other => panic!("{path}: {other:?}"),
    }
}

/// What readelf prints between brackets on the lines with a word.
fn readelf(path: &Utf8Path, word: &str) -> Vec<String> {
    let text = stdout(&Command::new("readelf").args(["-dW", path.as_str()]).output().unwrap());
    let lines = text.lines().filter(|line| line.contains(word));
    lines.map(|line| line.split(['[', ']']).nth(1).unwrap().to_owned()).collect()
}

/// Applies the edits to the bytes; how many bytes changed.
fn relocate(path: &Utf8Path, keep: impl Fn(&[String]) -> Vec<String>) -> usize {
    let before = std::fs::read(path).unwrap();
    let mut after = before.clone();
    for patch in image::relocate(before.as_slice(), keep).unwrap() {
        let at = usize::try_from(patch.offset).unwrap();
        after[at..at + patch.bytes.len()].copy_from_slice(&patch.bytes);
    }
    std::fs::write(path, &after).unwrap();
    before.iter().zip(&after).filter(|(old, new)| old != new).count()
}

fn program(bench: &Bench, name: &str, args: &[&str]) -> Utf8PathBuf {
    bench.gcc(
        "libfour.so.1",
        "int four(void) { return 4; }",
        &["-shared", "-fPIC", "-Wl,-soname,libfour.so.1"],
    );
    let source = "#include <stdio.h>\nint four(void);\n\
        __attribute__((visibility(\"default\"))) int lib(void) { return four(); }\n\
        int main(void) { printf(\"%d\\n\", lib()); return 0; }";
    bench.gcc(name, source, &[&["libfour.so.1", "-rdynamic"], args].concat())
}

#[test]
fn reads_what_the_system_holds_as_readelf_does() {
    let mut seen = 0;
    for name in ["/usr/bin/gcc", "/usr/bin/python3", "/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/readelf"] {
        let path = Utf8Path::new(name);
        if !path.exists() {
            continue;
        }
        let elf = elf(path);
        assert_eq!(elf.needed, readelf(path, "(NEEDED)"), "{name}");
        assert_eq!(elf.soname.into_iter().collect::<Vec<_>>(), readelf(path, "(SONAME)"), "{name}");
        let text = stdout(&Command::new("readelf").args(["-VW", name]).output().unwrap());
        let wanted: BTreeSet<_> =
            elf.requires.iter().map(|r| r.version.clone()).chain(elf.provides.iter().cloned()).collect();
        let named: BTreeSet<_> = text
            .lines()
            .filter(|line| line.contains("Name: ") && !line.contains("Flags: WEAK") && !line.contains("BASE"))
            .filter_map(|line| line.split("Name: ").nth(1)?.split_whitespace().next().map(ToOwned::to_owned))
            .collect();
        assert_eq!(wanted, named, "{name}");
        seen += 1;
    }
    assert!(seen >= 2, "too few files to compare");
}

#[test]
fn tells_programs_libraries_and_the_rest_apart() {
    let bench = Bench::new();
    let main = "int main(void) { return 0; }";
    let dynamic = elf(bench.gcc("dynamic", main, &[]));
    assert_eq!((dynamic.kind, dynamic.machine), (Kind::Shared, Machine::X86_64));
    assert!(dynamic.is_dynamic() && dynamic.interpreter.unwrap().contains("ld-linux"));
    let fixed = elf(bench.gcc("fixed", main, &["-static"]));
    assert_eq!((fixed.kind, fixed.is_dynamic()), (Kind::Executable, false));
    assert!(!elf(bench.gcc("pie", main, &["-static-pie"])).is_dynamic());
    assert_eq!(elf(bench.gcc("object", main, &["-c"])).kind, Kind::Other);
    for data in ["", "\x7fEL", "#!/bin/sh\n", "!<arch>\n", "\u{fffd}"] {
        assert_eq!(image::parse(data.as_bytes()).unwrap(), Image::Data);
    }
    assert!(image::parse(&[0xcf, 0xfa, 0xed, 0xfe, 7]).is_err());
    assert!(image::parse(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]).is_err());
    assert_eq!(image::parse(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61]).unwrap(), Image::Data);
}

#[test]
fn a_run_path_goes_and_nothing_else() {
    let bench = Bench::new();
    for (name, tags) in [("new", "-Wl,--enable-new-dtags"), ("old", "-Wl,--disable-new-dtags")] {
        let path = program(&bench, name, &[tags, &format!("-Wl,-rpath,{}:/opt/x", bench.dir)]);
        let before = elf(&path);
        assert_eq!((before.rpath.len(), before.runpath.len()), if name == "old" { (2, 0) } else { (0, 2) });
        assert!(relocate(&path, |_| vec![]) > 0);
        assert_eq!(elf(&path), Elf { rpath: vec![], runpath: vec![], ..before });
        assert_eq!(readelf(&path, "PATH)"), [""; 0]);
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"/opt/x"), "the string is still there");
        let run = Command::new(&path).env("LD_LIBRARY_PATH", &bench.dir).output().unwrap();
        assert_eq!(stdout(&run), "4\n");
        assert!(!Command::new(&path).output().unwrap().status.success(), "still finds its library");
    }
}

#[test]
fn an_origin_entry_stays_and_works() {
    let bench = Bench::new();
    let path = program(&bench, "x", &["-Wl,-rpath,/a/very/long/build/dir:$ORIGIN/.:/another"]);
    relocate(&path, |entries| entries.iter().filter(|entry| entry.starts_with("$ORIGIN")).cloned().collect());
    assert_eq!(elf(&path).runpath, ["$ORIGIN/."]);
    assert_eq!(stdout(&Command::new(&path).output().unwrap()), "4\n");
    assert_eq!(relocate(&path, <[String]>::to_vec), 0);
}

#[test]
fn names_that_share_the_run_path_s_bytes_survive() {
    let bench = Bench::new();
    // The exported symbol `lib` is the tail of the run path: linkers store it once.
    let path = program(&bench, "x", &["-Wl,-rpath,/build/lib"]);
    let symbols = |path: &Utf8Path| {
        stdout(&Command::new("readelf").args(["--dyn-syms", "-W", path.as_str()]).output().unwrap())
    };
    let before = symbols(&path);
    assert!(before.contains(" lib\n"));
    assert!(relocate(&path, |_| vec![]) > 0);
    assert_eq!(symbols(&path), before);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"/build"));

    // No room before the shared tail, and the new string is no tail: refused, not broken.
    let path = program(&bench, "y", &["-Wl,-rpath,/b:$ORIGIN/../lib"]);
    let bytes = std::fs::read(&path).unwrap();
    let keep = |_: &[String]| vec!["$ORIGIN/../../lib".to_owned()];
    assert!(image::relocate(bytes.as_slice(), keep).unwrap_err().to_string().contains("share its bytes"));
    relocate(&path, |entries| entries[1..].to_vec());
    assert_eq!(elf(&path).runpath, ["$ORIGIN/../lib"]);
    assert!(symbols(&path).contains(" lib\n"));
}

#[test]
fn without_section_headers_only_what_is_surely_free_is_touched() {
    let bench = Bench::new();
    let path = program(&bench, "x", &["-Wl,-rpath,/build:$ORIGIN"]);
    let mut bytes = std::fs::read(&path).unwrap();
    // e_shoff, e_shnum and e_shstrndx, as `sstrip` leaves them.
    bytes[40..48].fill(0);
    bytes[60..64].fill(0);
    std::fs::write(&path, bytes).unwrap();
    relocate(&path, |entries| entries[1..].to_vec());
    assert_eq!(elf(&path).runpath, ["$ORIGIN"]);
    assert_eq!(stdout(&Command::new(&path).output().unwrap()), "4\n");
}

/// Damages real files in ten thousand ways: reading and editing return, they do not panic and do not run away.
#[test]
fn damaged_files_are_errors_at_worst() {
    let bench = Bench::new();
    let path = program(&bench, "x", &["-Wl,-rpath,/build/lib:$ORIGIN/lib", "-lm", "-s"]);
    let sound = std::fs::read(path).unwrap();
    let dynamic = sound.windows(8).rposition(|window| window == 0x6fff_fff0_u64.to_le_bytes()).unwrap();
    let regions = [0..64, 64..800, 800..2000, dynamic - 400..dynamic + 200, sound.len() - 2000..sound.len()];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..10_000 {
        let mut bytes = sound.clone();
        for _ in 0..=next(4) {
            let region = &regions[next(regions.len())];
            let at = region.start + next(region.len());
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at].wrapping_add(8)][next(7)];
        }
        if next(8) == 0 {
            bytes.truncate(next(sound.len()));
        }
        match image::parse(&bytes) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
        let _ = image::relocate(bytes.as_slice(), |entries| entries[..entries.len() / 2].to_vec());
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}
