//! What new names and signatures cost beside copying: 40 files of 150 MB in all, as many as llama.cpp's package has.
//!
//! Copying is one thread's, as a packer and `cp` do it; signing is told for one, and for as many as there are.
//!
//! `cargo bench -p macho --profile dev` prints a line and fails if the limit is missed.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types, reason = "a benchmark")]

use macho::{Change, Names, Object, head_len};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ROUNDS: usize = 11;
const FILES: usize = 40;
const BYTES: usize = 150 << 20;
const LIMIT: f64 = 1.5;

fn main() -> ExitCode {
    let directory = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..FILES).map(|at| directory.path().join(format!("lib{at}.dylib"))).collect();
    let seed = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/arm64/libcore.dylib")).unwrap();
    for (at, file) in files.iter().enumerate() {
        fs::write(file, grown(&seed, BYTES / FILES, at)).unwrap();
    }
    let out = directory.path().join("out");
    fs::create_dir(&out).unwrap();
    let threads = std::thread::available_parallelism().unwrap().get();
    let (mut copied, mut alone, mut together) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        copied = copied.min(each(&files, &out, 1, copy));
        alone = alone.min(each(&files, &out, 1, change));
        together = together.min(each(&files, &out, threads, change));
    }
    println!("fastest of {ROUNDS} alternating runs, {FILES} files, {} MiB: copy {copied:.0?}", BYTES >> 20);
    let ratio = |time: Duration| time.as_secs_f64() / copied.as_secs_f64();
    println!("rename and sign, one thread: {alone:.0?}, {:.2} times", ratio(alone));
    println!(
        "rename and sign, {threads} threads: {together:.0?}, {:.2} times, at most {LIMIT}",
        ratio(together)
    );
    if ratio(together) <= LIMIT { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A library with a larger symbol table than it needs: `len` bytes that compress badly.
fn grown(seed: &[u8], len: usize, salt: usize) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let old = Object::parse(seed, seed.len() as u64).unwrap().signature.unwrap();
    let mut state = salt as u64 + 1;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_le_bytes()
    });
    bytes.truncate(usize::try_from(old.offset).unwrap());
    bytes.extend(noise.flatten().take(len));
    bytes.resize(bytes.len().next_multiple_of(16), 0);
    let end = bytes.len() as u64;
    // Nothing signs it now, and __LINKEDIT reaches further.
    for (command, value) in [(0x1d_u32, 0), (0x19, end)] {
        patch(&mut bytes, command, value);
    }
    bytes
}

/// Points the signature's command at nothing, or ends the last segment at `value`.
fn patch(bytes: &mut [u8], wanted: u32, value: u64) {
    let word = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut at = 32;
    while at < head_len(bytes).unwrap() {
        let (command, len) = (word(bytes, at), word(bytes, at + 4) as usize);
        if command == wanted && command == 0x1d {
            // LC_SOURCE_VERSION, which says nothing.
            bytes[at..at + 4].copy_from_slice(&0x2a_u32.to_le_bytes());
            bytes[at + 8..at + 16].fill(0);
        } else if command == wanted && bytes[at + 8..].starts_with(b"__LINKEDIT") {
            let start = u64::from_le_bytes(bytes[at + 40..at + 48].try_into().unwrap());
            bytes[at + 48..at + 56].copy_from_slice(&(value - start).to_le_bytes());
        }
        at += len;
    }
}

fn each(files: &[PathBuf], out: &Path, threads: usize, work: fn(&Path, &Path)) -> Duration {
    fs::remove_dir_all(out).unwrap();
    fs::create_dir(out).unwrap();
    let (began, next) = (Instant::now(), AtomicUsize::new(0));
    let take = || {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(file, &out.join(file.file_name().unwrap()));
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(take)));
        take();
    });
    began.elapsed()
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

fn change(from: &Path, to: &Path) {
    let mut file = File::open(from).unwrap();
    let size = file.metadata().unwrap().len();
    let mut head = vec![0; 64 << 10];
    std::os::unix::fs::FileExt::read_at(&file, &mut head, 0).unwrap();
    head.truncate(head_len(&head).unwrap());
    let object = Object::parse(&head, size).unwrap();
    let names = Names {
        id: Some("@loader_path/libcore.dylib".into()),
        dylibs: object.dylibs.iter().map(|dylib| dylib.name.replace("@rpath", "@loader_path")).collect(),
        rpaths: vec![None; object.rpaths.len()],
    };
    let change = Change::plan(&head, size, &names, "libcore.dylib").unwrap();
    change.write(&mut file, &mut File::create(to).unwrap()).unwrap();
}
