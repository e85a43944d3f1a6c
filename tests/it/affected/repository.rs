//! A small checkout with a git history of its own.

use crate::checkout::{Checkout, Ran, ran};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// What `affected` answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub evidence: String,
    pub why: String,
    /// `backend variant platform` → reasons as JSON.
    pub units: BTreeMap<String, Vec<serde_json::Value>>,
}

impl Answer {
    pub fn read(json: &str) -> Self {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let units = json["units"].as_array().unwrap().iter().map(|row| {
            let part = |name: &str| text(&row["unit"][name]);
            let name = format!("{} {} {}", part("backend"), part("variant"), part("platform"));
            (name, row["reasons"].as_array().unwrap().clone())
        });
        Self { evidence: text(&json["evidence"]), why: text(&json["why"]), units: units.collect() }
    }

    pub fn names(&self) -> BTreeSet<String> {
        self.units.keys().cloned().collect()
    }

    /// The backends that are touched, in order.
    pub fn backends(&self) -> Vec<&str> {
        let all: BTreeSet<&str> = self.units.keys().filter_map(|name| name.split(' ').next()).collect();
        all.into_iter().collect()
    }

    /// All that is said of why, in one text.
    pub fn reasons(&self) -> String {
        self.units.values().flatten().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

/// Git with nothing of this machine's settings.
pub fn git(dir: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"]).args(args);
    command.current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "x").env(format!("GIT_{who}_EMAIL"), "x@example.org");
        command.env(format!("GIT_{who}_DATE"), "2026-11-22T12:00:00Z");
    }
    let ran = ran(&mut command);
    assert_eq!(ran.code, 0, "git {args:?}: {ran:?}");
    ran.out.trim().to_owned()
}

/// The small fixture, committed.
pub struct Repository {
    pub checkout: Checkout,
}

impl Repository {
    pub fn new() -> Self {
        Self::of(Checkout::new())
    }

    pub fn of(checkout: Checkout) -> Self {
        let repository = Self { checkout };
        repository.git(&["init", "--quiet"]);
        repository.commit();
        repository
    }

    pub fn git(&self, args: &[&str]) -> String {
        git(&self.checkout.root, args)
    }

    /// Commits all that is there; the commit's name.
    pub fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn write(&self, file: &str, text: &str) {
        self.checkout.write(file, text);
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.checkout.run(args)
    }

    /// What `affected` answers.
    pub fn affected(&self, args: &[&str]) -> Answer {
        let all: Vec<&str> = ["affected", "--json"].into_iter().chain(args.iter().copied()).collect();
        Answer::read(&self.checkout.out(&all))
    }

    /// The same of an event's payload.
    pub fn event(&self, payload: &str, args: &[&str]) -> Answer {
        let file = self.checkout.home.join("event.json");
        std::fs::write(&file, payload).unwrap();
        let all: Vec<&str> =
            ["--event-path", file.to_str().unwrap()].into_iter().chain(args.iter().copied()).collect();
        self.affected(&all)
    }

    /// The key of every published unit that this machine can know, by name.
    pub fn keys(&self) -> BTreeMap<String, String> {
        let listed = self.checkout.out(&["list", "--units"]);
        let rows = listed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.filter(|row| row[3] != "-").map(|row| (row[..3].join(" "), row[3].to_owned())).collect()
    }
}
