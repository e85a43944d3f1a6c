//! The store's figures beside the tools that they are measured against, in alternating runs on the same files.
//!
//! `cargo bench -p store --profile dev` prints a table and fails if a limit is missed. `B3SUM` names the b3sum to
//! compare with, else it is looked for on the PATH; without it that line is left out.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a benchmark"
)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use model::digest::Digest;
use model::key::Key;
use store::{All, GlobSpec, Meta, Reserved, Scan, Store};

const FILES: usize = 4000;
const TREE: usize = 1 << 30;
const ROUNDS: usize = 11;
/// Makes this program the process that scans a tree once.
const SCAN: &str = "STORE_BENCH_SCAN";

fn main() -> ExitCode {
    if let Some(root) = std::env::var_os(SCAN) {
        scan(Path::new(&root));
        return ExitCode::SUCCESS;
    }
    let dir = tempfile::tempdir().unwrap();
    println!(
        "{:<44} {:>10} {:>10} {:>7} {:>7}",
        "fastest of 11 alternating runs", "ours", "theirs", "ratio", "limit"
    );
    let held = [hashing(dir.path()), restoring(dir.path())];
    if held.iter().all(|held| *held) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn hashing(dir: &Path) -> bool {
    let root = dir.join("tree");
    let files: Vec<PathBuf> =
        (0..FILES).map(|at| root.join(format!("b{:02}/d{}/f{at}", at % 80, at % 3))).collect();
    for (seed, file) in files.iter().enumerate() {
        noise(file, seed, TREE / FILES);
    }
    let cache = dir.join("tree.stat");
    let mut held = true;

    let b3sum = std::env::var_os("B3SUM").unwrap_or("b3sum".into());
    if Command::new(&b3sum)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
    {
        let threads = std::thread::available_parallelism().unwrap().to_string();
        let theirs = || {
            let mut command = Command::new(&b3sum);
            run(command.args(["--num-threads", &threads]).args(&files));
        };
        let ours = || {
            drop(fs::remove_file(&cache));
            scan_in_process(&root);
        };
        held &= report("hash 1 GiB in 4,000 files, all unknown", ours, theirs, 1.0 / 0.9);
    } else {
        println!("no b3sum: the cold figure is left out");
    }

    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        run(command.arg("-C").arg(&root).args(["-c", "core.compression=0", "-c", "gc.auto=0"]).args(args));
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["status"]);
    scan_in_process(&root);
    held & report(
        "hash them again, unchanged, whole process",
        || scan_in_process(&root),
        || git(&["status"]),
        1.2,
    )
}

fn restoring(dir: &Path) -> bool {
    let built = dir.join("built");
    noise(&built.join("server"), 1, 60_000_000);
    for at in 0..40 {
        noise(&built.join(format!("lib/lib{at}.so")), at, 1_000_000);
    }
    let store = Store::open(&dir.join("cache")).unwrap();
    let Ok(Reserved::Vacant(vacant)) = store.reserve(&Key::new(Digest::of(b"key")), |_| {}) else {
        return false;
    };
    let entry = vacant.commit(&built, b"", Meta { unit: "unit".into(), built_in: Duration::ZERO }).unwrap();

    let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
    let restore = || {
        entry.restore(&ours).unwrap();
    };
    let copy = || run(Command::new("cp").args(["-a", "--reflink=auto"]).args([&built, &theirs]));
    let clear = || {
        for place in [&ours, &theirs] {
            drop(fs::remove_dir_all(place));
        }
    };
    let held = report_after("restore 100 MB in 41 files", clear, restore, copy, 1.3);
    restore();
    let began = Instant::now();
    assert!(entry.is_restored_at(&ours));
    println!("{:<44} {:>9.2}ms", "see that nothing changed there", began.elapsed().as_secs_f64() * 1e3);
    held
}

fn report(name: &str, ours: impl Fn(), theirs: impl Fn(), limit: f64) -> bool {
    report_after(name, || {}, ours, theirs, limit)
}

fn report_after(name: &str, before: impl Fn(), ours: impl Fn(), theirs: impl Fn(), limit: f64) -> bool {
    let time = |what: &dyn Fn()| {
        before();
        let began = Instant::now();
        what();
        began.elapsed().as_secs_f64() * 1e3
    };
    // Whatever else the machine does only ever adds: the fastest run is the one that says most.
    let (mut ours_best, mut theirs_best) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        ours_best = ours_best.min(time(&ours));
        theirs_best = theirs_best.min(time(&theirs));
    }
    let (ours, theirs) = (ours_best, theirs_best);
    let ratio = ours / theirs;
    println!("{name:<44} {ours:>8.1}ms {theirs:>8.1}ms {ratio:>7.2} {limit:>7.2}");
    ratio <= limit
}

fn scan(root: &Path) {
    let scan = Scan::new(root, &root.with_extension("stat"), Box::new(All));
    let inputs = scan.hash(&GlobSpec::new(["**"], [""; 0]).unwrap()).unwrap();
    assert_eq!(inputs.files.len(), FILES);
    scan.save().unwrap();
}

fn scan_in_process(root: &Path) {
    let myself: OsString = std::env::current_exe().unwrap().into();
    run(Command::new(myself).env(SCAN, root));
}

fn run(command: &mut Command) {
    assert!(command.stdout(Stdio::null()).status().unwrap().success(), "{command:?}");
}

/// Writes bytes that do not compress and do not repeat.
fn noise(path: &Path, seed: usize, bytes: usize) {
    let mut content = vec![0; bytes];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut content);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
