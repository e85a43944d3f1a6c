//! Rule: the images that are merged into one differ in nothing but their platform.

use crate::read::Row;
use crate::{Found, Repository, Rule};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "row-legs",
    meaning: "matrix rows of one tag-suffix agree on every field but platform, runner and builder base",
    source: "matrix invariant",
    run,
};

/// What makes two legs two.
const OWN: [&str; 4] = ["platforms", "platform-tag", "runs-on", "builder-base-image"];

fn run(repository: &Repository<'_>, found: &mut Found) {
    for table in repository.tables() {
        let mut firsts: BTreeMap<&str, &Row> = BTreeMap::new();
        for row in table.rows.iter().filter(|row| !row.darwin) {
            let first = *firsts.entry(row.text("tag-suffix")).or_insert(row);
            let names =
                first.fields.keys().chain(row.fields.keys().filter(|name| !first.fields.contains_key(*name)));
            for name in names.filter(|name| !OWN.contains(&name.as_str())) {
                let text = |row: &Row| row.fields.get(name).map(|field| field.text.clone());
                let (theirs, ours) = (text(first), text(row));
                if theirs != ours {
                    let say =
                        |text: Option<String>| text.map_or("nothing".to_owned(), |text| format!("`{text}`"));
                    let message = format!(
                        "`{name}` is {} here and {} in the row of line {}, which becomes one image with this one",
                        say(ours),
                        say(theirs),
                        first.spot.line
                    );
                    found.add(
                        &row.file,
                        row.place(name),
                        message,
                        "make them agree, or give one another tag-suffix",
                    );
                }
            }
        }
    }
}
