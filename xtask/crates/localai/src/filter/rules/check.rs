//! What no shape says of a file of rules.

use super::path::Pattern;
use super::{Paths, Rules, Source};
use model::manifest::{Issues, Trail, filled};

/// Checks a file of rules; `None` when there are issues.
pub fn check(rules: Rules, issues: &mut Issues) -> Option<Rules> {
    let root = Trail::root();
    filled(issues, root.key("matrix"), &rules.matrix);
    sources(issues, root.key("linux-sources"), &rules.linux_sources);
    sources(issues, root.key("darwin-sources"), &rules.darwin_sources);
    paths(issues, root.key("ignored"), &rules.ignored);
    let list = root.key("narrowed");
    for (index, rule) in rules.narrowed.iter().enumerate() {
        paths(issues, list.index(index).key("files"), &rule.files);
    }
    let list = root.key("borrowed");
    for (index, rule) in rules.borrowed.iter().enumerate() {
        paths(issues, list.index(index).key("files"), &rule.files);
    }
    let list = root.key("shared");
    for (index, rule) in rules.shared.iter().enumerate() {
        let row = list.index(index);
        filled(issues, row.key("name"), &rule.name);
        paths(issues, row.key("files"), &rule.files);
        if rule.unless_additive && rules.proto.is_none() {
            let help = "name the contract in `proto`".to_owned();
            issues.key(
                row.key("unless-additive"),
                "no contract is named whose edits could be additive",
                help,
            );
        }
    }
    issues.is_empty().then_some(rules)
}

/// A pattern that asks for nothing would match every file.
fn paths(issues: &mut Issues, trail: Trail<'_>, patterns: &Paths) {
    for (index, pattern) in patterns.0.iter().enumerate() {
        let row = trail.index(index);
        let Pattern { is, starts, ends, name, below, except } = pattern;
        let lists = [is, starts, ends, name, below];
        if lists.iter().all(|list| list.is_none()) {
            let help = "say `is`, `starts`, `ends`, `name` or `below`".to_owned();
            issues.value(row, "this matches every file", help);
        }
        if lists.into_iter().flatten().any(|list| list.iter().any(String::is_empty)) {
            issues.value(row, "empty text matches every file", "remove it".to_owned());
        }
        paths(issues, row.key("except"), except);
    }
}

fn sources(issues: &mut Issues, trail: Trail<'_>, sources: &[Source]) {
    for (index, source) in sources.iter().enumerate() {
        let row = trail.index(index);
        let dir = row.key("dir");
        if !source.dir.is_whole() {
            let help = "write `{field}` for a field of the entry".to_owned();
            issues.value(dir, "braces that do not come in pairs", help);
        } else if !source.dir.as_str().ends_with('/') {
            let help = "without it, `vllm` would hold the files of `vllm-omni` too".to_owned();
            issues.value(dir, "a directory ends with a slash", help);
        }
    }
}
