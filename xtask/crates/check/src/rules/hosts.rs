//! Rule: nothing is named that belongs to one machine or one package registry.

use crate::read::spots;
use crate::{Found, Repository, Rule};
use memchr::memmem::Finder;

pub(super) const RULE: Rule = Rule {
    name: "hosts",
    meaning: "no file names the host of a package registry or a directory of one machine",
    source: "issue: builds behind mirrors",
    run,
};

/// What must not occur, in two parts each, so that this file does not hold it.
const NEEDLES: [[&str; 2]; 10] = [
    ["py", "pi.org"],
    ["files.python", "hosted.org"],
    ["index.", "crates.io"],
    ["static.", "crates.io"],
    ["https://", "crates.io"],
    ["proxy.", "golang.org"],
    ["sum.", "golang.org"],
    ["deb.", "debian.org"],
    ["registry.", "npmjs.org"],
    ["/wo", "rk/"],
];

fn run(repository: &Repository<'_>, found: &mut Found) {
    let needles = NEEDLES.map(|parts| parts.concat());
    let needles = needles.each_ref().map(|needle| (needle, Finder::new(needle)));
    // Package managers write the lock files.
    for (file, text) in repository.files.iter().filter(|(path, _)| !path.as_str().ends_with("Cargo.lock")) {
        for (needle, _) in needles.iter().filter(|(_, finder)| finder.find(text.as_bytes()).is_some()) {
            for (number, line) in spots::numbered(text) {
                for at in named(line, needle) {
                    let spot = spots::within(number, line, at, at + needle.len());
                    let help =
                        "leave it to the configuration of the machine: pip, cargo, go and apt have one each";
                    found.add(file, spot, format!("this names {needle}"), help);
                }
            }
        }
    }
}

/// Where a line names the host or directory, rather than a longer one that holds it.
fn named(line: &str, needle: &str) -> impl Iterator<Item = usize> {
    line.match_indices(needle).map(|(at, _)| at).filter(|at| {
        let before = line[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "}-_.)$".contains(c))
    })
}
