//! What a unit is built with of the contract of all backends: its baseline, and what the unit's own sources name beyond it.

use anyhow::Result;
use camino::Utf8Path;
use model::digest::Digest;
use plan::key::InputDigests;
use plan::proto::{self, BASELINE, CONTRACT};
use std::io::ErrorKind;
use std::sync::Arc;

/// The contract of a checkout.
pub struct Contract(Option<Known>);

struct Known {
    /// Of the contract's bytes, as they were read here.
    digest: String,
    contract: proto::Contract,
}

impl Contract {
    /// Reads it. Where there is no baseline, or none that it adds to, it counts as it is.
    pub fn read(root: &Utf8Path) -> Result<Self> {
        let (Some(baseline), Some(text)) = (read(root, BASELINE)?, read(root, CONTRACT)?) else {
            return Ok(Self(None));
        };
        let digest = Digest::of(text.as_bytes()).to_string();
        Ok(Self(proto::Contract::of(&baseline, &text).map(|contract| Known { digest, contract })))
    }

    /// What lies in the contract's place when a unit with these inputs is staged, and its digest among theirs; none where
    /// the contract lies there as it is.
    pub fn settle(&self, root: &Utf8Path, digests: &mut InputDigests) -> Result<Option<Arc<str>>> {
        let Some(Known { digest, contract }) = &self.0 else { return Ok(None) };
        // If it has been edited in between, it is not what was read, and counts as it is.
        let Some(mode) = digests.get(CONTRACT).and_then(|content| content.strip_prefix(digest)) else {
            return Ok(None);
        };
        let mode = mode.to_owned();
        let mut sources = Vec::new();
        for (path, content) in digests.iter().filter(|_| contract.adds()) {
            if path != CONTRACT && !content.starts_with("link ") {
                sources.push(String::from_utf8_lossy(&fs_err::read(root.join(path))?).into_owned());
            }
        }
        let text = contract.for_sources(sources.iter().map(String::as_str));
        let held = Digest::of(text.as_bytes()).to_string();
        if held == *digest {
            return Ok(None);
        }
        digests.insert(CONTRACT.to_owned(), held + &mode);
        Ok(Some(text.into()))
    }
}

fn read(root: &Utf8Path, path: &str) -> Result<Option<String>> {
    memo::saw(root.join(path));
    match fs_err::read(root.join(path)) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
