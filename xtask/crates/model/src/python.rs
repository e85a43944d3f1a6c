//! Python backends: what is started, and what is installed for each variant.

use crate::name::VariantName;
use crate::script::Argv;
use crate::text::path::{PathError, PlainPath};
use crate::text::steers;
use std::collections::BTreeMap;

/// Stands for the backend's directory in commands.
pub const BACKEND: &str = "${backend}";

/// A Python backend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Python {
    /// The module that is started.
    pub entry: ModulePath,
    /// Directories of the repository whose modules lie beside the backend's own, each under its last name.
    pub packages: Vec<PlainPath>,
    /// Commands after the requirements, in the directory that these are installed in; no network reaches them.
    pub post_install: Vec<Argv>,
    /// What is installed in variants that have nothing of their own.
    pub common: Requirements,
    /// What is installed in those that have.
    pub by_variant: BTreeMap<VariantName, Requirements>,
}

impl Python {
    /// What is installed in a variant.
    pub fn requirements(&self, variant: &VariantName) -> &Requirements {
        self.by_variant.get(variant).unwrap_or(&self.common)
    }

    /// What is installed anywhere.
    pub fn all(&self) -> impl Iterator<Item = &Requirements> {
        let common = (!self.common.files.is_empty() || self.by_variant.is_empty()).then_some(&self.common);
        common.into_iter().chain(self.by_variant.values())
    }
}

/// What is installed, and where it is looked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Requirements {
    /// The version of Python, where any will not do.
    pub version: Option<PythonVersion>,
    /// Requirement files, relative to the backend's directory; all of them are resolved together.
    pub files: Vec<PlainPath>,
    /// A file that overrides what packages require.
    pub overrides: Option<PlainPath>,
    /// A lock file with hashes; with it the requirements do not float.
    pub lock: Option<PlainPath>,
    /// Packages whose index does not say when their files were uploaded; `*` for all of them.
    pub undated: Vec<String>,
    /// The index that is asked instead of the machine's own.
    pub index: Option<IndexUrl>,
    /// Indexes that are asked before that one.
    pub extra_indexes: Vec<IndexUrl>,
    /// Which of them counts where several have a package.
    pub index_strategy: Option<IndexStrategy>,
    /// Whether versions before a release count.
    pub prerelease: Option<Prerelease>,
    /// Requirements beside those of the files, resolved together with them.
    pub with: Vec<Requirement>,
    /// Requirements that are installed after all others, and without what they ask for themselves.
    pub without_dependencies: Vec<Requirement>,
    /// Whether requirements may name git repositories, which say by no digest what is in them.
    pub git: bool,
    /// Whether packages without a wheel are built.
    pub build: bool,
    /// Variables of what builds them.
    pub build_env: BTreeMap<String, String>,
    /// Whether packages are built apart from what is installed: else with that, and files are installed one after the other.
    pub isolation: bool,
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            version: None,
            files: Vec::new(),
            overrides: None,
            lock: None,
            undated: Vec::new(),
            index: None,
            extra_indexes: Vec::new(),
            index_strategy: None,
            prerelease: None,
            with: Vec::new(),
            without_dependencies: Vec::new(),
            git: false,
            build: false,
            build_env: BTreeMap::new(),
            isolation: true,
        }
    }
}

impl Requirements {
    /// What a resolution of all of them at once cannot say, and a lock of them neither; none where it says everything.
    pub fn beyond_one_resolution(&self) -> Option<&'static str> {
        if !self.isolation {
            Some("packages are built with what files before theirs installed")
        } else if self.without_dependencies.is_empty() {
            None
        } else {
            Some("some are installed without what they ask for")
        }
    }

    /// The files that it names, with the key that names each.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, Option<usize>, &PlainPath)> {
        let files = self.files.iter().enumerate().map(|(index, file)| ("requirements", Some(index), file));
        let overrides = self.overrides.iter().map(|file| ("overrides", None, file));
        files.chain(overrides).chain(self.lock.iter().map(|file| ("lock", None, file)))
    }
}

named_enum! {
    /// Which index counts where several have a package, as uv knows it.
    IndexStrategy, "an index strategy" {
        /// The first that has it.
        FirstIndex = "first-index",
        /// All, in order, until a version fits.
        UnsafeFirstMatch = "unsafe-first-match",
        /// All of them, as if they were one.
        UnsafeBestMatch = "unsafe-best-match",
    }
}

named_enum! {
    /// Whether versions before a release count, as uv knows it.
    Prerelease, "a policy for pre-releases" {
        /// Never.
        Disallow = "disallow",
        /// Always.
        Allow = "allow",
        /// Where nothing else is there.
        IfNecessary = "if-necessary",
        /// Where a requirement names one.
        Explicit = "explicit",
        /// Either of these.
        IfNecessaryOrExplicit = "if-necessary-or-explicit",
    }
}

