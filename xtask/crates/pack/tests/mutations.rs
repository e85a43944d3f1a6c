//! Any bytes in place of an ELF file: they are refused or read, and no patch of run paths lies outside of the file.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    dead_code,
    reason = "a test, which uses a part of what is shared"
)]

mod common;
#[path = "../../macho/tests/common/random.rs"]
mod random;

use common::Bench;
use pack::image::{Image, parse, relocate};
use random::Random;

const ROUNDS: u64 = 2000;

#[test]
fn mutated_elf_files_are_refused_or_read() {
    let bench = Bench::new();
    let source = "int puts(const char *); int x(void) { return puts(\"x\"); }";
    let flags = ["-shared", "-fPIC", "-s", "-Wl,-rpath,$ORIGIN/lib:/somewhere/lib", "-Wl,-soname,libx.so"];
    let library = bench.gcc("libx.so", source, &flags);
    let sound = std::fs::read(library).unwrap();
    let (mut read, mut refused, mut cut) = (0, 0, 0);
    for round in 1..=ROUNDS {
        let mut random = Random(round);
        let mut bytes = sound.clone();
        mutate(&mut bytes, &mut random);
        match parse(&bytes) {
            Ok(Image::Elf(_)) => read += 1,
            _ => refused += 1,
        }
        let Ok(patches) = relocate(&bytes[..], |entries| entries[..entries.len().min(1)].to_vec()) else {
            continue;
        };
        for patch in patches {
            cut += 1;
            let end = patch.offset.checked_add(patch.bytes.len() as u64);
            assert!(end.is_some_and(|end| end <= bytes.len() as u64), "round {round} writes outside");
        }
    }
    assert!(read > 200 && refused > 100 && cut > 100, "{read} read, {refused} refused, {cut} patched");
}

/// Changes up to four bytes or words, most of them where headers and the dynamic section are.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    let heads = [0..64, 64..600, bytes.len() - 2600..bytes.len(), 0..bytes.len()];
    for _ in 0..=random.below(4) {
        let part = &heads[random.below(heads.len())];
        let at = (part.start + random.below(part.len())).min(bytes.len() - 1);
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = 0xff,
            2 => bytes[at] = 0,
            3 => bytes[at] = bytes[at].wrapping_add(8),
            4 if random.below(20) == 0 => bytes.truncate(at.max(1)),
            _ => {
                let word = at & !7;
                let value = [0_u64, 1, 24, 0x7fff_fff8, u64::MAX, 1 << 63][random.below(6)].to_le_bytes();
                let end = bytes.len().min(word + 8);
                bytes[word..end].copy_from_slice(&value[..end - word]);
            }
        }
    }
}
