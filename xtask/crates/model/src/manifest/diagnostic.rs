//! What is wrong with a manifest, and where.

use super::tree::Spot;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use camino::{Utf8Path, Utf8PathBuf};
use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, relative to the repository's root.
    pub file: Utf8PathBuf,
    /// One-based.
    pub line: usize,
    /// One-based, in characters.
    pub column: usize,
    /// How many characters are meant; at least one.
    pub length: usize,
    /// The text of the line.
    pub source: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// What is wrong at a spot of a file.
    pub fn at(file: &Utf8Path, text: &str, spot: Spot, message: String, help: Option<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: spot.line.max(1),
            column: spot.column.max(1),
            length: spot.length.max(1),
            source: text.lines().nth(spot.line.saturating_sub(1)).unwrap_or_default().to_owned(),
            message,
            help,
        }
    }

    /// The diagnostic as rustc would show it.
    pub fn render(&self, color: bool) -> String {
        // Control characters would garble a terminal, and lines without end would fill it.
        let clean = |c: char| if c.is_control() && c != '\t' { '\u{fffd}' } else { c };
        let line: String = masked(&self.source).chars().take(SHOWN).map(clean).collect();
        let byte = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(byte, _)| byte);
        let start = byte(self.column - 1);
        let end = byte(self.column - 1 + self.length);
        let message: String = self.message.chars().map(clean).collect();
        let file: String = self.file.as_str().chars().map(clean).collect();
        let snippet = Snippet::source(line.as_str())
            .line_start(self.line)
            .path(file.as_str())
            .annotation(AnnotationKind::Primary.span(start..end));
        let mut group = Level::ERROR.primary_title(message.as_str()).element(snippet);
        let help: Option<String> = self.help.as_ref().map(|help| help.chars().map(clean).collect());
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// A line with stars in the place of what URLs in it say before an `@`, which may be a password: as many, so that what is
/// meant stays where it is.
fn masked(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        let url = after.split([' ', '"', '\'', ',']).next().unwrap_or_default();
        let host = url.split('/').next().unwrap_or_default();
        // A host with a port at most, and a revision behind the path.
        let is_host = host.split_once(':').is_none_or(|(_, port)| port.bytes().all(|c| c.is_ascii_digit()));
        let is_plain = is_host && !host.contains('@');
        let who = url.rsplit_once('@').filter(|_| !is_plain).map_or("", |(who, _)| who);
        out.extend([before, "://", &"*".repeat(who.chars().count())]);
        rest = &after[who.len()..];
    }
    out + rest
}

/// Longest part of a line that is shown, in characters.
const SHOWN: usize = 240;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// Everything that is wrong, in the order of files and lines; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(pub(super) Vec<Diagnostic>);

impl Diagnostics {
    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// All of them as rustc would show them, with a count at the end.
    pub fn render(&self, color: bool) -> String {
        let mut text = String::new();
        for diagnostic in &self.0 {
            text.push_str(&diagnostic.render(color));
            text.push_str("\n\n");
        }
        let count = self.0.len();
        let plural = if count == 1 { "" } else { "s" };
        text + &format!("{count} error{plural} in the manifests")
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn what_may_be_a_password_is_not_shown_and_revisions_are() {
        assert_eq!(masked("a://me:x@h b"), "a://****@h b");
        assert_eq!(masked("a://me@h/x, \"c://u:p/w@h\""), "a://**@h/x, \"c://*****@h\"");
        for plain in ["git+https://h:80/x@v1", "https://h/x@1 'b@c'", "no url me@h"] {
            assert_eq!(masked(plain), plain);
        }
    }
}