/// The text names no module that can be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// No path inside the directory.
    #[error(transparent)]
    Path(#[from] PathError),
    /// No module.
    #[error("`{0}` is no module that can be started")]
    Module(String),
}

impl EntryError {
    /// What to write instead.
    pub const HELP: &str = "name a file of the backend's directory or below it, as in `server.py`, whose name is a Python identifier";
}

checked_text!(
    /// A module's file, in the backend's directory or below it.
    ModulePath,
    "module-path",
    EntryError,
    |text| {
        let path: PlainPath = text.parse()?;
        let stem = path.as_str().strip_suffix(".py").and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let is_name = !stem.starts_with(|c: char| c.is_ascii_digit())
            && stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        // `__main__.py` is ours.
        if stem.is_empty() || !is_name || path.as_str() == "__main__.py" {
            return Err(EntryError::Module(text));
        }
        Ok(text)
    }
);

impl ModulePath {
    /// The directory that it lies in, empty for the backend's own, and what Python calls it.
    pub fn module(&self) -> (&str, &str) {
        let path = self.as_str();
        let path = path.strip_suffix(".py").unwrap_or(path);
        path.rsplit_once('/').unwrap_or(("", path))
    }
}

/// The text is no version of Python.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version of Python, as in `3.12`")]
pub struct VersionError(String);

checked_text!(
    /// A version of Python without its last part, such as `3.12`.
    PythonVersion,
    "python-version",
    VersionError,
    |text| match text.strip_prefix("3.").map(str::parse::<u8>) {
        Some(Ok(minor)) if text == format!("3.{minor}") => Ok(text),
        _ => Err(VersionError(text)),
    }
);

impl PythonVersion {
    /// Whether a whole version, as in `3.12.3`, is one of these.
    pub fn has(&self, whole: &str) -> bool {
        whole.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// The text is no requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no requirement")]
pub struct RequirementError(String);

impl RequirementError {
    /// What to write instead.
    pub const HELP: &str =
        "write a line of a requirements file, as in `six<2`, without options, a path or a password";
}

checked_text!(
    /// One line of a requirements file that names a package: it is in keys and in logs.
    Requirement,
    "requirement",
    RequirementError,
    |text| {
        let is_named = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let authority = text.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        let has_secret = authority.split_once('@').is_some_and(|(user, _)| user.contains(':'));
        let is_file = text.contains("file:");
        if !is_named || has_secret || is_file || text.chars().any(steers) {
            return Err(RequirementError(text));
        }
        Ok(text)
    }
);

impl Requirement {
    /// Whether it is a tree of a git repository.
    pub fn is_git(&self) -> bool {
        self.as_str().contains("git+")
    }
}

/// The text is no place of an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no index")]
pub struct IndexError(String);

impl IndexError {
    /// What to write instead.
    pub const HELP: &str = "write a URL that begins with https:// and holds no name and no password";
}

checked_text!(
    /// Where packages are looked for: a URL without a name or password, since it is in keys and in logs.
    IndexUrl,
    "index-url",
    IndexError,
    |text| {
        let own = || text.strip_prefix("http://127.0.0.1").filter(|rest| rest.starts_with([':', '/']));
        let rest = text.strip_prefix("https://").or_else(own);
        match rest {
            Some(rest) if !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c == '@') => Ok(text),
            _ => Err(IndexError(text)),
        }
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_modules() {
        for (text, module) in [("server.py", ("", "server")), ("src/app/main.py", ("src/app", "main"))] {
            assert_eq!(text.parse::<ModulePath>().unwrap().module(), module);
        }
        for text in ["server", "a-b.py", "9.py", ".py", "a/.py", "../x.py", "__main__.py", "a.pyc", "/a.py"] {
            assert!(text.parse::<ModulePath>().is_err(), "{text}");
        }
    }

    #[test]
    fn requirements_are_lines_without_secrets() {
        let git = "x @ git+https://git@example.org/x.git@main";
        assert!(git.parse::<Requirement>().unwrap().is_git());
        assert!(!"setuptools<70.0.0".parse::<Requirement>().unwrap().is_git());
        let wrong = [
            "",
            "-r x",
            "--index-url y",
            "./x",
            "x @ https://me:pw@example.org/x.whl",
            "a\nb",
            "x @ file:///y",
        ];
        for text in wrong {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
    }

    #[test]
    fn indexes_hold_no_secret() {
        for text in ["https://example.org/simple", "http://127.0.0.1:3141/simple"] {
            assert!(text.parse::<IndexUrl>().is_ok(), "{text}");
        }
        let wrong =
            ["https://", "https://me:secret@example.org/", "file:///x", "example.org", "--x", "https://a b"];
        for text in
            wrong.into_iter().chain(["http://example.org/simple", "http://127.0.0.1.example.org/simple"])
        {
            assert!(text.parse::<IndexUrl>().is_err(), "{text}");
        }
    }
}
