//! Places in texts, by line.

use model::manifest::Spot;

/// A stretch of a line: its one-based number, its text, and bytes in it.
pub fn within(number: usize, line: &str, start: usize, end: usize) -> Spot {
    let characters = |text: &str| text.chars().count();
    Spot {
        line: number,
        column: characters(&line[..start]) + 1,
        length: characters(&line[start..end]).max(1),
    }
}

/// All of a line but the white space around it.
pub fn whole(number: usize, line: &str) -> Spot {
    let start = line.len() - line.trim_start().len();
    within(number, line, start, line.trim_end().len().max(start))
}

/// A word's first place in a line.
pub fn of(number: usize, line: &str, word: &str) -> Spot {
    line.find(word).map_or_else(|| whole(number, line), |at| within(number, line, at, at + word.len()))
}

/// A word's first place in a text.
pub fn first(text: &str, word: &str) -> Option<Spot> {
    numbered(text).find(|(_, line)| line.contains(word)).map(|(number, line)| of(number, line, word))
}

/// Lines with their one-based numbers.
pub fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}
