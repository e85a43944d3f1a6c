//! What no manifest holds: refused before a parser sees it, since parsers take quadratic time on nested brackets.

use super::tree::Spot;

const BYTES: usize = 256 * 1024;
const LINE: usize = 4096;
const DEPTH: usize = 32;

/// So short a text costs little whatever is in it, and most manifests are.
pub(super) const HARMLESS: usize = 4096;

/// Why a text is not even read.
pub(super) struct Refusal<'a> {
    pub spot: Spot,
    pub message: String,
    pub help: Option<String>,
    /// The text to quote from.
    pub shown: &'a str,
}

/// The first reason, if there is one.
pub(super) fn refuse(text: &str) -> Option<Refusal<'_>> {
    let refusal = |spot, message, help: &str, shown| {
        Some(Refusal { spot, message, help: Some(help.to_owned()), shown })
    };
    if text.len() > BYTES {
        let message = format!("a manifest of {} bytes; the limit is {BYTES}", text.len());
        return refusal(Spot::START, message, "split it, or see whether this is the right file", "");
    }
    let mut depth = 0_usize;
    for (index, line) in text.lines().enumerate() {
        let spot = |column: usize| Spot { line: index + 1, column: column + 1, length: 1 };
        if line.len() > LINE {
            let message = format!("a line of {} bytes; the limit is {LINE}", line.len());
            return refusal(spot(0), message, "break the line", text);
        }
        let column = |byte: usize| line[..byte].chars().count();
        // Quotes and comments are not told apart: their brackets come in pairs too. An iterator would cost the load of all
        // manifests a tenth, since this crate is not compiled to be fast.
        let mut byte = 0;
        while byte < line.len() {
            match line.as_bytes()[byte] {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                // Below a space only the tab is text; 0x7f is the one control character above.
                c @ (0..=8 | 10..=31 | 127) => {
                    let message = format!("a control character, U+{c:04X}");
                    return refusal(spot(column(byte)), message, "remove it", text);
                }
                _ => {}
            }
            if depth > DEPTH {
                let message = format!("brackets nested more than {DEPTH} deep");
                let help = "close them, or write the lists in block form";
                return refusal(spot(column(byte)), message, help, text);
            }
            byte += 1;
        }
    }
    None
}
