//! What keeps foreign text, such as a file's name, from being taken for anything else: by a terminal, which obeys control
//! characters, and by GitHub, which obeys lines that begin like commands.

use std::fmt::Write;

/// Everything but line ends and tabs as something that is seen.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            // Writing to a string does not fail.
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a character does something to a terminal rather than be shown by it, the order of its neighbours included.
fn steers(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The same as one item of what is told: lines behind the first are set off, so that none looks like an item of its own.
pub(super) fn told(text: &str) -> String {
    visible(text).replace('\n', "\n  ")
}

/// The same for GitHub, where none of the lines is to be a command.
pub(super) fn inert(text: &str) -> String {
    let harmless = |line: &str| match line.trim_start() {
        command if command.starts_with("::") => {
            let (indent, command) = line.split_at(line.len() - command.len());
            format!("{indent}\\{command}")
        }
        _ => line.to_owned(),
    };
    // The older form is a command wherever it stands in a line.
    text.split('\n').map(harmless).collect::<Vec<_>>().join("\n").replace("##[", "#\\#[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_seen() {
        assert_eq!(visible("a\u{1b}[31mb\r\u{7f}\u{9b}c\td\ne"), "a\\u{1b}[31mb\\u{d}\\u{7f}\\u{9b}c\td\ne");
        assert_eq!(visible("abc\u{202e}fdp.h"), "abc\\u{202e}fdp.h");
        assert_eq!(visible("ünï 文 🦀"), "ünï 文 🦀");
        assert_eq!(told("a\nerror: b"), "a\n  error: b");
    }

    #[test]
    fn no_line_is_a_command_of_github() {
        assert_eq!(inert("a::b\n  ::error::c\n::d\n"), "a::b\n  \\::error::c\n\\::d\n");
        assert_eq!(inert("x ##[add-mask]y"), "x #\\#[add-mask]y");
    }
}
