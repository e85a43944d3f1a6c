//! A small repository in which nothing is wrong.

use crate::checkout::{Checkout, Ran, repository};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The repository.
pub struct Sound(Checkout);

/// What is done to a file.
pub enum Edit {
    /// The first of these becomes that.
    Replace(&'static str, String, String),
    /// It holds this.
    Write(&'static str, String),
    /// It is gone.
    Remove(&'static str),
}

/// What files held before.
pub type Before = Vec<(&'static str, Option<String>)>;

impl Sound {
    pub fn new() -> Self {
        let sound = Self(Checkout::new());
        let docker = repository().join("docker");
        for entry in fs::read_dir(&docker).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            sound.write(&format!("docker/{name}"), &fs::read_to_string(&path).unwrap());
        }
        for backend in ["llama_cpp", "local_store", "minilm"] {
            sound.write(&format!("tests/conformance/test_{backend}.py"), "\"\"\"Asks.\"\"\"\n");
        }
        sound.write("README.md", "# Small\n\n```sh\ncargo xtask list   # all\n```\n");
        sound.write("xtask/crates/plan/src/lib.rs", "//! Plans.\n\npub mod key;\n");
        sound.write("xtask/crates/plan/src/key.rs", "//! Keys.\n");
        assert_eq!(sound.run(&["generate"]).code, 0);
        assert_eq!(sound.run(&["workflows"]).code, 0);
        sound
    }

    pub fn root(&self) -> &Path {
        &self.0.root
    }

    pub fn read(&self, file: &str) -> String {
        self.0.read(file)
    }

    pub fn write(&self, file: &str, text: &str) {
        self.0.write(file, text);
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.0.run(args)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        self.0.command(args)
    }

    /// Another program, at the root.
    pub fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root()).env("HOME", &self.0.home);
        command
    }

    /// Where a word first stands in a file, as in `file:3:14`.
    pub fn place(&self, file: &str, word: &str) -> String {
        place(file, &self.read(file), word)
    }

    /// Does what is to be done.
    pub fn apply(&self, edits: &[Edit]) -> Before {
        edits.iter().map(|edit| self.edit(edit)).collect()
    }

    fn edit(&self, edit: &Edit) -> (&'static str, Option<String>) {
        let file = match edit {
            Edit::Replace(file, ..) | Edit::Write(file, _) | Edit::Remove(file) => *file,
        };
        let before = fs::read_to_string(self.root().join(file)).ok();
        match edit {
            Edit::Replace(_, from, to) => self.0.replace(file, from, to),
            Edit::Write(_, text) => self.write(file, text),
            Edit::Remove(_) => fs::remove_file(self.root().join(file)).unwrap(),
        }
        (file, before)
    }

    /// Undoes it.
    pub fn restore(&self, before: Before) {
        for (file, text) in before.into_iter().rev() {
            match text {
                Some(text) => self.write(file, &text),
                None => fs::remove_file(self.root().join(file)).unwrap(),
            }
        }
    }
}

/// Where a word first stands in a text, as in `file:3:14`.
pub fn place(file: &str, text: &str, word: &str) -> String {
    let at = text.find(word).unwrap_or_else(|| panic!("{file} holds no {word:?}"));
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].rsplit('\n').next().unwrap().chars().count() + 1;
    format!("{file}:{line}:{column}")
}
