//! What a step runs: words, of which some are variables. GitHub's own expressions have no way in.

use std::borrow::Cow;

/// One command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    words: Vec<&'static str>,
    input: Option<&'static str>,
}

impl Command {
    /// A program with its arguments. A word with a `$` is or ends with a variable, and is quoted.
    pub fn new(words: &[&'static str]) -> Self {
        Self { words: words.to_vec(), input: None }
    }

    /// xtask, as the steps before put it on PATH.
    pub fn xtask(words: &[&'static str]) -> Self {
        Self { words: ["xtask"].iter().chain(words).copied().collect(), input: None }
    }

    /// With a variable as its standard input.
    #[must_use]
    pub fn reads(mut self, variable: &'static str) -> Self {
        self.input = Some(variable);
        self
    }

    /// The words as they were given.
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }

    /// Names of the variables.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().chain(&self.input).filter_map(|word| word.split_once('$')?.1.split('/').next())
    }

    /// As bash reads it, and any POSIX shell where it has no input.
    pub fn line(&self) -> String {
        let words = self.words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        words + &self.input.map(|input| format!(" <<<{}", quoted(input))).unwrap_or_default()
    }
}

fn quoted(word: &str) -> String {
    if word.contains('$') {
        return format!("\"{word}\"");
    }
    // Nothing but a NUL is ever refused, and the catalogue's words are constants.
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_quoted_and_known_by_name() {
        let command =
            Command::xtask(&["merge", "--tag-suffix", "$TAG_SUFFIX", "$RUNNER_TEMP/digests", "a b", "A=$A"]);
        assert_eq!(
            command.line(),
            "xtask merge --tag-suffix \"$TAG_SUFFIX\" \"$RUNNER_TEMP/digests\" 'a b' \"A=$A\""
        );
        assert_eq!(command.variables().collect::<Vec<_>>(), ["TAG_SUFFIX", "RUNNER_TEMP", "A"]);
        let command = Command::new(&["wc"]).reads("$SUMS");
        assert_eq!((command.line().as_str(), command.variables().next()), ("wc <<<\"$SUMS\"", Some("SUMS")));
    }
}
