//! Files and tools that change while something is built: no result is kept under a key that does not name it.

use crate::checkout::{Checkout, copy_tree};
use crate::child::{self, SHORT};
use crate::gate::Gate;
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::mem::MaybeUninit;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// A second backend like the tiny one, which no gate holds up.
fn with_another(checkout: &Checkout) {
    let other = checkout.root.join("backend/cpp/other");
    copy_tree(&checkout.root.join("backend/cpp/tiny"), &other);
    let file = other.join("backend.yaml");
    let text = fs_err::read_to_string(&file).unwrap();
    fs_err::write(&file, text.replace("name: tiny", "name: other").replace("cpp/tiny", "cpp/other")).unwrap();
    checkout.edit(EDITED, "#ifdef TINY_GATE", "#if 0");
}

fn answer(checkout: &Checkout, backend: &str) -> String {
    let said = child::run(Command::new(checkout.package(backend).join("run")), SHORT).expect(0).out;
    said.lines().nth(1).unwrap().to_owned()
}

const EDITED: &str = "backend/cpp/other/src/answer.cpp";

#[test]
fn a_file_that_is_saved_before_its_unit_s_turn_is_built_under_its_new_key() {
    let checkout = Checkout::tiny();
    with_another(&checkout);
    let gate = Gate::new(&checkout.cache);
    let setting = gate.setting();
    let before = checkout.xtask(&["hash", "other", "--set", &setting]).expect(0).out;
    // One after the other: both are measured before the first is built.
    let args =
        ["build-backend", "tiny", "other", "--jobs", "1", "--compiler-cache", "off", "--set", &setting];
    let building = checkout.start(&args);
    let held = gate.wait();
    checkout.edit(EDITED, "return 42", "return 43");
    drop(held);
    building
        .finish()
        .expect(0)
        .says("backend/cpp/other/src/answer.cpp changed since it was planned")
        .says("built other");
    assert_eq!(answer(&checkout, "other"), "43");
    let set = ["build-backend", "other", "--compiler-cache", "off", "--set", &setting];
    checkout.xtask(&set).expect(0).says("nothing to do for other");

    // Nobody has built what was there before: its key has no package.
    checkout.edit(EDITED, "return 43", "return 42");
    assert_eq!(checkout.xtask(&["hash", "other", "--set", &setting]).expect(0).out, before);
    checkout.xtask(&set).expect(0).says("built other");
    assert_eq!(answer(&checkout, "other"), "42");
}

/// Tells when somebody opens the edited file: it is saved again before it is looked at once more, however busy the machine.
struct Reads(OwnedFd);

impl Reads {
    fn of(checkout: &Checkout) -> Self {
        let watch = inotify::init(CreateFlags::CLOEXEC).unwrap();
        let directory = checkout.root.join(EDITED);
        inotify::add_watch(&watch, directory.parent().unwrap().as_std_path(), WatchFlags::OPEN).unwrap();
        Self(watch)
    }

    fn wait(&mut self) {
        loop {
            let mut buffer = [MaybeUninit::uninit(); 512];
            let mut events = inotify::Reader::new(&self.0, &mut buffer);
            let mut is_it = false;
            loop {
                let event = events.next().unwrap();
                is_it |= event.file_name().is_some_and(|name| name == c"answer.cpp");
                if events.is_buffer_empty() {
                    break;
                }
            }
            if is_it {
                return;
            }
        }
    }
}

/// Lets whoever waits for a read see that the build is over, be it by a panic.
struct End<'a>(&'a Checkout, &'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.1.store(false, Ordering::SeqCst);
        drop(fs_err::read(self.0.root.join(EDITED)));
    }
}

