//! Rule: a suffix tells whose image it is.

use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "row-suffix",
    meaning: "a matrix row's tag-suffix begins with `-` and ends with its backend's name",
    source: "matrix invariant",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    for row in repository.tables().flat_map(|table| &table.rows) {
        let (suffix, backend) = (row.text("tag-suffix"), row.text("backend"));
        let ends = suffix.strip_suffix(backend).is_some_and(|front| front.ends_with('-'));
        if !(suffix.starts_with('-') && ends) {
            let message = format!("tag-suffix is `{suffix}`, expected `-…-{backend}`");
            found.add(&row.file, row.place("tag-suffix"), message, "mend the suffix or `backend`");
        }
    }
}
