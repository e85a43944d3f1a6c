//! Texts of changed files, before and after.

use localai::filter::Revisions;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Both texts of some files.
#[derive(Debug, Default)]
pub(super) struct Texts(pub BTreeMap<String, (String, String)>);

impl Revisions for Texts {
    fn texts(&self, path: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let (previous, current) = self.0.get(path)?;
        Some((Cow::Borrowed(previous), Cow::Borrowed(current)))
    }
}
