//! Steps as lines of a POSIX shell: the one rendering, whichever script they stand in.

mod directories;
mod line;
mod word;

pub use directories::Directories;
pub use line::{JOBS, heading, line, lines, make_directories};
pub use word::{quote, word};
