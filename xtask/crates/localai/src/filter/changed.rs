//! A list of changed files, as somebody wrote it into a file or GitHub's API answered it.

use serde_json::Value;

/// By which of its names a renamed file counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(from = "bool")]
pub enum Renames {
    /// By the new one.
    #[default]
    New,
    /// By both: what is gone from a place is a change there.
    Both,
}

impl From<bool> for Renames {
    fn from(old_names: bool) -> Self {
        if old_names { Self::Both } else { Self::New }
    }
}

/// Changed files, each with the name that it had before if that was another one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    files: Vec<(String, Option<String>)>,
}

/// A list that cannot be taken for one.
#[derive(Debug, thiserror::Error)]
pub enum Misread {
    /// It begins like JSON.
    #[error("the list of changed files is not JSON: {0}")]
    Json(serde_json::Error),
    /// JSON of something else.
    #[error("element {index} of the list of changed files has no file name")]
    Nameless {
        /// One-based.
        index: usize,
    },
    /// An answer without a list.
    #[error("the answer holds no list of files")]
    NoList,
}

impl Changed {
    /// Reads a list: one path a line, or a JSON array of paths or of objects with `filename`.
    pub fn read(text: &str) -> Result<Self, Misread> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let inside = text.trim_start().strip_prefix('[').map(str::trim_start);
        // Paths may begin with a bracket too, but hardly one of these goes on like this.
        if inside.is_some_and(|inside| inside.starts_with(['"', '{', ']'])) {
            return Self::of(&serde_json::from_str(text).map_err(Misread::Json)?);
        }
        let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        Ok(Self {
            files: lines.filter(|line| !line.is_empty()).map(|line| (line.to_owned(), None)).collect(),
        })
    }

    /// Reads a list of the API.
    pub fn of(list: &Value) -> Result<Self, Misread> {
        let Value::Array(values) = list else { return Err(Misread::NoList) };
        let file = |(index, value): (usize, &Value)| {
            let text = |field| value.get(field).and_then(Value::as_str).map(str::to_owned);
            match value {
                Value::String(name) => Ok((name.clone(), None)),
                _ => text("filename")
                    .map(|name| (name, text("previous_filename")))
                    .ok_or(Misread::Nameless { index: index + 1 }),
            }
        };
        Ok(Self { files: values.iter().enumerate().map(file).collect::<Result<_, _>>()? })
    }

    /// Adds the files of another list.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
    }

    /// How many files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The paths that count.
    pub fn paths(&self, renames: Renames) -> Vec<&str> {
        let both = renames == Renames::Both;
        self.files
            .iter()
            .flat_map(|(name, before)| [Some(name.as_str()), before.as_deref().filter(|_| both)])
            .flatten()
            .collect()
    }
}
