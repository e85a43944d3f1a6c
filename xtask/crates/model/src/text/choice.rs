//! One of several fixed names.

use super::suggest;

/// The text is none of the names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: use {choice}{hint}")]
pub struct UnknownName {
    text: String,
    what: &'static str,
    choice: String,
    hint: String,
}

/// The one of `all` that has this name.
pub(crate) fn find<T: Copy, const N: usize>(
    text: &str,
    what: &'static str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Result<T, UnknownName> {
    all.into_iter().find(|one| name(*one) == text).ok_or_else(|| {
        let known = all.map(name);
        let (last, others) = known.split_last().unwrap_or((&"", &[]));
        let choice = format!("{} or {last}", others.join(", "));
        UnknownName { text: text.to_owned(), what, choice, hint: suggest::hint(text, known) }
    })
}
