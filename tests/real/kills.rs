//! Programs that are killed wherever they are: nothing runs on, and what they leave is gone after the next one.

use crate::checkout::{Checkout, listing};
use crate::child::{self, SHORT};
use crate::system::all_end;
use camino::Utf8Path;
use rustix::process::{Signal, kill_process};
use std::collections::BTreeSet;
use std::process::Command;
use walkdir::WalkDir;

const SIGNALS: [Signal; 3] = [Signal::KILL, Signal::TERM, Signal::INT];
const BUILD: [&str; 4] = ["build-backend", "tiny", "--compiler-cache", "off"];
const COLLECT: [&str; 6] = ["cache", "gc", "--budget", "20G", "--grace", "0s"];

/// Starts a command again and again, and each time kills it as soon as it has said one line more than before, every way in
/// turn, until it gets to its end. How often it was killed.
fn campaign(checkout: &Checkout, args: &[&str], prepare: impl Fn()) -> usize {
    let mark = checkout.cache.parent().unwrap();
    let mut kills = 0;
    loop {
        prepare();
        let mut running = checkout.start(args);
        if !running.says_lines(kills + 1) {
            running.finish().expect(0);
            return kills;
        }
        let signal = SIGNALS[kills % SIGNALS.len()];
        // It may just have come to its end.
        let _ = kill_process(running.pid(), signal);
        let code = running.finish().code();
        assert!([0, 128 + signal.as_raw(), 130].contains(&code), "exit code {code} after {signal:?}");
        all_end(mark.as_str());
        kills += 1;
    }
}

/// All that is in a cache and a checkout, but for logs, what times are told in, and answers, which are kept where a command
/// that was killed before it did anything was followed by one that had nothing to do.
fn all(checkout: &Checkout) -> BTreeSet<String> {
    let below = |dir: &Utf8Path| {
        let walk = WalkDir::new(dir).into_iter().map(|entry| entry.unwrap().into_path());
        let dir = dir.to_owned();
        walk.map(move |path| path.strip_prefix(&dir).unwrap().to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let cache = below(&checkout.cache)
        .into_iter()
        .filter(|path| ["v1/stat/", "v1/memo"].iter().all(|not| !path.starts_with(not)));
    let root = below(&checkout.root).into_iter().filter(|path| !path.contains("/logs"));
    cache.chain(root).collect()
}

/// After a campaign: the package is right, the cache is sound, and there is nothing that is not in `whole` as well.
#[track_caller]
fn nothing_is_left(checkout: &Checkout, whole: &Checkout) {
    for checkout in [checkout, whole] {
        checkout.xtask(&BUILD).expect(0);
        checkout.xtask(&COLLECT).expect(0);
        checkout.xtask(&["cache", "verify"]).expect(0).says("sound: ");
    }
    assert_eq!(listing(&checkout.package("tiny")), listing(&whole.package("tiny")));
    child::run(Command::new(checkout.package("tiny").join("run")), SHORT).expect(0);
    let (ours, theirs) = (all(checkout), all(whole));
    assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), [""; 0], "left behind");
    assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), [""; 0], "lost");
}

#[test]
fn a_build() {
    let (checkout, whole) = (Checkout::tiny(), Checkout::tiny());
    let kills = campaign(&checkout, &[&BUILD[..], &["--force", "-v"]].concat(), || ());
    child::tell(&format!("{kills} kills of a build"));
    assert!(kills >= 20, "{kills} kills");
    nothing_is_left(&checkout, &whole);
}

#[test]
fn a_collection_and_a_cleaning() {
    let (checkout, whole) = (Checkout::tiny(), Checkout::tiny());
    let answer = "backend/cpp/tiny/src/answer.cpp";
    let fill = || {
        for number in ["43", "44", "42"] {
            let text = format!("#include \"answer.h\"\nint answer() {{ return {number}; }}\n");
            fs_err::write(checkout.root.join(answer), text).unwrap();
            checkout.xtask(&BUILD).expect(0);
        }
    };
    let kills = campaign(&checkout, &["cache", "gc", "--budget", "0", "--grace", "0s", "-v"], fill);
    let cleaned = campaign(&checkout, &["clean", "-v"], || drop(checkout.xtask(&BUILD).expect(0)));
    child::tell(&format!("{kills} kills of a collection, {cleaned} of a cleaning"));
    assert!(kills > 3 && cleaned > 0);
    fs_err::copy(checkout.root.join(answer), whole.root.join(answer)).unwrap();
    nothing_is_left(&checkout, &whole);
}

#[test]
fn an_installation() {
    let checkout = Checkout::tiny();
    let tools = checkout.cache.join("v1/scratch/tools");
    let uv = |name: &str| name.trim_start_matches('.').starts_with("uv");
    let remove = || {
        // A link to everybody's, or what was installed before.
        for entry in tools.read_dir_utf8().unwrap().map(Result::unwrap).filter(|entry| uv(entry.file_name()))
        {
            let is_dir = entry.file_type().unwrap().is_dir();
            if is_dir { fs_err::remove_dir_all(entry.path()) } else { fs_err::remove_file(entry.path()) }
                .unwrap();
        }
    };
    remove();
    fs_err::create_dir_all(checkout.root.join("backend/python")).unwrap();
    let mut install = vec!["install-base-deps", "-v"];
    let kills = campaign(&checkout, &install, || ());
    install.pop();
    checkout.xtask(&install).expect(0).says("everything was there");
    child::tell(&format!("{kills} kills of an installation"));
    assert!(kills > 0);
    checkout.xtask(&["cache", "verify"]).expect(0).says("sound: ");
    let left: Vec<String> =
        tools.read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned()).collect();
    let (seals, trees): (Vec<_>, Vec<_>) =
        left.iter().filter(|name| *name != "bin").partition(|name| name.starts_with('.'));
    assert_eq!(seals.len(), trees.len(), "{left:?}");
}
