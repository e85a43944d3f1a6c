//! New backends: a directory that builds and answers, from templates and from what the existing backends have.

mod files;
mod language;
mod lock;
mod names;
mod place;
mod text;

pub use language::Language;
pub use names::check as check_name;
pub use place::place;

use camino::Utf8PathBuf;
use model::name::BackendName;

/// What a new backend says of itself until it is told better.
const DESCRIPTION: &str = "Embeds a text by counting its bytes";

/// A backend that is to be.
#[derive(Debug)]
pub struct Scaffold {
    /// Its directory, relative to the repository's root.
    pub dir: Utf8PathBuf,
    /// Its conformance test, likewise.
    pub test: Utf8PathBuf,
    /// The files of both with their texts, likewise.
    pub files: Vec<(Utf8PathBuf, String)>,
}

impl Scaffold {
    /// The files of a backend of that name.
    pub fn new(language: Language, name: &BackendName, description: Option<&str>) -> Self {
        let filled = text::Text { name, description: description.unwrap_or(DESCRIPTION) };
        let (dir, test) = (language.dir().join(name.as_str()), check::conformance_test(name));
        let own = files::of(language).into_iter().map(|file| (dir.join(file.path), filled.of(file)));
        let files = own.chain([(test.clone(), filled.of(&files::CONFORMANCE))]).collect();
        Self { dir, test, files }
    }
}

/// The one template that needs nothing else, compiled and tested as it stands.
#[cfg(test)]
#[path = "templates/rust/src/embed.rs"]
mod embed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_the_templates() {
        for language in Language::ALL {
            let made = Scaffold::new(language, &"my-own.one".parse().unwrap(), Some("Says \"yes\": always"));
            for (path, text) in &made.files {
                for word in
                    ["scaffold", "local-store", "lexical", "Lexical", "in-memory", "What it does", "llama"]
                {
                    assert!(!text.contains(word), "{language}: {path} holds `{word}`");
                }
                assert!(text.ends_with('\n'), "{language}: {path}");
            }
        }
    }

    #[test]
    fn what_is_taken_over_is_named_anew_wherever_it_must_be() {
        for language in Language::ALL {
            for file in files::of(language) {
                for (old, _) in file.replaced {
                    assert!(file.text.contains(old), "{language}: {} no longer holds `{old}`", file.path);
                }
            }
        }
    }

    #[test]
    fn the_files_of_a_new_backend() {
        let all: Vec<String> = Language::ALL
            .into_iter()
            .flat_map(|language| {
                let made = Scaffold::new(language, &"echo".parse().unwrap(), None);
                made.files.into_iter().map(|(path, _)| path.into_string())
            })
            .collect();
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn the_manifest_of_a_new_backend() {
        let made = Scaffold::new(Language::Cpp, &"echo".parse().unwrap(), Some("Says: what it is told"));
        let (_, text) = made.files.iter().find(|(path, _)| path.ends_with("backend.yaml")).unwrap();
        insta::assert_snapshot!(text);
    }
}
