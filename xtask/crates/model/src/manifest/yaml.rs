//! Text to the types of a document. The only file that knows the YAML library.

/// What the YAML library says of a text that does not fit.
#[derive(Debug)]
pub struct Misfit {
    /// Its words, without a position.
    pub message: String,
    /// One-based line and column, where it knows them.
    pub at: Option<(usize, usize)>,
}

/// Reads a document.
pub fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Misfit> {
    serde_yaml::from_str(text).map_err(|error| {
        let at = error.location().map(|location| (location.line(), location.column()));
        let message = error.to_string();
        let message = match at {
            Some((line, column)) => message.replace(&format!(" at line {line} column {column}"), ""),
            None => message,
        };
        Misfit { message, at }
    })
}
