//! What git prints with `-z`: paths may hold anything but a NUL.

use super::files::{Content, Edit, Edits, Kind, Tree};

/// Git printed something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot make sense of what `git {command}` printed: {record:?}; expected {expected}")]
pub struct ListingError {
    command: &'static str,
    record: String,
    expected: &'static str,
}

/// The output of `git ls-tree -r -z`.
pub fn read_tree(output: &[u8]) -> Result<Tree, ListingError> {
    let mut tree = Tree::new();
    for record in records(output) {
        let wrong = || ListingError {
            command: "ls-tree",
            record: text(record),
            expected: "`<mode> <type> <id>`, a tab and a path",
        };
        let at = record.iter().position(|byte| *byte == b'\t').ok_or_else(wrong)?;
        let head = text(&record[..at]);
        let mut words = head.split(' ');
        let (Some(mode), Some(_), Some(id), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(wrong());
        };
        let kind = kind(mode).ok_or_else(wrong)?;
        if let Some(path) = path(&record[at + 1..]) {
            tree.insert(path, Content { kind, id: Some(id.to_owned()) });
        }
    }
    Ok(tree)
}

/// The output of `git diff --raw -z --no-renames --no-abbrev`.
pub fn read_diff(output: &[u8]) -> Result<Edits, ListingError> {
    let mut edits = Edits::new();
    let mut records = records(output);
    while let Some(record) = records.next() {
        let wrong = || ListingError {
            command: "diff --raw",
            record: text(record),
            expected: "`:<mode> <mode> <id> <id> <letter>` and a path",
        };
        let head = text(record);
        let words: Vec<&str> = head.strip_prefix(':').ok_or_else(wrong)?.split(' ').collect();
        let [before_mode, after_mode, before_id, after_id, letter] = words[..] else { return Err(wrong()) };
        let path = path(records.next().ok_or_else(wrong)?);
        let side = |mode: &str, id: &str| match mode {
            "000000" => Ok(None),
            mode => {
                let id = (!id.bytes().all(|byte| byte == b'0')).then(|| id.to_owned());
                Ok(Some(Content { kind: kind(mode).ok_or_else(wrong)?, id }))
            }
        };
        let mut edit = Edit { before: side(before_mode, before_id)?, after: side(after_mode, after_id)? };
        // A submodule at the same commit, with edits of its own.
        if let (true, Some(after)) = (edit.before == edit.after, &mut edit.after) {
            after.id = None;
        }
        // A name that no build sees.
        let Some(path) = path else { continue };
        match (letter, edits.get_mut(&path)) {
            // A conflict: told as such, and again with what lies in the working tree.
            ("U", _) => {}
            (_, Some(known)) => known.after = edit.after,
            (_, None) => {
                edits.insert(path, edit);
            }
        }
    }
    Ok(edits)
}

/// The output of `git ls-files -z --others`: files, and repositories within the working tree with a slash behind them.
pub fn read_untracked(output: &[u8]) -> Edits {
    let new = |record: &[u8]| {
        let path = path(record)?;
        let (path, kind) = match path.strip_suffix('/') {
            Some(directory) => (directory.to_owned(), Kind::Submodule),
            None => (path, Kind::File { executable: false }),
        };
        Some((path, Edit { before: None, after: Some(Content { kind, id: None }) }))
    };
    records(output).filter_map(new).collect()
}

fn records(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.split(|byte| *byte == 0).filter(|record| !record.is_empty())
}

fn kind(mode: &str) -> Option<Kind> {
    match mode {
        "120000" => Some(Kind::Link),
        "160000" => Some(Kind::Submodule),
        mode if mode.len() == 6 && mode.starts_with("100") => {
            let bits = u32::from_str_radix(&mode[3..], 8).ok()?;
            Some(Kind::File { executable: bits & 0o100 != 0 })
        }
        _ => None,
    }
}

/// A path, if its name is UTF-8: others are no inputs of any unit.
fn path(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// As text. Bytes that are none are spelled out, so that two paths never become one.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\u{fffd}{byte:02x}")));
    }
    text
}
