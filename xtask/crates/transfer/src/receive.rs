//! Takes in an answer, within its limits.

use crate::allowance;
use crate::budget::Budget;
use crate::error::TransferError;
use crate::patience::{Limit, Patience};
use crate::request::{Answer, Request};
use crate::response::Headers;
use crate::room::check_room;
use camino::Utf8Path;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Instant;

/// Bytes of a refusal that are read: enough for every explanation.
const REFUSAL: u64 = 64 << 10;
const CHUNK: usize = 128 << 10;
/// Bytes after which a disk is looked at again.
const LOOK: u64 = 16 << 20;

/// Takes in one answer.
pub(crate) struct Receiver<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) patience: &'a Patience,
    /// What all answers that are held in memory may come to.
    pub(crate) memory: &'a Budget,
    /// Called some times a second.
    pub(crate) tick: &'a mut dyn FnMut(),
}

impl Receiver<'_> {
    /// Reads the body of an answer of which the file has `from` bytes already.
    pub(crate) fn receive(
        mut self,
        (status, headers): (u16, &Headers),
        from: u64,
        body: impl Read,
    ) -> Result<Vec<u8>, TransferError> {
        let good = (200..300).contains(&status);
        let limit = if good { self.request.max_bytes } else { REFUSAL };
        let announced = headers.get("content-length").and_then(|length| length.parse::<u64>().ok());
        let announced = announced.unwrap_or(0);
        allowance::begin(limit);
        let mut memory = Vec::new();
        let whole = if good && announced > limit.saturating_sub(from) {
            false
        } else if let (Answer::File(path), true) = (self.request.answer, good) {
            let dir = path.parent().filter(|dir| !dir.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
            check_room(dir, announced)?;
            let (mut file, mut unlooked) = (open(path, from)?, 0);
            let write = |bytes: &[u8]| {
                unlooked += bytes.len() as u64;
                if unlooked >= LOOK {
                    unlooked = 0;
                    check_room(dir, 0)?;
                }
                file.write_all(bytes).map_err(|e| TransferError::file("writing", path, e))
            };
            self.copy(body, limit - from, write)?
        } else {
            let held = self.memory;
            let keep = |bytes: &[u8]| {
                held.take(bytes.len() as u64)?;
                memory.extend_from_slice(bytes);
                Ok(())
            };
            self.copy(body, limit, keep)?
        };
        // The beginning of a refusal is as good as all of it.
        if whole || !good {
            Ok(memory)
        } else {
            Err(TransferError::TooLarge { what: "answer", bytes: limit })
        }
    }

    /// False: there is more than `limit`.
    fn copy(
        &mut self,
        mut body: impl Read,
        limit: u64,
        mut write: impl FnMut(&[u8]) -> Result<(), TransferError>,
    ) -> Result<bool, TransferError> {
        let patience = self.patience;
        let (mut chunk, mut left, mut ticked) = (vec![0; CHUNK], limit, Instant::now());
        let (mut since, mut came) = (Instant::now(), 0);
        loop {
            halt::check()?;
            let read = body.read(&mut chunk).map_err(|error| TransferError::from_io(error, patience))?;
            if read == 0 {
                return Ok(true);
            }
            let Some(rest) = left.checked_sub(read as u64) else { return Ok(false) };
            write(&chunk[..read])?;
            (left, came) = (rest, came + read as u64);
            if ticked.elapsed() >= halt::SLICE {
                ticked = Instant::now();
                (self.tick)();
            }
            // A byte now and then is no life: as many bytes as seconds are.
            if since.elapsed() >= patience.idle {
                if came < since.elapsed().as_secs() {
                    return Err(TransferError::late(Limit::Idle, patience));
                }
                (since, came) = (Instant::now(), 0);
            }
        }
    }
}

/// Does an answer go on behind `from` bytes?
pub(crate) fn continues(status: u16, headers: &Headers, from: u64) -> bool {
    let range = headers.get("content-range").unwrap_or_default();
    status == 206 && range.starts_with(&format!("bytes {from}-"))
}

fn open(path: &Utf8Path, from: u64) -> Result<File, TransferError> {
    let opened = File::options().create(true).truncate(false).write(true).open(path).and_then(|mut file| {
        file.set_len(from)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(file)
    });
    opened.map_err(|error| TransferError::file("opening", path, error))
}
