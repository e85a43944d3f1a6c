//! One document.

use crate::build::Build;
use crate::value::Value;
use saphyr_parser::{Event, Parser};

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// One-based.
    pub line: usize,
    /// One-based, in characters.
    pub column: usize,
}

/// Longer texts are refused.
const BYTES: usize = 16 * 1024 * 1024;

/// Reads a text; nothing for one without a document.
pub fn read(text: &str) -> Result<Option<Value<'_>>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > BYTES {
        let message = format!("{} bytes; the limit is {BYTES}", text.len());
        return Err(Fault { message, line: 1, column: 1 });
    }
    let mut build = Build::default();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Fault {
            message: format!("not YAML: {}", error.info()),
            line: error.marker().line().max(1),
            column: error.marker().col() + 1,
        })?;
        let done = match event {
            Event::Scalar(text, style, anchor, tag) => build.scalar(text, style, anchor, tag.as_deref()),
            Event::Alias(anchor) => build.alias(anchor),
            Event::MappingStart(anchor, _) => build.start(true, span.start.line(), anchor),
            Event::SequenceStart(anchor, _) => build.start(false, span.start.line(), anchor),
            Event::MappingEnd | Event::SequenceEnd => build.end(),
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 { Err("a second document".to_owned()) } else { Ok(()) }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        };
        done.map_err(|message| Fault {
            message,
            line: span.start.line().max(1),
            column: span.start.col() + 1,
        })?;
    }
    Ok(build.root)
}
