//! Printing that does not panic when its reader has gone, as in `cargo xtask list | head -1`.
//!
//! The macros stand in for those of the standard library.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Everything that was printed, in its order, where that is asked for: by stream, and `true` for stderr.
static PRINTED: Mutex<Option<Vec<(bool, String)>>> = Mutex::new(None);

static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// Prints to stdout, as the standard library's macro of this name does.
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => { $crate::out(format_args!($($arg)*)) };
}

macro_rules! println {
    ($($arg:tt)*) => { $crate::print::out(format_args!("{}\n", format_args!($($arg)*))) };
}

macro_rules! eprintln {
    ($($arg:tt)*) => { $crate::print::err(format_args!("{}\n", format_args!($($arg)*))) };
}

/// Notes what is printed from now on.
pub fn note_printed() {
    *PRINTED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
}

/// What was printed since then.
pub fn printed() -> Vec<(bool, String)> {
    PRINTED.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
}

fn note(is_error: bool, text: Arguments<'_>) {
    if let Some(printed) = &mut *PRINTED.lock().unwrap_or_else(PoisonError::into_inner) {
        printed.push((is_error, text.to_string()));
    }
}

/// Writes to stdout. A reader that has gone has what it wanted; another failure is kept for the end.
pub fn out(text: Arguments<'_>) {
    note(false, text);
    let mut stdout = io::stdout().lock();
    match stdout.write_fmt(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            // Only the first failure is of interest.
            let _ = FAILURE.set(error);
        }
        _ => {}
    }
}

/// Writes to stderr; there is nobody to tell if that fails.
pub fn err(text: Arguments<'_>) {
    note(true, text);
    let _ = io::stderr().lock().write_fmt(text);
}

/// Why output was lost, if any was.
pub fn failure() -> Option<&'static io::Error> {
    FAILURE.get()
}
