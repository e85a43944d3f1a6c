//! One GNU jobserver across everything that builds at once: a named pipe with a token for each job.
//!
//! ninja (1.13 and later), make (4.4 and later) and cargo take part. A named pipe, because ninja knows no other kind;
//! the `jobserver` crate makes anonymous ones only.

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::io::Write;

/// A jobserver that lives as long as this value.
#[derive(Debug)]
pub struct Jobserver {
    fifo: Utf8PathBuf,
    // Held open for reading and writing: with no opener left, the tokens in the pipe would be lost.
    _pipe: fs_err::File,
    jobs: usize,
}

impl Jobserver {
    /// Makes a jobserver with `jobs` tokens, its pipe in `dir`, which has none yet.
    ///
    /// # Errors
    /// When the pipe cannot be made.
    pub fn start(dir: &Utf8Path, jobs: usize) -> std::io::Result<Self> {
        let fifo = dir.join("jobs");
        mknodat(CWD, fifo.as_std_path(), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        let mut pipe = fs_err::OpenOptions::new().read(true).write(true).open(&fifo)?;
        // Every client owns one token without asking, so the pipe holds one fewer.
        pipe.write_all(&vec![b'+'; jobs.max(1) - 1])?;
        Ok(Self { fifo, _pipe: pipe, jobs })
    }

    /// The value of `MAKEFLAGS` that lets a child take part.
    pub fn makeflags(&self) -> String {
        format!(" -j{} --jobserver-auth=fifo:{}", self.jobs, self.fifo)
    }
}

impl Drop for Jobserver {
    fn drop(&mut self) {
        let _ = fs_err::remove_file(&self.fifo);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn holds_one_token_fewer_than_jobs_and_cleans_up() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let server = Jobserver::start(dir, 3).unwrap();
        let fifo = server.fifo.clone();
        assert_eq!(server.makeflags(), format!(" -j3 --jobserver-auth=fifo:{fifo}"));
        let mut tokens = [0; 2];
        fs_err::File::open(&fifo).unwrap().read_exact(&mut tokens).unwrap();
        assert_eq!(&tokens, b"++");
        drop(server);
        assert!(!fifo.exists());
    }
}
