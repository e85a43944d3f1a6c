//! What of a workflow or composite action can be told by its lines.

use super::spots;
use plan::manifest::Spot;

/// `name: value` on a line of its own, or as the first of a list's element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What stands before the colon.
    pub name: &'a str,
    /// What stands behind it, without quotes and comments.
    pub value: &'a str,
    /// Where the value stands; where the name stands if there is none.
    pub spot: Spot,
    /// How far the line is indented, a list's dash included.
    pub indent: usize,
    /// The line begins an element of a list.
    pub first: bool,
}

/// The entries of a file, comments and the lines of scripts left out.
pub fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut found = Vec::new();
    // The indentation of the key that a block of text belongs to.
    let mut block: Option<usize> = None;
    for (number, line) in spots::numbered(text) {
        let trimmed = line.trim_start();
        let outer = line.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if block.is_some_and(|indent| outer > indent) {
            continue;
        }
        block = None;
        let content = trimmed.strip_prefix("- ").map_or(trimmed, str::trim_start);
        let indent = line.len() - content.len();
        let Some((name, value)) = content.split_once(':') else { continue };
        if !(value.is_empty() || value.starts_with(' ')) {
            continue;
        }
        let value = value.split(" #").next().unwrap_or_default().trim();
        if value.starts_with(['|', '>']) {
            block = Some(indent);
        }
        let bare = value.trim_matches(['"', '\'']);
        let spot = if bare.is_empty() {
            spots::of(number, line, name)
        } else {
            let at = line.len() - content.len() + name.len() + 1;
            let start = line[at..].find(bare).map_or(at, |offset| at + offset);
            spots::within(number, line, start, start + bare.len())
        };
        found.push(Entry { name: name.trim(), value: bare, spot, indent, first: indent != outer });
    }
    found
}

/// The entries of the step that one of them belongs to.
pub fn step<'a, 'b>(entries: &'b [Entry<'a>], index: usize) -> &'b [Entry<'a>] {
    let indent = entries[index].indent;
    let start =
        entries[..=index].iter().rposition(|entry| entry.first && entry.indent <= indent).unwrap_or(0);
    let indent = entries[start].indent;
    let more = entries[start + 1..]
        .iter()
        .take_while(|entry| entry.indent > indent || (entry.indent == indent && !entry.first));
    &entries[start..=start + more.count()]
}

/// Whether a pull request starts it.
pub fn is_for_pull_requests(entries: &[Entry<'_>]) -> bool {
    entries.iter().any(|entry| {
        (entry.name == "pull_request" && entry.indent > 0)
            || (entry.name == "on" && entry.value.contains("pull_request"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "on:\n  pull_request:\njobs:\n  a:\n    runs-on: \"ubuntu-latest\" # why\n    steps:\n      - uses: a/b@c\n        if: x\n        with:\n          y: z\n      - run: |\n          uses: no\n        if: w\n";

    #[test]
    fn entries_have_places_and_scripts_have_none() {
        let found = entries(TEXT);
        let uses: Vec<&Entry> = found.iter().filter(|entry| entry.name == "uses").collect();
        assert_eq!(uses.len(), 1);
        assert_eq!((uses[0].value, uses[0].spot.line, uses[0].spot.column), ("a/b@c", 7, 15));
        let runner = found.iter().find(|entry| entry.name == "runs-on").unwrap();
        assert_eq!((runner.value, runner.spot.column), ("ubuntu-latest", 15));
        assert!(is_for_pull_requests(&found));
    }

    #[test]
    fn a_step_is_all_of_it_and_nothing_else() {
        let found = entries(TEXT);
        let of = |name: &str| {
            let index = found.iter().position(|entry| entry.value == name).unwrap();
            step(&found, index).iter().map(|entry| entry.name).collect::<Vec<_>>()
        };
        assert_eq!(of("z"), ["uses", "if", "with", "y"]);
        assert_eq!(of("w"), ["run", "if"]);
    }
}
