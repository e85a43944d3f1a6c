//! One command of an install plan, the same in both realms.

use std::collections::BTreeMap;

/// One command: a program on PATH or an absolute path, its arguments, and what it reads.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Call {
    /// A name looked up on PATH, or an absolute path.
    pub program: String,
    /// Arguments in order.
    pub args: Vec<String>,
    /// Variables added to the environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Working directory; none is the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Text on standard input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Needs root.
    pub privileged: bool,
    /// Run in its place, should it fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Box<Call>>,
}

impl Call {
    /// A command that needs root.
    pub fn root(program: &str) -> Self {
        Self {
            program: program.to_owned(),
            args: Vec::new(),
            env: BTreeMap::new(),
            cwd: None,
            stdin: None,
            privileged: true,
            otherwise: None,
        }
    }

    /// A command that anybody may run.
    pub fn user(program: &str) -> Self {
        Self { privileged: false, ..Self::root(program) }
    }

    /// The first of these that succeeds; none if there are none.
    pub fn first_of(calls: impl DoubleEndedIterator<Item = Self>) -> Option<Self> {
        calls.rev().reduce(|otherwise, call| Self { otherwise: Some(Box::new(otherwise)), ..call })
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With a variable set.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// In a directory.
    #[must_use]
    pub fn within(mut self, cwd: impl Into<String>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// With text on standard input.
    #[must_use]
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// The command as one line of POSIX shell.
    pub fn to_shell(&self) -> String {
        let mut words: Vec<String> =
            self.env.iter().map(|(name, value)| format!("{name}={}", shell_word(value))).collect();
        words.push(shell_word(&self.program));
        words.extend(self.args.iter().map(|arg| shell_word(arg)));
        let mut line = words.join(" ");
        if let Some(text) = &self.stdin {
            line = format!("printf '%s' {} | {line}", shell_word(text));
        }
        if let Some(cwd) = &self.cwd {
            line = format!("(cd {} && {line})", shell_word(cwd));
        }
        match &self.otherwise {
            Some(otherwise) => format!("{line} || {}", otherwise.to_shell()),
            None => line,
        }
    }
}

/// A word quoted for a POSIX shell, bare where quotes would change nothing.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_needs_it() {
        let call = Call::root("sed").args(["-e", "s#a b#c'd#", "", "x=1"]).env("LANG", "C").within("/a b");
        assert_eq!(call.to_shell(), r"(cd '/a b' && LANG=C sed -e 's#a b#c'\''d#' '' x=1)");
        let either = Call::first_of(["a", "b"].map(Call::user).into_iter()).unwrap();
        assert_eq!(either.within("/x").to_shell(), "(cd /x && a) || b");
        let tee = Call::root("tee").arg("/f").stdin("one\n100%\n");
        assert_eq!(tee.to_shell(), "printf '%s' 'one\n100%\n' | tee /f");
    }
}
