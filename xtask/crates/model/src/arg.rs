//! Text with named places in it: `${build:fallback}/bin`. A plan never holds an absolute path of this machine.

use crate::name::{Label, PinName};
use std::fmt;

/// A directory that only the realm knows: native and container put it at different absolute paths.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A build directory of this unit. The unit's declared inputs are staged into its `src/`.
    Build(Label),
    /// The unpacked and patched tree of a pin.
    Source(PinName),
    /// Where the unit collects what goes into the package.
    Out,
    /// A compiler or download cache that survives builds, such as `uv` or `go-build`. Never part of a key.
    Cache(Label),
    /// The install prefix of a dependency unit, such as `grpc`.
    Dep(Label),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(label) => write!(f, "${{build:{label}}}"),
            Self::Source(pin) => write!(f, "${{source:{pin}}}"),
            Self::Out => write!(f, "${{out}}"),
            Self::Cache(label) => write!(f, "${{cache:{label}}}"),
            Self::Dep(label) => write!(f, "${{dep:{label}}}"),
        }
    }
}

/// A piece of an [`Arg`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// Literal text.
    Text(String),
    /// Replaced by the realm's directory.
    Place(Place),
    /// Replaced by the number of parallel jobs; never part of a key beyond its name.
    Jobs,
    /// Text that a field of the key document decides, and that stands in its steps by a name alone.
    Decided {
        /// The field.
        by: &'static str,
        /// The text.
        text: String,
    },
}

/// One argument, path or environment value: text and places in sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Arg(Vec<Piece>);

impl Arg {
    /// Literal text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(text.into())])
    }

    /// A place alone.
    pub fn place(place: Place) -> Self {
        Self(vec![Piece::Place(place)])
    }

    /// The number of parallel jobs.
    pub fn jobs() -> Self {
        Self(vec![Piece::Jobs])
    }

    /// Text that the field `by` of the key document decides.
    pub fn decided(by: &'static str, text: impl Into<String>) -> Self {
        Self(vec![Piece::Decided { by, text: text.into() }])
    }

    /// This argument followed by `more`.
    #[must_use]
    pub fn then(mut self, more: impl Into<Self>) -> Self {
        self.0.extend(more.into().0);
        self
    }

    /// The pieces in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The text, if nothing in it depends on where and how it is used.
    pub fn literal(&self) -> Option<String> {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Decided { text, .. } => Some(text.clone()),
            Piece::Place(_) | Piece::Jobs => None,
        };
        self.0.iter().map(text).collect()
    }

    /// The text with every place resolved by `resolve` and the job count filled in.
    pub fn resolve<E>(
        &self,
        jobs: usize,
        mut resolve: impl FnMut(&Place) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(part) | Piece::Decided { text: part, .. } => text.push_str(part),
                Piece::Place(place) => text.push_str(&resolve(place)?),
                Piece::Jobs => text.push_str(&jobs.to_string()),
            }
        }
        Ok(text)
    }
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                // Doubling keeps literal text from posing as a place in a key document.
                Piece::Text(text) if text.contains("${") => f.write_str(&text.replace("${", "$${"))?,
                Piece::Text(text) => f.write_str(text)?,
                Piece::Place(place) => place.fmt(f)?,
                Piece::Jobs => f.write_str("${jobs}")?,
                Piece::Decided { by, .. } => write!(f, "${{{by}}}")?,
            }
        }
        Ok(())
    }
}

impl serde::Serialize for Arg {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            // Nearly all are this.
            [Piece::Text(text)] if !text.contains("${") => serializer.serialize_str(text),
            _ => serializer.serialize_str(&self.to_string()),
        }
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Place> for Arg {
    fn from(place: Place) -> Self {
        Self::place(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_places_and_resolves_them() {
        let arg = Arg::text("-S").then(Place::Build("fallback".parse().unwrap())).then("/src");
        assert_eq!(arg.to_string(), "-S${build:fallback}/src");
        let resolved = arg.resolve(4, |_| Ok::<_, ()>("/b".to_owned()));
        assert_eq!(resolved.unwrap(), "-S/b/src");
        assert_eq!(Arg::jobs().resolve(4, |_| Err(())).unwrap(), "4");
    }

    #[test]
    fn what_a_field_decides_is_told_by_the_field() {
        let arg = Arg::text("--until=").then(Arg::decided("refresh", "2026-11-23"));
        assert_eq!(arg.to_string(), "--until=${refresh}");
        assert_eq!(arg.literal().as_deref(), Some("--until=2026-11-23"));
        assert_eq!(arg.resolve(1, |_| Err(())).unwrap(), "--until=2026-11-23");
        assert_eq!((Arg::jobs().literal(), Arg::place(Place::Out).literal()), (None, None));
    }

    #[test]
    fn literal_text_cannot_pose_as_a_place() {
        assert_ne!(Arg::text("${out}").to_string(), Arg::place(Place::Out).to_string());
    }
}
