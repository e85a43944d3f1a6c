//! Include and exclude globs, cut into the parts that let a walk skip what cannot match.

use crate::error::{Error, Result};

/// Which files of a repository are inputs.
///
/// The syntax is that of `globset` with `literal_separator`: `*` and `?` stay inside one name, `**` spans
/// directories, `[a-z]`, `{a,b}`. Patterns are relative to the root; an exclude wins over an include.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobSpec {
    pub(crate) include: Vec<Pattern>,
    pub(crate) exclude: Vec<Pattern>,
    pub(crate) generated: Vec<Pattern>,
}

impl GlobSpec {
    /// Checks the patterns.
    pub fn new<I, E>(include: I, exclude: E) -> Result<Self>
    where
        I: IntoIterator<Item: Into<String>>,
        E: IntoIterator<Item: Into<String>>,
    {
        Ok(Self { include: patterns(include)?, exclude: patterns(exclude)?, generated: Vec::new() })
    }

    /// With globs of files that are included whether or not they belong to the tree that is scanned.
    pub fn generated(self, globs: impl IntoIterator<Item: Into<String>>) -> Result<Self> {
        Ok(Self { generated: patterns(globs)?, ..self })
    }

    /// All that includes files, and whether they must belong to the tree.
    pub(crate) fn includes(&self) -> impl Iterator<Item = (&Pattern, bool)> {
        let include = self.include.iter().map(|pattern| (pattern, true));
        include.chain(self.generated.iter().map(|pattern| (pattern, false)))
    }

    /// True for a file that an include takes and no exclude drops.
    pub fn matches(&self, path: &str) -> bool {
        self.includes().any(|(pattern, _)| pattern.matches(path)) && !self.excludes(path)
    }

    /// True for a directory, the root being empty, at or below which a file may be taken.
    pub fn reaches(&self, dir: &str) -> bool {
        !self.prunes(dir) && self.includes().any(|(pattern, _)| pattern.may_match_below(dir))
    }

    pub(crate) fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(path))
    }

    /// True where an exclude drops everything below a directory.
    pub(crate) fn prunes(&self, dir: &str) -> bool {
        self.exclude.iter().any(|pattern| pattern.covers(dir))
    }
}

fn patterns(globs: impl IntoIterator<Item: Into<String>>) -> Result<Vec<Pattern>> {
    globs.into_iter().map(|glob| Pattern::new(glob.into())).collect()
}

/// One glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    shape: Shape,
    segments: Vec<Segment>,
}

/// The common patterns that need no glob engine for each file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// A path.
    Literal,
    /// `dir/**`, by its directory.
    Below(String),
    /// `**/*.ext`, by its `.ext`.
    Suffix(String),
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Wild(String),
    /// `**`, or a group that spans directories: matches any number of names.
    Any,
}

const META: [char; 6] = ['*', '?', '[', ']', '{', '}'];

impl Pattern {
    pub(crate) fn new(text: String) -> Result<Self> {
        let refuse = |problem| Err(Error::Glob { glob: text.clone(), problem });
        if text.split('/').any(|name| matches!(name, "" | "." | "..")) {
            return refuse("it must be relative to the root, without `.`, `..` or empty names");
        }
        if text.contains('\\') {
            return refuse("it holds a backslash; put a special character into brackets, as in `[*]`");
        }
        if !balanced(&text) {
            return refuse("a bracket or brace is not closed");
        }
        let mut segments = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
            if segment.matches('{').count() != segment.matches('}').count() {
                segments.push(Segment::Any);
                break;
            }
            segments.push(match segment {
                "**" => Segment::Any,
                _ if segment.contains(META) => Segment::Wild(segment.to_owned()),
                _ => Segment::Literal(segment.to_owned()),
            });
            rest = after;
        }
        Ok(Self { shape: Shape::of(&text), text, segments })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The path itself, where the pattern has no special character.
    pub(crate) fn literal(&self) -> Option<&str> {
        (self.shape == Shape::Literal).then_some(self.text.as_str())
    }

    /// The directory to walk: all literal names before the first special one.
    pub(crate) fn base(&self) -> &str {
        let mut end = 0;
        for segment in &self.segments {
            let Segment::Literal(name) = segment else { break };
            end += name.len() + 1;
        }
        self.text[..end.min(self.text.len())].trim_end_matches('/')
    }

    /// True for a file that the pattern names.
    pub(crate) fn matches(&self, path: &str) -> bool {
        match &self.shape {
            Shape::Literal => self.text == path,
            Shape::Below(dir) => is_below(path, dir),
            Shape::Suffix(suffix) => path.ends_with(suffix),
            Shape::Other => fast_glob::glob_match(&self.text, path),
        }
    }

    /// True where something below a directory might match.
    pub(crate) fn may_match_below(&self, dir: &str) -> bool {
        let mut names = dir.split('/').filter(|name| !name.is_empty());
        for segment in &self.segments {
            let Some(name) = names.next() else { return true };
            match segment {
                Segment::Any => return true,
                Segment::Literal(text) if text == name => {}
                Segment::Wild(glob) if fast_glob::glob_match(glob, name) => {}
                _ => return false,
            }
        }
        false
    }

    /// True where everything below a directory matches.
    fn covers(&self, dir: &str) -> bool {
        match (&self.shape, self.text.strip_suffix("/**")) {
            (Shape::Below(stem), _) => dir == stem || is_below(dir, stem),
            (_, Some("**")) => true,
            (_, Some(stem)) => fast_glob::glob_match(stem, dir),
            (_, None) => self.text == "**",
        }
    }
}

impl Shape {
    fn of(text: &str) -> Self {
        let plain = |text: &str| !text.contains(META);
        if plain(text) {
            return Self::Literal;
        }
        match (text.strip_suffix("/**"), text.strip_prefix("**/*")) {
            (Some(dir), _) if plain(dir) => Self::Below(dir.to_owned()),
            (_, Some(suffix)) if plain(suffix) && !suffix.contains('/') => Self::Suffix(suffix.to_owned()),
            _ => Self::Other,
        }
    }
}

fn is_below(path: &str, dir: &str) -> bool {
    path.len() > dir.len() + 1 && path.as_bytes()[dir.len()] == b'/' && path.starts_with(dir)
}

fn balanced(text: &str) -> bool {
    let (mut braces, mut bracket) = (0_u32, false);
    for symbol in text.chars() {
        match symbol {
            '[' if !bracket => bracket = true,
            ']' if bracket => bracket = false,
            '{' if !bracket => braces += 1,
            '}' if !bracket && braces == 0 => return false,
            '}' if !bracket => braces -= 1,
            _ => {}
        }
    }
    braces == 0 && !bracket
}
