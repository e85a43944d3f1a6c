//! A fake package: a directory whose `run` leads back into this program, to act one part.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use client::Launch;
use tokio::signal::unix::{SignalKind, signal};

use crate::fake::{Fake, Quirk};

/// How the started program behaves.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Serves until SIGTERM, then ends with status 0. The backend inside may still have its quirk.
    Serve(Quirk),
    /// The same below a launcher that stays.
    Forking,
    /// Serves, and goes on after SIGTERM.
    Stubborn,
    /// Ends at once, with a reason.
    Dies,
    /// Prints much, but never an address.
    Chatter,
    /// Prints an address that is none.
    Garbles,
    /// Tells an address, then ends.
    Faints,
}

const PARTS: [(&str, Part); 19] = [
    ("serve", Part::Serve(Quirk::None)),
    ("sick", Part::Serve(Quirk::Sick)),
    ("mute", Part::Serve(Quirk::Mute)),
    ("foreign", Part::Serve(Quirk::Foreign)),
    ("endless", Part::Serve(Quirk::Endless)),
    ("crash", Part::Serve(Quirk::Crash)),
    ("unsure", Part::Serve(Quirk::Unsure)),
    ("plain", Part::Serve(Quirk::Plain)),
    ("two-minds", Part::Serve(Quirk::TwoMinds)),
    ("one-vector", Part::Serve(Quirk::OneVector)),
    ("hoarder", Part::Serve(Quirk::Hoarder)),
    ("packaged", Part::Serve(Quirk::Packaged)),
    ("modelless", Part::Serve(Quirk::Modelless)),
    ("forking", Part::Forking),
    ("stubborn", Part::Stubborn),
    ("dies", Part::Dies),
    ("chatter", Part::Chatter),
    ("garbles", Part::Garbles),
    ("faints", Part::Faints),
];

impl FromStr for Part {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = PARTS.iter().find(|(known, _)| *known == name);
        found.map(|(_, part)| *part).ok_or_else(|| format!("no part `{name}`"))
    }
}

/// Makes a package that acts the part with this name.
pub fn package(part: &str) -> tempfile::TempDir {
    let _: Part = part.parse().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    std::fs::write(dir.path().join("part"), part).unwrap();
    std::fs::write(dir.path().join("program"), program.to_str().unwrap()).unwrap();
    // A link to a file that nobody writes: a script written here could still be busy when it is to be run.
    let launcher = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backend/launcher");
    std::os::unix::fs::symlink(launcher, dir.path().join("run")).unwrap();
    dir
}

/// Patient where a healthy backend is waited for, so that a busy machine fails no test.
pub fn launch(dir: &tempfile::TempDir) -> Launch {
    let patience = Duration::from_mins(1);
    Launch { package: dir.path().to_path_buf(), wait: patience, grace: patience, echo: false }
}

/// What a started fake does; it does not return.
pub fn act(part: Part) -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let code = runtime.block_on(async {
        match part {
            Part::Serve(quirk) => serve(quirk, false).await,
            Part::Forking => serve(Quirk::None, false).await,
            Part::Stubborn => serve(Quirk::None, true).await,
            Part::Dies => {
                eprintln!("error while loading shared libraries: libmissing.so.1");
                127
            }
            Part::Chatter => {
                println!("not listening yet");
                eprintln!("\u{1b}[31mthinking\u{1b}[0m");
                std::future::pending().await
            }
            Part::Garbles => {
                println!("listening on everything");
                std::future::pending().await
            }
            Part::Faints => {
                println!("listening on 127.0.0.1:1");
                eprintln!("out of memory");
                3
            }
        }
    });
    std::process::exit(code)
}

async fn serve(quirk: Quirk, stubborn: bool) -> i32 {
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let (address, server) = Fake::new(quirk).serve();
    println!("listening on {address}");
    tokio::pin!(server);
    loop {
        tokio::select! {
            _ = &mut server => return 1,
            _ = terminate.recv() => if !stubborn { return 0 },
        }
    }
}
