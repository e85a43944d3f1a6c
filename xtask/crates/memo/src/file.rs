//! The file of one answer: what was asked, what was said, and what was there of all that it stands on.

use crate::question::Question;
use crate::reader::Reader;
use crate::seen::{Look, Seen};
use crate::stat::{Stat, now};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;

const CONTEXT: &str = "inference-backends 2026-11 answers v1";
/// From here on two threads look faster than one.
const MANY: usize = 512;

/// Writes the file, whole or not at all.
pub(crate) fn write(seen: &Seen, answer: &[u8]) -> io::Result<()> {
    let Seen { question: Question { file, key, here, began: _ }, files, .. } = seen;
    let mut body = [key.as_bytes(), &now().to_le_bytes()[..]].concat();
    sized(&mut body, answer);
    for ((path, look), stat) in files {
        body.push(u8::from(*look == Look::Target) | u8::from(stat.is_some()) << 1);
        body.extend_from_slice(&stat.map_or([0; Stat::BYTES], Stat::to_bytes));
        // Shorter ways are sooner walked.
        let path = if path == here { Path::new(".") } else { path.strip_prefix(here).unwrap_or(path) };
        sized(&mut body, path.as_os_str().as_bytes());
    }
    let dir = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)?;
    let mut new = tempfile::Builder::new().prefix(".new-").tempfile_in(dir)?;
    new.write_all(blake3::derive_key(CONTEXT, &body).as_slice())?;
    new.write_all(&body)?;
    new.persist(file)?;
    Ok(())
}

fn sized(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    body.extend_from_slice(bytes);
}

/// The answer in a file, if it is one to the question, and everything is there as it was.
pub(crate) fn read(bytes: &[u8], question: &Question) -> Option<Vec<u8>> {
    let (checksum, body) = bytes.split_first_chunk::<32>()?;
    let mut reader = Reader(body);
    let is_asked = reader.take(32)? == question.key.as_bytes();
    // Times that repeat could make what has changed look as it was.
    let is_past = reader.i64()? <= question.began;
    if !is_asked || !is_past || blake3::derive_key(CONTEXT, body) != *checksum {
        return None;
    }
    let answer = reader.sized()?;
    let mut sights = Vec::with_capacity(body.len() / 100);
    while !reader.0.is_empty() {
        sights.push(sight(&mut reader)?);
    }
    all_hold(&sights).then(|| answer.to_vec())
}

/// What was there of one path.
struct Sight<'a> {
    path: &'a Path,
    look: Look,
    stat: Option<Stat>,
}

impl Sight<'_> {
    fn holds(&self) -> bool {
        self.look.at(self.path) == self.stat
    }
}

fn all_hold(sights: &[Sight<'_>]) -> bool {
    let all = |sights: &[Sight<'_>]| sights.iter().all(Sight::holds);
    if sights.len() < MANY {
        return all(sights);
    }
    let (here, there) = sights.split_at(sights.len() / 2);
    thread::scope(|scope| {
        let there = scope.spawn(|| all(there));
        all(here) && there.join().unwrap_or(false)
    })
}

fn sight<'a>(reader: &mut Reader<'a>) -> Option<Sight<'a>> {
    let [what] = reader.array()?;
    let stat = Stat::from_bytes(&reader.array()?);
    Some(Sight {
        look: if what & 1 == 0 { Look::Itself } else { Look::Target },
        stat: (what & 2 != 0).then_some(stat),
        path: Path::new(OsStr::from_bytes(reader.sized()?)),
    })
}
