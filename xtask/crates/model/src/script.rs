//! Backends that their own Makefile or script builds.

use crate::text::path::PlainPath;
use crate::text::steers;
use crate::text::suggest;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A backend that its own Makefile or script builds, behind a fence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Script {
    /// The language of its directory: what is installed in the images that it is built in.
    pub language: Language,
    /// Steps of ours before the fence, in this order.
    pub prepare: Vec<Prepare>,
    /// Variables of its steps.
    pub env: BTreeMap<String, Filled>,
    /// Commands that build it, in the root of the staged tree; never empty.
    pub steps: Vec<Argv>,
    /// The directory of the staged tree that becomes the package.
    pub output: PlainPath,
    /// The file in `output` that starts the server.
    pub start: PlainPath,
    /// What its steps reach.
    pub network: Network,
    /// Commands that test it, after its steps.
    pub test: Vec<Argv>,
}

named_enum! {
    /// The directories of backends, each with its own tools.
    Language, "a language" {
        /// Compilers, CMake and gRPC.
        Cpp = "cpp",
        /// Go, with compilers and CMake.
        Go = "go",
        /// Python, with uv.
        Python = "python",
        /// Rust, with a linker.
        Rust = "rust",
    }
}

named_enum! {
    /// What of this project's own runs before a script's fence, with a network.
    Prepare, "a step before the fence" {
        /// The modules that `go.mod` and `go.sum` of the backend, else of the root, name.
        GoModules = "go-modules",
        /// The contract's messages and services for Go, in `pkg/grpc/proto`.
        GoStubs = "go-stubs",
        /// The contract's messages and services for Python, in the backend's directory.
        PythonStubs = "python-stubs",
    }
}

named_enum! {
    /// What the steps of a script reach.
    #[derive(Default)]
    Network, "a network" {
        /// Nothing: what they need is declared.
        #[default]
        None = "none",
        /// The machine's network. What they find there is in no key but by the week.
        Host = "host",
    }
}

named_enum! {
    /// What a variant or the machine decides of a script's environment.
    Placeholder, "a placeholder" {
        /// The build type as the reference's Makefiles know it; empty for processors.
        BuildType = "build-type",
        /// The same as its Python backends know it.
        PythonBuildType = "python-build-type",
        /// Of the CUDA toolkit; empty without one.
        CudaMajor = "cuda-major",
        /// Likewise.
        CudaMinor = "cuda-minor",
        /// The Ubuntu that it is built on, as in `2404`; empty on another system.
        Ubuntu = "ubuntu",
        /// GPU targets with commas between them; empty for the build's own.
        GpuTargets = "gpu-targets",
        /// The same as a list of CMake.
        GpuTargetList = "gpu-target-list",
        /// `amd64` or `arm64`.
        Arch = "arch",
        /// `linux` or `darwin`.
        Os = "os",
        /// How many jobs run at once; in no key.
        Jobs = "jobs",
    }
}

checked_text!(
    /// One word of a command: of any text, for no shell reads it.
    Word,
    "command-word",
    WordError,
    |text| if text.chars().any(|c| steers(c) && c != '\n' && c != '\t') { Err(WordError) } else { Ok(text) }
);

/// The text is no word of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a word of a command with a control character in it")]
pub struct WordError;

/// A command: its program and its arguments.
pub type Argv = Vec<Word>;

/// Text of a script's environment, with places that the variant and the machine fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled(Vec<Part>);

/// A part of such a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(String),
    /// Filled in.
    Placeholder(Placeholder),
}

/// What stands between `${` and `}` is no placeholder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`${{{0}}}` is no placeholder")]
pub struct NoPlaceholder(String);

impl NoPlaceholder {
    /// What to write instead.
    pub fn help(&self) -> String {
        let known = Placeholder::ALL.map(Placeholder::as_str);
        match suggest::nearest(&self.0, known) {
            Some(near) => format!("did you mean `${{{near}}}`?"),
            None => format!("known here: {}", known.map(|name| format!("${{{name}}}")).join(", ")),
        }
    }
}

impl Filled {
    /// The parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}

impl FromStr for Filled {
    type Err = NoPlaceholder;
    fn from_str(mut text: &str) -> Result<Self, NoPlaceholder> {
        let mut parts = Vec::new();
        while let Some((before, rest)) = text.split_once("${") {
            let (name, after) = rest.split_once('}').ok_or_else(|| NoPlaceholder(rest.to_owned()))?;
            let placeholder = name.parse().map_err(|_| NoPlaceholder(name.to_owned()))?;
            parts.extend((!before.is_empty()).then(|| Part::Text(before.to_owned())));
            parts.push(Part::Placeholder(placeholder));
            text = after;
        }
        parts.extend((!text.is_empty()).then(|| Part::Text(text.to_owned())));
        Ok(Self(parts))
    }
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Placeholder(placeholder) => write!(f, "${{{placeholder}}}"),
        })
    }
}

impl serde::Serialize for Filled {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_it_is_shown() {
        for text in ["", "plain $X {y}", "-j${jobs}", "${os}-${arch}", "a${cuda-major}.${cuda-minor}b"] {
            assert_eq!(text.parse::<Filled>().unwrap().to_string(), text);
        }
        let parts = "-j${jobs}".parse::<Filled>().unwrap();
        assert_eq!(parts.parts(), [Part::Text("-j".into()), Part::Placeholder(Placeholder::Jobs)]);
    }

    #[test]
    fn other_names_are_refused_with_the_nearest() {
        let error = "x${buildtype}".parse::<Filled>().unwrap_err();
        assert_eq!(error.to_string(), "`${buildtype}` is no placeholder");
        assert_eq!(error.help(), "did you mean `${build-type}`?");
        assert!("${HOME}".parse::<Filled>().unwrap_err().help().starts_with("known here: ${build-type}, "));
        assert!("${jobs".parse::<Filled>().is_err());
    }

    #[test]
    fn words_may_be_anything_that_is_seen() {
        assert!("-C".parse::<Word>().is_ok() && "a\nb".parse::<Word>().is_ok());
        assert!("\u{1b}[2J".parse::<Word>().is_err());
    }
}
