//! How a job speaks to GitHub: commands on standard output, and the files through which a step tells those behind it.

use crate::escape::visible;
use camino::Utf8Path;
use std::fs::OpenOptions;
use std::io::{self, Write};

/// Appends lines to the file that a variable names, such as `GITHUB_ENV`. False: there is no such file.
pub fn tell(variable: &str, lines: &str) -> io::Result<bool> {
    let Some(file) = std::env::var(variable).ok().filter(|file| !file.is_empty()) else { return Ok(false) };
    append(Utf8Path::new(&file), lines)?;
    Ok(true)
}

/// Outputs of a step: appended to a file if there is one, else printed.
pub fn output(file: Option<&Utf8Path>, lines: &str) -> io::Result<()> {
    if let Some(file) = file {
        return append(file, lines);
    }
    crate::print!("{lines}");
    Ok(())
}

/// In one piece: who reads it sees all of it or nothing.
fn append(file: &Utf8Path, lines: &str) -> io::Result<()> {
    let written = OpenOptions::new().create(true).append(true).open(file);
    let written = written.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.map_err(|error| io::Error::new(error.kind(), format!("cannot append to {file}: {error}")))
}

/// A command of one text.
pub(crate) fn command(kind: &str, text: &str) -> String {
    format!("::{kind}::{}", data(text))
}

/// The command that shows a text beside a place in a file.
pub(crate) fn error_at(file: &str, (line, column): (usize, usize), title: &str, text: &str) -> String {
    let (file, title, text) = (property(file), property(title), data(text));
    format!("::error file={file},line={line},col={column},title={title}::{text}")
}

/// The text of a command: one line, whatever it holds.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_one_line() {
        assert_eq!(
            error_at("a:b,c%\n", (1, 2), "t", "5 %\n::error::x"),
            "::error file=a%3Ab%2Cc%25%0A,line=1,col=2,title=t::5 %25%0A::error::x"
        );
    }
}
