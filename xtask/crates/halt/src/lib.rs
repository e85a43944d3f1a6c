//! Everything that waits, for programs, locks or time, and how all of it ends when somebody wants to stop.
//!
//! [`begin`] hears Ctrl-C and SIGTERM. From then on [`Run`] starts no program, ends those that are running and returns;
//! [`lock`] and [`pause`] return as well. Whatever else takes long asks [`check`] now and then. What this crate does not
//! wait for, nobody does: `clippy.toml` disallows the standard library's own ways.
//!
//! A process that is killed cannot end what it started. So every program has a guard beside it, in its group: this very
//! program again, which ends the group once the pipe to its starter is closed, whatever closed it.

mod capture;
mod error;
mod group;
mod guard;
mod lines;
pub mod lock;
mod pipes;
mod run;
mod sleep;
mod stop;
mod stream;

pub use error::ChildError;
pub use run::Run;
pub use stop::{SLICE, Stopped, begin, check, pause, receive, stopped};
pub use stream::Stream;
