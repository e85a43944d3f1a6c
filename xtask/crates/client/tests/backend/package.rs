//! A fake package: a directory whose `run.sh` leads back into this program, to act one part.

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
    /// Prints much, but never listens.
    Chatter,
    /// Serves, and goes on after its parent's death.
    Orphan,
}

const PARTS: [(&str, Part); 22] = [
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
    ("orphan", Part::Orphan),
    ("gullible", Part::Serve(Quirk::Gullible)),
    ("careless", Part::Serve(Quirk::Careless)),
    ("leaky", Part::Serve(Quirk::Leaky)),
    ("open", Part::Serve(Quirk::Open)),
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
    std::os::unix::fs::symlink(launcher, dir.path().join("run.sh")).unwrap();
    dir
}

/// Patient where a healthy backend is waited for, so that a busy machine fails no test.
pub fn launch(dir: &tempfile::TempDir) -> Launch {
    let patience = Duration::from_mins(1);
    Launch::new(dir.path().to_path_buf(), patience, patience)
}

/// What a started fake does; it does not return.
pub fn act(part: Part) -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let code = runtime.block_on(async {
        match part {
            Part::Serve(quirk) => serve(quirk, false, true).await,
            Part::Forking | Part::Orphan => serve(Quirk::None, false, false).await,
            Part::Stubborn => serve(Quirk::None, true, true).await,
            Part::Dies => {
                eprintln!("error while loading shared libraries: libmissing.so.1");
                127
            }
            Part::Chatter => {
                println!("not listening yet");
                eprintln!("\u{1b}[31mthinking\u{1b}[0m");
                std::future::pending().await
            }
        }
    });
    std::process::exit(code)
}

async fn serve(quirk: Quirk, stubborn: bool, watching: bool) -> i32 {
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let parent = rustix::process::getppid();
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    let address = std::env::var("FAKE_ADDR").unwrap();
    let (address, server) = Fake::new(quirk).serve_at(&address);
    println!("listening on {address}");
    tokio::pin!(server);
    loop {
        tokio::select! {
            _ = &mut server => return 1,
            _ = terminate.recv() => if !stubborn { return 0 },
            _ = looks.tick() => if watching && rustix::process::getppid() != parent { return 0 },
        }
    }
}
