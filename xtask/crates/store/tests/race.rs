//! Several processes on one key: one builds, the others wait and restore.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use common::{Sandbox, key, meta, package_at, parents_sandbox, picture, role};
use store::{Reserved, Store};

/// Reserves the key; says on stderr when it waits, for whom, and whether it builds.
#[test]
#[ignore = "run by the tests below, as one of the racing processes"]
fn child() {
    let Ok(name) = std::env::var(common::ROLE) else { return };
    let sandbox = parents_sandbox();
    let store = Store::open(&sandbox.join("cache")).unwrap();
    let reserved = store.reserve(&key("raced"), |pid| eprintln!("waits for {}", pid.unwrap_or(0))).unwrap();
    let entry = match reserved {
        Reserved::Hit(entry) => entry,
        Reserved::Vacant(vacant) => {
            eprintln!("builds");
            if name == "holder" {
                std::io::stdin().read_line(&mut String::new()).unwrap();
            }
            let mut log = fs::File::options().create(true).append(true).open(sandbox.join("builds")).unwrap();
            writeln!(log, "{name}").unwrap();
            let tree = sandbox.join(format!("tree-{name}"));
            package_at(&tree, &name);
            vacant.commit(&tree, b"", meta(&name)).unwrap()
        }
    };
    entry.restore(&sandbox.join(format!("out-{name}"))).unwrap();
}

fn start(sandbox: &Sandbox, name: &str) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child =
        role(name, sandbox.dir.path()).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    (child, lines.map(|line| line.unwrap()))
}

fn race(count: usize) {
    let sandbox = Sandbox::new();
    // Held here until every one of them waits: none can have come too late to race.
    let held = sandbox.store().reserve(&key("raced"), |_| {}).unwrap();
    let mut racers: Vec<_> = (0..count).map(|at| start(&sandbox, &format!("r{at}"))).collect();
    for (_, said) in &mut racers {
        assert_eq!(said.next(), Some(format!("waits for {}", std::process::id())));
    }
    drop(held);
    for (child, said) in &mut racers {
        said.for_each(drop);
        assert!(child.wait().unwrap().success());
    }
    let builds = fs::read_to_string(sandbox.path("builds")).unwrap();
    assert_eq!(builds.lines().count(), 1, "{builds}");
    let whole = picture(&sandbox.path(&format!("tree-{}", builds.trim())));
    for at in 0..count {
        assert_eq!(picture(&sandbox.path(&format!("out-r{at}"))), whole);
    }
    assert_eq!(fs::read_dir(sandbox.store().path().join("locks")).unwrap().count(), 0);
}

#[test]
fn of_two_processes_one_builds() {
    race(2);
}

#[test]
fn of_eight_processes_one_builds() {
    race(8);
}

#[test]
fn a_waiting_process_takes_over_from_a_killed_one() {
    let sandbox = Sandbox::new();
    let (mut holder, mut holder_said) = start(&sandbox, "holder");
    assert_eq!(holder_said.next().as_deref(), Some("builds"));
    let (mut heir, mut heir_said) = start(&sandbox, "heir");
    assert_eq!(heir_said.next(), Some(format!("waits for {}", holder.id())));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(heir_said.next().as_deref(), Some("builds"));
    heir_said.for_each(drop);
    assert!(heir.wait().unwrap().success());
    assert_eq!(fs::read_to_string(sandbox.path("builds")).unwrap(), "heir\n");
}

#[test]
fn one_place_takes_restores_of_many_processes() {
    let sandbox = Sandbox::new();
    let store = sandbox.store();
    let (a, b) = (sandbox.package("a"), sandbox.package("b"));
    let entries = [common::commit(&store, "a", &a), common::commit(&store, "b", &b)];
    let place = sandbox.path("package");
    std::thread::scope(|scope| {
        for at in 0..4 {
            let (entries, place) = (&entries, &place);
            scope.spawn(move || {
                for round in 0..10 {
                    entries[(at + round) % 2].restore(place).unwrap();
                }
            });
        }
    });
    let found = picture(&place);
    let expected = [("a", picture(&a)), ("b", picture(&b))].into_iter().find(|(_, whole)| *whole == found);
    assert_eq!(store::restored_key(&place), Some(key(expected.unwrap().0)));
}
