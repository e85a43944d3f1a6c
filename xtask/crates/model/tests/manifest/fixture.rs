//! A small sound set of manifests to break.

use model::manifest::{self, Files};

/// The backend's manifest.
pub const BACKEND: &str = "backend/cpp/alpha/backend.yaml";
/// The pins.
pub const SOURCES: &str = manifest::SOURCES;
/// The variant table.
pub const VARIANTS: &str = manifest::VARIANTS;

/// Manifests in memory.
pub struct Fixture {
    /// Texts by path.
    pub files: Files,
}

impl Fixture {
    /// Without an error.
    pub fn new() -> Self {
        let mut files = Files::new();
        files.insert(BACKEND.into(), include_str!("backend.yaml").to_owned());
        files.insert(SOURCES.into(), include_str!("sources.yaml").to_owned());
        files.insert(VARIANTS.into(), include_str!("variants.yaml").to_owned());
        Self { files }
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> &str {
        &self.files[camino::Utf8Path::new(file)]
    }

    /// With the first `from` of a file replaced.
    pub fn replace(mut self, file: &str, from: &str, to: &str) -> Self {
        let text = self.files.get_mut(camino::Utf8Path::new(file)).unwrap();
        assert!(text.contains(from), "{file} holds no {from:?}");
        *text = text.replacen(from, to, 1);
        self
    }

    /// With one more file, or another text of one.
    pub fn add(mut self, file: &str, text: &str) -> Self {
        self.files.insert(file.into(), text.to_owned());
        self
    }

    /// What is said about it.
    pub fn errors(&self) -> String {
        manifest::load(&self.files).unwrap_err().to_string()
    }
}
