//! The templates of container builds: part of the manifests, for keys hold what they say.

use crate::backend::Recipe;
use crate::text::normal::{TEMPLATES, normal};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// One file of `docker/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Template {
    /// Builder bases.
    Base,
    /// What carries a compiler cache.
    CompilerCache,
    /// Go backends.
    Go,
    /// C++ backends.
    Cmake,
    /// Python backends.
    Python,
    /// Root images.
    Root,
    /// Rust backends.
    Rust,
}

impl Template {
    /// All of them, by their files' names.
    pub const ALL: [Self; 7] =
        [Self::Base, Self::CompilerCache, Self::Go, Self::Cmake, Self::Python, Self::Root, Self::Rust];

    /// The name of its file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Base => "Dockerfile.base-grpc-builder",
            Self::CompilerCache => "Dockerfile.compiler-cache",
            Self::Go => "Dockerfile.golang",
            Self::Cmake => "Dockerfile.llama-cpp",
            Self::Python => "Dockerfile.python",
            Self::Root => "Dockerfile.root",
            Self::Rust => "Dockerfile.rust",
        }
    }

    /// Its file, from the root.
    pub fn path(self) -> Utf8PathBuf {
        Utf8Path::new(TEMPLATES).join(self.file_name())
    }
}

/// What the templates of one revision say. One that is not there is an error for the first build that needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates(BTreeMap<Template, Text>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    text: String,
    digest: String,
}

impl Templates {
    /// Those among the files of a revision.
    pub fn of(files: &BTreeMap<Utf8PathBuf, String>) -> Self {
        let read = |template: Template| {
            let path = template.path();
            let text = files.get(&path)?.clone();
            let meaning = normal(path.as_str(), &text)?;
            let digest = blake3::hash(meaning.as_bytes()).to_hex().to_string();
            Some((template, Text { text, digest }))
        };
        Self(Template::ALL.into_iter().filter_map(read).collect())
    }

    /// The text of one.
    pub fn text(&self, template: Template) -> Option<&str> {
        Some(&self.0.get(&template)?.text)
    }

    /// What stands in keys for the part of it that can reach an output.
    pub fn digest(&self, template: Template) -> Option<&str> {
        Some(&self.0.get(&template)?.digest)
    }
}
impl Recipe {
    /// The template of its container builds.
    pub fn template(&self) -> Template {
        match self {
            Self::Cmake(_) => Template::Cmake,
            Self::Go(_) => Template::Go,
            Self::Python(_) => Template::Python,
            Self::Rust(_) => Template::Rust,
        }
    }
}
