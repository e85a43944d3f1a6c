//! Rule: an action is run at a commit, not at a tag that may move.

use crate::read::workflow::entries;
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "actions",
    meaning: "every action of somebody else is pinned by commit, every image of a job by digest",
    source: "design: trust",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    for (file, text) in repository.below(".github", &[".yml", ".yaml"]) {
        for entry in entries(text).iter().filter(|entry| entry.name == "uses") {
            if !is_pinned(entry.value) {
                let message = format!("`{}` is not pinned, expected @ and 40 hex digits", entry.value);
                let help = "write the commit, and the version behind it in a comment";
                found.add(file, entry.spot, message, help);
            }
        }
    }
}

fn is_pinned(action: &str) -> bool {
    let hex = |digits: &str, length| digits.len() == length && digits.bytes().all(|b| b.is_ascii_hexdigit());
    match action.rsplit_once('@') {
        _ if action.starts_with("./") => true,
        Some((image, digest)) if image.starts_with("docker://") => {
            digest.strip_prefix("sha256:").is_some_and(|digits| hex(digits, 64))
        }
        Some((_, commit)) => hex(commit, 40),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_and_digests_are_pins() {
        let (commit, digest) = ("0".repeat(40), "0".repeat(64));
        for good in [format!("a/b@{commit}"), "./x".to_owned(), format!("docker://a@sha256:{digest}")] {
            assert!(is_pinned(&good), "{good}");
        }
        for bad in ["a/b@v4", "a/b", "docker://a:1", &format!("docker://a@{commit}"), "a/b@main"] {
            assert!(!is_pinned(bad), "{bad}");
        }
    }
}
