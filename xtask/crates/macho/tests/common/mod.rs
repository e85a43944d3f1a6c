//! The Mach-O files in `fixtures/`, and what is done to them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, dead_code, reason = "each test uses its own part")]

use camino::{Utf8Path, Utf8PathBuf};
use macho::{Change, MachError, Names, Object, Target, head_len, is_system, plan_names, verify};

pub fn fixtures() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

pub fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(path)).unwrap()
}

/// Every thin one, by its path.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for arch in ["arm64", "x86_64"] {
        for entry in fixtures().join(arch).read_dir_utf8().unwrap() {
            let path = format!("{arch}/{}", entry.unwrap().file_name());
            all.push((path.clone(), fixture(&path)));
        }
    }
    all.sort();
    assert_eq!(all.len(), 20);
    all
}

pub fn read(bytes: &[u8]) -> Result<Object, MachError> {
    Object::parse(bytes, bytes.len() as u64)
}

/// New names and a new signature.
pub fn change(bytes: &[u8], names: &Names, identifier: &str) -> Result<Vec<u8>, MachError> {
    let head = &bytes[..head_len(bytes)?.min(bytes.len())];
    let change = Change::plan(head, bytes.len() as u64, names, identifier)?;
    let mut new = Vec::new();
    change.write(&mut &bytes[..], &mut new)?;
    assert_eq!(new.len() as u64, change.size());
    Ok(new)
}

pub fn check_signature(bytes: &[u8]) -> Result<(), MachError> {
    let region = read(bytes)?.signature.unwrap();
    let start = usize::try_from(region.offset).unwrap();
    verify(region, &bytes[start..], &mut &bytes[..])
}

/// The names for a package with the programs and plugins at the root and libraries in `lib/`.
pub fn packaged(name: &str, object: &Object) -> Result<Names, MachError> {
    let place = |name: &str| match Utf8Path::new(name).extension() {
        Some("dylib") => Utf8Path::new("lib").join(name),
        _ => name.into(),
    };
    let target = |dylib: &macho::Dylib| {
        // A name that is of no file must stay the same when it is read again.
        let file = match dylib.name.rsplit('/').next().unwrap_or_default() {
            "" | "." | ".." | "lib" => "none",
            name => name,
        };
        match &dylib.name {
            name if is_system(name) => Target::System,
            _ if dylib.link.may_be_absent() => Target::Absent(place(file)),
            _ => Target::Inside(place(file)),
        }
    };
    let targets: Vec<Target> = object.dylibs.iter().map(target).collect();
    plan_names(&place(name), object, &targets)
}
