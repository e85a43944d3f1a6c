//! `check` on this repository, and on small ones in which one thing is wrong each.

mod cases;
mod parsed;
pub mod sound;

use crate::checkout::{Ran, ran, repository};
use cases::{Case, cases};
use serde_json::Value;
use sound::Sound;
use std::collections::BTreeSet;

/// Findings as `rule file:line:column`, and all that was said.
fn found(ran: &Ran) -> Vec<String> {
    let list: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let number = |finding: &Value, name: &str| finding[name].as_u64().unwrap();
    list.as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            assert!(!text(finding, "message").is_empty() && !text(finding, "help").is_empty(), "{finding}");
            let (rule, file) = (text(finding, "rule"), text(finding, "file"));
            format!("{rule} {file}:{}:{}", number(finding, "line"), number(finding, "column"))
        })
        .collect()
}

#[test]
fn this_repository_keeps_every_rule() {
    let sound = Sound::new();
    let ran = ran(sound.command(&["check"]).current_dir(repository()));
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}{}", ran.out, ran.err);
}

/// Without this, every case below would prove nothing.
#[test]
fn the_small_repository_is_sound() {
    let ran = Sound::new().run(&["check", "--json"]);
    assert_eq!(found(&ran), Vec::<String>::new(), "{ran:?}");
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn every_rule_is_broken_by_one_thing_and_shows_where() {
    let sound = Sound::new();
    let list: Value = serde_json::from_str(&sound.run(&["check", "--list", "--json"]).out).unwrap();
    let mut untried: BTreeSet<&str> =
        list.as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    for Case { rule, edits, at, args, also } in cases(&sound) {
        untried.remove(rule);
        let before = sound.apply(&edits);
        let all: Vec<&str> = ["check", "--json"].into_iter().chain(args.iter().copied()).collect();
        let ran = sound.run(&all);
        sound.restore(before);
        let mut found = found(&ran);
        found.retain(|finding| !also.iter().any(|rule| finding.split(' ').next() == Some(rule)));
        let expected = [format!("{rule} {at}")];
        if found != expected || ran.code != 4 {
            wrong.push(format!("expected {expected:?}, found {found:?}, code {}", ran.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(untried.is_empty(), "no case breaks {untried:?}");
}

#[test]
fn one_rule_is_asked_alone_and_typing_errors_are_answered() {
    let sound = Sound::new();
    let case = cases(&sound).into_iter().find(|case| case.rule == "licences").unwrap();
    sound.apply(&case.edits);
    let alone = sound.run(&["check", "--rule", "licences"]);
    assert_eq!(alone.code, 4, "{alone:?}");
    let shown = [case.at.as_str(), "MIT-2", "[licences]", "help:", "^"];
    assert!(shown.iter().all(|text| alone.out.contains(text)), "{alone:?}");
    assert!(alone.err.starts_with("error: 1 finding (1 rules"), "{alone:?}");
    assert_eq!(sound.run(&["check", "--rule", "hosts"]).code, 0);
    let typo = sound.run(&["check", "--rule", "licenses"]);
    assert_eq!(typo.code, 2, "{typo:?}");
    assert!(typo.err.contains("did you mean `licences`") && typo.err.contains("--list"), "{typo:?}");
    let github = ran(sound.command(&["check"]).env("GITHUB_ACTIONS", "true"));
    assert!(github.out.contains("::error file=backend/sources.yaml,line=11,col="), "{github:?}");
}

#[test]
fn a_matrix_that_cannot_be_read_is_wrong_input() {
    let sound = Sound::new();
    for (text, said) in [(None, "cannot read"), (Some("on: push\n"), "has no rows"), (Some("{"), "not YAML")]
    {
        if let Some(text) = text {
            sound.write("m.yml", text);
        }
        let ran = sound.run(&["check", "--matrix-file", "m.yml"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(said), "{said}: {ran:?}");
    }
}

/// What git ignores is nobody's; what it would add is somebody's.
#[test]
fn git_says_which_files_count() {
    let sound = Sound::new();
    for args in [&["init", "--quiet"][..], &["add", "."]] {
        assert_eq!(ran(sound.command_of("git").args(args)).code, 0);
    }
    sound.write(".gitignore", "mine/\n");
    let named = format!("# {}\n", ["py", "pi.org"].concat());
    sound.write("mine/a.py", &named);
    assert_eq!(found(&sound.run(&["check", "--json"])), Vec::<String>::new());
    sound.write("new.py", &named);
    std::fs::remove_file(sound.root().join("README.md")).unwrap();
    assert_eq!(found(&sound.run(&["check", "--json"])), ["hosts new.py:1:3"]);
}
