//! The data-only file: `include` for Linux and `includeDarwin`, as the reference writes them.

use super::row::Fields;
use model::text::yaml::Node;

const HEAD: &str = "---\n# Every image that is published. Made by `cargo xtask`; do not edit.\n\n";

/// The file of these rows. All values are text, and quoted: `2404` and `true` stay text for whoever reads them.
pub fn yaml<'a, L: Fields + 'a, D: Fields + 'a>(
    linux: impl IntoIterator<Item = &'a L>,
    darwin: impl IntoIterator<Item = &'a D>,
) -> String {
    let lists = [("include", list(linux)), ("includeDarwin", list(darwin))];
    let lists = lists.map(|(name, rows)| (name.to_owned(), rows));
    HEAD.to_owned() + &Node::Spaced(lists.into()).document()
}

fn list<'a, R: Fields + 'a>(rows: impl IntoIterator<Item = &'a R>) -> Node {
    let field = |(key, value): (&str, &str)| (key.to_owned(), Node::Quoted(value.to_owned()));
    Node::List(rows.into_iter().map(|row| Node::map(row.fields().into_iter().map(field))).collect())
}
