//! Rule: a row's two words for its platform agree.

use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "row-platforms",
    meaning: "a matrix row with a platform-tag is for `linux/<platform-tag>`",
    source: "matrix invariant",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let rows = repository.tables().flat_map(|table| &table.rows).filter(|row| !row.darwin);
    for row in rows.filter(|row| !row.text("platform-tag").is_empty()) {
        let (is, expected) = (row.text("platforms"), format!("linux/{}", row.text("platform-tag")));
        if is != expected {
            let message = format!("platforms is `{is}`, expected `{expected}` after its platform-tag");
            found.add(&row.file, row.place("platforms"), message, "mend the one that is wrong");
        }
    }
}
