//! The templates of container builds: part of the manifests, for keys hold what they say.

use crate::backend::Recipe;
use crate::digest::Digest;
use crate::text::normal::{TEMPLATES, normal};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::sync::OnceLock;

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
    /// Backends that their own scripts build.
    Script,
}

impl Template {
    /// All of them, by their files' names.
    pub const ALL: [Self; 8] = [
        Self::Base,
        Self::CompilerCache,
        Self::Go,
        Self::Cmake,
        Self::Python,
        Self::Root,
        Self::Rust,
        Self::Script,
    ];

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
            Self::Script => "Dockerfile.script",
        }
    }

    /// Its file, from the root.
    pub fn path(self) -> Utf8PathBuf {
        Utf8Path::new(TEMPLATES).join(self.file_name())
    }
}

/// Whether a path is that of a template.
pub fn is_template(path: &Utf8Path) -> bool {
    let name = path.strip_prefix(TEMPLATES).ok();
    name.is_some_and(|name| Template::ALL.into_iter().any(|template| name == template.file_name()))
}

/// What the templates of one revision say. One that is not there is an error for the first build that needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates(BTreeMap<Template, Text>);

#[derive(Debug, Clone)]
struct Text {
    text: String,
    /// Of few templates in any one run, so that it waits until it is asked for.
    digest: OnceLock<String>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Text {}

impl Templates {
    /// Those among the files of a revision.
    pub fn of(files: &BTreeMap<Utf8PathBuf, String>) -> Self {
        let read = |template: Template| {
            let text = files.get(&template.path())?.clone();
            Some((template, Text { text, digest: OnceLock::new() }))
        };
        Self(Template::ALL.into_iter().filter_map(read).collect())
    }

    /// The text of one.
    pub fn text(&self, template: Template) -> Option<&str> {
        Some(&self.0.get(&template)?.text)
    }

    /// What stands in keys for the part of it that can reach an output.
    pub fn digest(&self, template: Template) -> Option<&str> {
        let Text { text, digest } = self.0.get(&template)?;
        Some(digest.get_or_init(|| {
            let meaning = normal(template.path().as_str(), text);
            Digest::of(meaning.as_ref().unwrap_or(text).as_bytes()).to_hex()
        }))
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
            Self::Script(_) => Template::Script,
        }
    }
}
