//! Every command line that help and the documents show is one that the program understands.

use crate::checkout::{Checkout, ran, repository};
use crate::help::commands;
use std::fs;

/// The command lines that begin with `cargo xtask`, without what explains them.
fn command_lines(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim_start_matches(['$', ' ']).strip_prefix("cargo xtask "))
        .map(|line| {
            line.split("   ").next().unwrap_or(line).split(" #").next().unwrap_or(line).trim().to_owned()
        })
        // A line of a synopsis, not of a shell.
        .filter(|line| !line.contains(['[', '{', '<', '|', '…', '&', '\\', '$', '*']))
        .collect()
}

/// Words as a shell would split them; quotes are all that examples use.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split(['"', '\'']).enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// A command line that is understood gets as far as looking for a checkout; nothing is done.
fn understood(checkout: &Checkout, line: &str) {
    let owned = words(line);
    let words: Vec<&str> = owned.iter().map(String::as_str).collect();
    let ran = ran(checkout.command(&words).current_dir(&checkout.home));
    let elsewhere = ran.code == 2 && ran.err.contains("is not inside a checkout");
    assert!(elsewhere || ran.code == 0, "`cargo xtask {line}`: {ran:?}");
}

#[test]
fn the_examples_of_the_help_are_understood() {
    let checkout = Checkout::new();
    let mut lines = command_lines(&checkout.out(&["--help"]));
    for command in commands(&checkout) {
        lines.extend(command_lines(&checkout.out(&[&command, "--help"])));
    }
    assert!(lines.len() >= 8, "{lines:?}");
    for line in lines {
        understood(&checkout, &line);
    }
}

#[test]
fn the_examples_of_the_documents_are_understood() {
    let checkout = Checkout::new();
    let mut files: Vec<_> = walkdir::WalkDir::new(repository().join("docs"))
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    files.extend(Some(repository().join("README.md")).filter(|path| path.exists()));
    for file in files {
        for line in command_lines(&fs::read_to_string(&file).unwrap()) {
            understood(&checkout, &line);
        }
    }
}
