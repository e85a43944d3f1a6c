//! Real files, made by other people's linkers: read as goblin reads them, renamed, signed and read again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation, reason = "a test")]

mod common;

use common::{all, change, check_signature, fixture, packaged, read};
use goblin::mach::MachO;
use macho::{Cpu, Kind, Link, MachError, Names, Object, faults, slices};

#[test]
fn files_are_read_as_goblin_reads_them() {
    for (path, bytes) in all() {
        let (ours, theirs) = (read(&bytes).unwrap(), MachO::parse(&bytes, 0).unwrap());
        let names: Vec<&str> = ours.dylibs.iter().map(|dylib| dylib.name.as_str()).collect();
        assert_eq!(names, theirs.libs[1..], "{path}");
        assert_eq!(ours.rpaths, theirs.rpaths, "{path}");
        assert_eq!(ours.id.as_deref(), theirs.name, "{path}");
        assert_eq!(ours.cpu == Cpu::Arm64, path.starts_with("arm64/"), "{path}");
        let newest = if path.contains("new") { "15.0" } else { "12.0" };
        assert_eq!(ours.min_os.unwrap().to_string(), newest, "{path}");
        // What linkers call the start of __text.
        let sections = theirs.segments.sections().flatten().map(|section| section.unwrap().0);
        let first =
            sections.filter(|section| section.offset > 0).map(|section| section.offset).min().unwrap();
        assert_eq!(ours.room, u64::from(first) - 32 - u64::from(theirs.header.sizeofcmds), "{path}");
    }
    let server = read(&fixture("arm64/server")).unwrap();
    assert_eq!((server.kind, server.signature), (Kind::Executable, None));
    assert_eq!(read(&fixture("arm64/libplugin.so")).unwrap().kind, Kind::Bundle);
    let links =
        |path: &str| read(&fixture(path)).unwrap().dylibs.iter().map(|dylib| dylib.link).collect::<Vec<_>>();
    assert_eq!(links("arm64/libumbrella.dylib"), [Link::Reexport, Link::Weak, Link::Load]);
}

#[test]
fn every_file_is_renamed_and_signed() {
    for (path, bytes) in all() {
        let name = path.split('/').next_back().unwrap();
        let before = read(&bytes).unwrap();
        let names = match packaged(name, &before) {
            Err(error @ MachError::Twice { .. }) if name == "libtwice.dylib" => {
                assert!(error.to_string().contains("as `@rpath/libbase.dylib` and as"), "{error}");
                continue;
            }
            names => names.unwrap(),
        };
        let after = match change(&bytes, &names, name) {
            Err(MachError::NoRoom { .. }) if name.contains("tight") => continue,
            after => after.unwrap_or_else(|error| panic!("{path}: {error}")),
        };
        assert!(!name.contains("tight"), "{path} has no room");
        check_signature(&after).unwrap();
        assert!(
            !after.windows(15).any(|bytes| bytes == b"/Users/somebody"),
            "{path} tells where it was made"
        );

        let object = read(&after).unwrap();
        let place = if object.kind == Kind::Dylib { format!("lib/{name}") } else { name.to_owned() };
        let promised = object.min_os.unwrap();
        assert_eq!(faults(place.as_str().into(), &object, promised), [], "{path}");
        // All but the commands and the signature is what it was.
        let contents = before.room as usize + head(&bytes)
            ..before.signature.map_or(bytes.len(), |old| old.offset as usize);
        assert_eq!(after[contents.clone()], bytes[contents], "{path}");

        let again = change(&after, &packaged(name, &object).unwrap(), name).unwrap();
        assert_eq!(again, after, "{path} is not the same on repeat");
        MachO::parse(&after, 0).unwrap();
    }
}

