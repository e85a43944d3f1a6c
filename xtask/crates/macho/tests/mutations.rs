//! Any bytes: they are refused, or what comes out is sound. Seeded, so that a failure can be repeated.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation, reason = "a test")]

mod common;
#[path = "common/random.rs"]
mod random;

use common::{all, change, check_signature, fixture, packaged, read};
use random::Random;

const ROUNDS: u64 = 4000;

#[test]
fn mutated_files_are_refused_or_sound() {
    let seeds: Vec<_> = all().into_iter().filter(|(_, bytes)| bytes.len() < 17_000).collect();
    let (mut changed, mut refused) = (0, 0);
    for round in 1..=ROUNDS {
        let mut random = Random(round);
        let mut bytes = seeds[random.below(seeds.len())].1.clone();
        mutate(&mut bytes, &mut random);
        let Ok(object) = read(&bytes) else {
            refused += 1;
            continue;
        };
        let Ok(names) = packaged("libx.dylib", &object) else { continue };
        let Ok(after) = change(&bytes, &names, "libx.dylib") else {
            refused += 1;
            continue;
        };
        changed += 1;
        let end = macho::head_len(&bytes).unwrap();
        let first = end + usize::try_from(object.room).unwrap();
        let kept = object.signature.map_or(bytes.len(), |old| usize::try_from(old.offset).unwrap());
        assert!(after[first..kept] == bytes[first..kept], "round {round} wrote over contents");
        // Hashing is slow without optimisation.
        if round % 8 == 0 {
            check_signature(&after).unwrap_or_else(|error| panic!("round {round}: {error}"));
            assert!(change(&after, &names_again(&after), "libx.dylib").unwrap() == after, "round {round}");
        }
    }
    assert!(
        changed > 500 && refused > 500,
        "{changed} were changed, {refused} refused: the test tests nothing"
    );
}

#[test]
fn mutated_signatures_and_fat_files_are_read_or_refused() {
    let signed = {
        let bytes = fixture("x86_64/libbase.dylib");
        change(&bytes, &packaged("libbase.dylib", &read(&bytes).unwrap()).unwrap(), "libbase.dylib").unwrap()
    };
    let region = read(&signed).unwrap().signature.unwrap();
    let fat = fixture("libfat.dylib");
    for round in 1..=ROUNDS {
        let mut random = Random(round);
        let mut signature = signed[usize::try_from(region.offset).unwrap()..].to_vec();
        mutate(&mut signature, &mut random);
        // Some of its bytes say nothing of pages, so it may still fit.
        let _ = macho::verify(region, &signature, &mut &signed[..]);
        let mut head = fat[..64].to_vec();
        mutate(&mut head, &mut random);
        if let Ok(slices) = macho::slices(&head, fat.len() as u64) {
            assert!(
                slices.iter().all(|slice| slice.offset + slice.size <= fat.len() as u64),
                "round {round}"
            );
        }
    }
}

fn names_again(bytes: &[u8]) -> macho::Names {
    packaged("libx.dylib", &read(bytes).unwrap()).unwrap()
}

/// Changes up to four bytes, words or lengths, nearly all in front, where the load commands are.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let front = bytes.len().min(1400);
        let at = if random.below(10) == 0 { random.below(bytes.len()) } else { random.below(front) };
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = 0xff,
            2 => bytes[at] = 0,
            3 => bytes[at] = bytes[at].wrapping_add(8),
            4 => {
                let from = random.below(front);
                bytes[at] = bytes[from];
            }
            _ if random.below(20) == 0 => bytes.truncate(at + 1),
            _ => {
                let word = at & !3;
                let value = [0, 1, 8, 72, 4096, 0x7fff_fff8, u32::MAX][random.below(7)].to_le_bytes();
                let end = bytes.len().min(word + 4);
                bytes[word..end].copy_from_slice(&value[..end - word]);
            }
        }
    }
}
