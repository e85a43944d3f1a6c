//! What texts mean: names, paths, versions, YAML and its mappings.

pub mod choice;
pub mod normal;
pub mod one_key;
pub mod path;
pub mod paths;
pub mod suggest;
pub mod table;
pub mod version;
pub mod yaml;

/// Whether a character does something to a terminal or its neighbours rather than be shown.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