#[test]
fn files_without_room_are_refused_with_the_option_that_helps() {
    for path in ["arm64/libtight.dylib", "arm64/libunsigned-tight.dylib", "x86_64/libunsigned-tight.dylib"] {
        let bytes = fixture(path);
        let object = read(&bytes).unwrap();
        let names = packaged("libx.dylib", &object).unwrap();
        let names = Names { id: Some(format!("@loader_path/{}", "x".repeat(200))), ..names };
        let error = change(&bytes, &names, "x").unwrap_err().to_string();
        assert!(error.contains("-headerpad_max_install_names"), "{error}");
    }
    // Its names may stay, but there is no room for a signature's command.
    let unsigned = fixture("arm64/libunsigned-tight.dylib");
    let error = change(&unsigned, &Names::of(&read(&unsigned).unwrap()), "x").unwrap_err();
    assert!(matches!(error, MachError::NoRoom { .. }), "{error}");
    let signed = fixture("arm64/libtight.dylib");
    let again = change(&signed, &Names::of(&read(&signed).unwrap()), "x").unwrap();
    check_signature(&again).unwrap();
}

#[test]
fn the_last_byte_of_room_is_used_and_no_more() {
    let bytes = fixture("arm64/libbase.dylib");
    let object = read(&bytes).unwrap();
    let named = |len: usize| Names { id: Some("x".repeat(len)), ..Names::of(&object) };
    let id = |object: &Object| object.id.as_ref().unwrap().len();
    let most = (1..4096).rev().find(|len| change(&bytes, &named(*len), "x").is_ok()).unwrap();
    let full = read(&change(&bytes, &named(most), "x").unwrap()).unwrap();
    assert!(full.room < 8 && id(&full) == most, "{full:?}");
}

#[test]
fn all_five_ways_to_name_a_library_are_renamed() {
    for (command, link) in [
        (0xc, Link::Load),
        (0x8000_0018, Link::Weak),
        (0x8000_001f, Link::Reexport),
        (0x20, Link::Lazy),
        (0x8000_0023, Link::Upward),
    ] {
        let mut bytes = fixture("arm64/libcore.dylib");
        let at = bytes.windows(21).position(|found| found == b"@rpath/libbase.dylib\0").unwrap() - 24;
        bytes[at..at + 4].copy_from_slice(&u32::to_le_bytes(command));
        let object = read(&bytes).unwrap();
        assert_eq!(object.dylibs[0].link, link);
        let mut names = Names::of(&object);
        names.dylibs[0] = format!("@loader_path/{}.dylib", "long".repeat(30));
        let after = read(&change(&bytes, &names, "x").unwrap()).unwrap();
        assert_eq!((after.dylibs[0].link, &after.dylibs[0].name), (link, &names.dylibs[0]));
    }
}

#[test]
fn changed_bytes_and_linkers_signatures_are_told() {
    let linkers = fixture("arm64/libbase.dylib");
    assert!(check_signature(&linkers).unwrap_err().to_string().contains("the linker's"));
    let signed = change(&linkers, &Names::of(&read(&linkers).unwrap()), "libbase.dylib").unwrap();
    for at in [40, 5000, 16400] {
        let mut bytes = signed.clone();
        bytes[at] ^= 1;
        assert!(check_signature(&bytes).is_err(), "byte {at}");
    }
}

#[test]
fn fat_files_are_taken_apart() {
    let bytes = fixture("libfat.dylib");
    let slices = slices(&bytes, bytes.len() as u64).unwrap();
    assert_eq!(slices.iter().map(|slice| slice.cpu).collect::<Vec<_>>(), [Cpu::X86_64, Cpu::Arm64]);
    for (slice, path) in slices.iter().zip(["x86_64/libbase.dylib", "arm64/libbase.dylib"]) {
        let (start, len) = (slice.offset as usize, slice.size as usize);
        assert_eq!(bytes[start..start + len], fixture(path));
    }
    assert!(macho::slices(&bytes[..20], bytes.len() as u64).is_err());
    assert!(macho::slices(&bytes, 100).is_err());
    assert!(read(&bytes).is_err());
    assert_eq!(macho::slices(&fixture("arm64/server"), 1 << 20).unwrap(), []);
}

fn head(bytes: &[u8]) -> usize {
    macho::head_len(bytes).unwrap()
}
