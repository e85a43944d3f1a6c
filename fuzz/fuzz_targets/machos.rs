//! Any bytes as a Mach-O file: it is refused, or comes out with the names it should have and nothing else changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use macho::{Change, Names, Object, Target, head_len, plan_names, slices, verify};

fuzz_target!(|bytes: &[u8]| {
    let size = bytes.len() as u64;
    let _ = slices(bytes, size);
    let Ok(end) = head_len(bytes) else { return };
    let head = &bytes[..end.min(bytes.len())];
    let Ok(object) = Object::parse(head, size) else { return };
    if let Some(region) = object.signature {
        let signature = &bytes[usize::try_from(region.offset).unwrap()..];
        let _ = verify(region, signature, &mut &bytes[..]);
    }
    let targets = vec![Target::Inside("lib/some/where/libx.dylib".into()); object.dylibs.len()];
    let names = plan_names("lib/x.dylib".into(), &object, &targets).unwrap_or_else(|_| Names::of(&object));
    let Ok(change) = Change::plan(head, size, &names, "x") else { return };
    let mut after = Vec::new();
    change.write(&mut &bytes[..], &mut after).unwrap();

    let again = Object::parse(&after, after.len() as u64).unwrap();
    let region = again.signature.unwrap();
    verify(region, &after[usize::try_from(region.offset).unwrap()..], &mut &after[..]).unwrap();
    let first = end + usize::try_from(object.room).unwrap();
    let kept = object.signature.map_or(bytes.len(), |old| usize::try_from(old.offset).unwrap());
    assert!(first <= kept && after[first..kept] == bytes[first..kept], "contents were written over");
});
