//! Rows added to a table of a YAML file as a person would: every other byte stays.

use model::text::yaml::Node;

/// The text with rows at the end of the block of a top-level key, and before the comments that lead to the next one. A file
/// without that key gets it.
pub(super) fn append(text: &str, key: &str, rows: &[(String, Node)]) -> String {
    if rows.is_empty() {
        return text.to_owned();
    }
    let mut written = String::new();
    for (name, row) in rows {
        let document = Node::Map(vec![(name.clone(), row.clone())]).document();
        document.lines().for_each(|line| {
            written.push_str("  ");
            written.push_str(line);
            written.push('\n');
        });
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let Some(start) =
        lines.iter().position(|line| line.starts_with(key) && line[key.len()..].starts_with(':'))
    else {
        return format!("{}\n{key}:\n{written}", text.trim_end_matches('\n'))
            .trim_start_matches('\n')
            .to_owned();
    };
    let inside = |line: &&&str| line.starts_with([' ', '#', '\n', '-']);
    let mut end = start + 1 + lines[start + 1..].iter().take_while(inside).count();
    while end > start + 1 && !lines[end - 1].starts_with(' ') {
        end -= 1;
    }
    let before = lines[..end].concat();
    let before = before.strip_suffix(" {}\n").map_or(before.clone(), |open| format!("{open}\n"));
    let separator = if before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{separator}{written}{}", lines[end..].concat())
}

/// The text with one value put in place of another in the row of a name, wherever it stands there.
pub(super) fn replace(text: &str, name: &str, old: &str, new: &str) -> String {
    let key = format!("  {name}:");
    let mut inside = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let is_deeper = line.starts_with("   ") || line.trim().is_empty();
        inside = if is_deeper { inside } else { line.trim_end().starts_with(&key) };
        if inside { line.replace(old, new) } else { line.to_owned() }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_alone_changes() {
        let text = "sources:\n  a:\n    at: 1\n  b:\n    at: 1\n  # 1\n  c: { at: 1 }\n";
        assert_eq!(replace(text, "b", "1", "2"), text.replacen("b:\n    at: 1", "b:\n    at: 2", 1));
        assert_eq!(replace(text, "c", "1", "2"), text.replacen("c: { at: 1", "c: { at: 2", 1));
    }

    #[test]
    fn rows_stand_at_the_end_of_their_table() {
        let rows = [("z".to_owned(), Node::map([("a", Node::text("b"))]))];
        let text = "# top\nvariants:\n  x:\n    y: 1 # kept\n\n# of the next\nnext:\n  - 1\n";
        let after =
            "# top\nvariants:\n  x:\n    y: 1 # kept\n  z:\n    a: b\n\n# of the next\nnext:\n  - 1\n";
        assert_eq!(append(text, "variants", &rows), after);
        assert_eq!(append("sources: {}\n", "sources", &rows), "sources:\n  z:\n    a: b\n");
        assert_eq!(append("a: 1", "b", &rows), "a: 1\nb:\n  z:\n    a: b\n");
        assert_eq!(append("variants:\n  x: 1", "variants", &rows), "variants:\n  x: 1\n  z:\n    a: b\n");
        assert_eq!(append(text, "variants", &[]), text);
    }
}