#[test]
fn a_file_that_keeps_changing_is_built_and_not_kept() {
    let checkout = Checkout::tiny();
    with_another(&checkout);
    let gate = Gate::new(&checkout.cache);
    let setting = gate.setting();
    let args =
        ["build-backend", "tiny", "other", "--jobs", "1", "--compiler-cache", "off", "--set", &setting];
    let building = checkout.start(&args);
    let held = gate.wait();
    let save = |number: u32| {
        // Written beside the inputs: what comes and goes among them would be another story.
        let new = checkout.root.join("answer.new");
        fs_err::write(&new, format!("#include \"answer.h\"\nint answer() {{ return {number}; }}\n")).unwrap();
        fs_err::rename(&new, checkout.root.join(EDITED)).unwrap();
    };
    save(100);
    let (mut reads, is_building) = (Reads::of(&checkout), &AtomicBool::new(true));
    let built = std::thread::scope(|scope| {
        scope.spawn(move || {
            for number in 101.. {
                reads.wait();
                if !is_building.load(Ordering::SeqCst) {
                    return;
                }
                save(number);
            }
        });
        let _end = End(&checkout, is_building);
        drop(held);
        building.finish().expect(0)
    });
    built
        .says("planning it again")
        .says("keeps changing: built as it was copied, and not cached")
        .says("built other");
    checkout.xtask(&["cache", "stat"]).expect(0);
    let listed = checkout.xtask(&["cache", "ls"]).expect(0).out;
    assert!(listed.contains("tiny") && !listed.contains("other"), "{listed}");
}

#[test]
fn a_patch_that_is_saved_in_between_is_not_taken_for_the_one_in_the_key() {
    let checkout = Checkout::tiny();
    with_another(&checkout);
    let patch = "--- a/name.cpp\n+++ b/name.cpp\n@@ -1 +1,2 @@\n+// One.\n ";
    let first = fs_err::read_to_string(checkout.root.join("library/name.cpp")).unwrap();
    let patch = format!("{patch}{}\n", first.lines().next().unwrap());
    fs_err::create_dir_all(checkout.root.join("backend/patches")).unwrap();
    fs_err::write(checkout.root.join("backend/patches/one.patch"), &patch).unwrap();
    checkout.edit("backend/sources.yaml", "license: ", "patches: [backend/patches/one.patch]\n    license: ");
    let gate = Gate::new(&checkout.cache);
    let setting = gate.setting();
    let args =
        ["build-backend", "tiny", "other", "--jobs", "1", "--compiler-cache", "off", "--set", &setting];
    let building = checkout.start(&args);
    let held = gate.wait();
    checkout.edit("backend/patches/one.patch", "// One.", "// Two.");
    drop(held);
    building
        .finish()
        .expect(0)
        .says("backend/patches/one.patch changed since it was planned")
        .says("built other");
    let set = ["build-backend", "other", "--compiler-cache", "off", "--set", &setting];
    checkout.xtask(&set).expect(0).says("nothing to do for other");
}

#[test]
fn a_tool_that_is_replaced_while_it_is_used_leaves_nothing_in_the_cache() {
    let checkout = Checkout::tiny();
    let gate = Gate::new(&checkout.cache);
    let setting = gate.setting();
    let tools = checkout.root.join("tools");
    fs_err::create_dir_all(&tools).unwrap();
    let wrapper = |words: &str| {
        let text = format!("#!/bin/sh\n# {words}\nexec /usr/bin/cmake \"$@\"\n");
        let file = tools.join("cmake");
        fs_err::write(&file, text).unwrap();
        fs_err::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    };
    wrapper("one");
    let mut command =
        checkout.command(&["build-backend", "tiny", "--compiler-cache", "off", "--set", &setting]);
    command.env("PATH", format!("{tools}:{}", std::env::var("PATH").unwrap()));
    let building = child::start(command, SHORT);
    let held = gate.wait();
    wrapper("two");
    drop(held);
    building.finish().expect(0).says("was installed while this was built: the result is not cached");
    let listed = checkout.xtask(&["cache", "ls"]).expect(0).out;
    assert!(!listed.contains("tiny"), "{listed}");
}
