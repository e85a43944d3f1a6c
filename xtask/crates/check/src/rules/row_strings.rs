//! Rule: a matrix holds strings, which no YAML reader turns into something else.

use crate::{Found, Repository, Rule};

pub(super) const RULE: Rule = Rule {
    name: "row-strings",
    meaning: "every value of a matrix row is a string",
    source: "matrix invariant",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    for row in repository.tables().flat_map(|table| &table.rows) {
        for (name, field) in row.fields.iter().filter(|(_, field)| !field.string) {
            let message = format!("`{name}` is no string to YAML: `{}`", field.text);
            found.add(&row.file, field.spot, message, format!("write it in quotes, as in `{name}: \"…\"`"));
        }
    }
}
