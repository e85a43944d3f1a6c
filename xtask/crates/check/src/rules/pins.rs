//! Rule: every byte from outside has a checksum.

use crate::{Found, Repository, Rule};
use model::manifest::SOURCES;
use model::source::Upstream;

pub(super) const RULE: Rule = Rule {
    name: "pins",
    meaning: "every pin names its bytes: by commit, digest of the archive or digest of the tree",
    source: "design: trust",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    for pin in manifests.pins.values() {
        if let (Upstream::GitTag { tag, .. }, None) = (&pin.upstream, &pin.tree) {
            let spot = repository.key(SOURCES.into(), &["sources", pin.name.as_str(), "upstream", "git-tag"]);
            let message = format!("`{}` is whatever its host calls {tag}: a tag moves", pin.name);
            let help = "add `tree: <sha256>` (`cargo xtask sources --update` computes it), or pin the commit";
            found.add(SOURCES.into(), spot, message, help);
        }
    }
}
