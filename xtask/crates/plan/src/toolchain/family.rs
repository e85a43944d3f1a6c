//! What is built with the same tools.

use model::backend::Recipe;
use model::grpc::Grpc;
use model::script::Language;

/// A family of backends that are built with the same tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// C++ by CMake, such as the llama family.
    Cpp(Grpc),
    /// Python by uv.
    Python,
    /// Go.
    Golang,
    /// Rust.
    Rust,
    /// Nothing is built: what runs packaged backends of every family.
    Runtime,
}

impl Family {
    /// The family whose tools a recipe needs, with `grpc` where it is one that links gRPC.
    pub fn of_recipe(recipe: &Recipe, grpc: Grpc) -> Self {
        match recipe.language() {
            Language::Cpp => Self::Cpp(grpc),
            Language::Go => Self::Golang,
            Language::Python => Self::Python,
            Language::Rust => Self::Rust,
        }
    }

    /// The language of its backends; none where nothing is built.
    pub fn language(self) -> Option<Language> {
        match self {
            Self::Cpp(_) => Some(Language::Cpp),
            Self::Python => Some(Language::Python),
            Self::Golang => Some(Language::Go),
            Self::Rust => Some(Language::Rust),
            Self::Runtime => None,
        }
    }

    /// Whether its units may start from a prebuilt base: those are made for compiled C++, the other families start from
    /// the bare image.
    pub fn has_bases(self) -> bool {
        matches!(self, Self::Cpp(_))
    }
}
