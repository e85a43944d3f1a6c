//! Rule: an action is run at a commit, not at a tag that may move.

use super::flows;
use crate::read::workflow::Item;
use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "actions",
    meaning: "every action of somebody else is pinned by commit, every image of a job by digest",
    source: "design: trust",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    flows::each(repository, found, |file, _, items, found| {
        for item in items {
            let Some(text) = item.text else { continue };
            if item.name() == "uses" && !is_pinned(text) {
                let message = format!("`{text}` is not pinned, expected @ and 40 hex digits");
                let help = "write the commit, and the version behind it in a comment";
                found.add(file, item.spot, message, help);
            }
            if is_image(item) && !is_pinned(&format!("docker://{text}")) {
                let message = format!("`{text}` is not pinned, expected @sha256: and 64 hex digits");
                found.add(
                    file,
                    item.spot,
                    message,
                    "write the digest, and the version behind it in a comment",
                );
            }
        }
    });
}

/// Whether something is the image of a job or of one of its services.
fn is_image(item: &Item<'_>) -> bool {
    matches!(
        item.keys[..],
        ["jobs", _, "container"] | ["jobs", _, "container", "image"] | ["jobs", _, "services", _, "image"]
    )
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
