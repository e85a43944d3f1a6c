//! Which entry each unit was built to last: small notes beside the entries.

use std::fs;
use std::path::PathBuf;

use crate::atomic;
use crate::error::{Context, Result};
use crate::store::Store;
use model::digest::Digest;
use model::key::Key;

/// The last two different keys of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// The key noted last.
    pub key: Key,
    /// The one before it.
    pub previous: Option<Key>,
}

impl Store {
    /// The keys that `unit` was last built under. The entries may be gone by now. A damaged note counts as none.
    pub fn last(&self, unit: &str) -> Result<Option<Last>> {
        let path = self.note(unit);
        match fs::read(&path).context("read", &path) {
            Ok(bytes) => Ok(parse(unit, &bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes that `unit` was built under `key`; writes nothing if that is known.
    pub fn set_last(&self, unit: &str, key: Key) -> Result<()> {
        let known = self.last(unit)?;
        if known.is_some_and(|last| last.key == key) {
            return Ok(());
        }
        atomic::write(&self.note(unit), &render(unit, Last { key, previous: known.map(|last| last.key) }))
    }

    fn note(&self, unit: &str) -> PathBuf {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let mut name: String =
            unit.bytes().map(|byte| if plain(&byte) { byte as char } else { '+' }).collect();
        name.truncate(100);
        // What the readable part cannot tell apart, the digest does.
        self.layout().root().join("last").join(format!("{name}-{:.16}", Digest::of(unit.as_bytes())))
    }
}

fn render(unit: &str, last: Last) -> Vec<u8> {
    let previous = last.previous.map_or("-".to_owned(), |key| key.to_string());
    let body = format!("{}\n{previous}\n", last.key);
    let seal = Digest::of([unit, "\n", &body].concat().as_bytes());
    format!("{body}{seal}\n").into_bytes()
}

fn parse(unit: &str, bytes: &[u8]) -> Option<Last> {
    let mut lines = std::str::from_utf8(bytes).ok()?.lines();
    let key = lines.next()?.parse().ok()?;
    let previous = match lines.next()? {
        "-" => None,
        text => Some(text.parse().ok()?),
    };
    let last = Last { key, previous };
    (render(unit, last) == bytes).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn key(text: &str) -> Key {
        Key::new(Digest::of(text.as_bytes()))
    }

    #[test]
    fn remembers_the_last_two_and_survives_damage() -> Result<(), Error> {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path())?;
        let unit = "llama-cpp/cpu linux/amd64";
        assert_eq!(store.last(unit)?, None);
        for name in ["a", "a", "b", "b"] {
            store.set_last(unit, key(name))?;
        }
        assert_eq!(store.last(unit)?, Some(Last { key: key("b"), previous: Some(key("a")) }));
        assert_eq!(store.last("llama-cpp/cpu+linux/amd64")?, None, "another name that reads alike");

        let path = store.note(unit);
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            assert_eq!(store.last(unit)?, None, "byte {at}");
        }
        store.set_last(unit, key("c"))?;
        assert_eq!(store.last(unit)?, Some(Last { key: key("c"), previous: None }));
        Ok(())
    }
}
