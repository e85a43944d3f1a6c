//! `test`: the one command that passes every test, on a fresh machine as well.

use crate::cli::Test;
use crate::exit::Done;
use anyhow::{Context, Result, bail};
use drive::session::Session;
use halt::Run;
use model::backend::Recipe;
use std::process::Command;

/// Runs the hermetic tests, then the real ones.
pub fn run(session: &Session, args: &Test) -> Result<Done> {
    if !args.fast {
        super::install_base_deps::everything(session)?;
    }
    cargo(session, args, &["--workspace"], &[])?;
    if !args.fast {
        // Ignored by plain `cargo test`, because they download from the package registries.
        cargo(session, args, &["--package", "fetch", "--test", "registries"], &["--ignored"])?;
        rust_backends(session, args)?;
        cargo(session, args, &["--package", "xtask", "--test", "real"], &[])?;
        // Needs root, and says so.
        cargo(session, args, &["--package", "xtask", "--test", "containers"], &[])?;
    }
    session.ui.done(if args.fast { "hermetic tests passed" } else { "all tests passed" });
    Ok(Done::Well)
}

/// Rust backends are workspaces of their own, with a target directory for all of them.
fn rust_backends(session: &Session, args: &Test) -> Result<()> {
    let rust = session.manifests.backends.values().filter(|b| matches!(b.recipe, Recipe::Rust(_)));
    for backend in rust {
        let manifest = backend.dir.join("Cargo.toml");
        let what = ["--locked", "--manifest-path", manifest.as_str()];
        cargo_in(session, args, "target/rust", &what, &[])?;
    }
    Ok(())
}

fn cargo(session: &Session, args: &Test, what: &[&str], harness: &[&str]) -> Result<()> {
    // One target directory: the tests use the libraries that are compiled already.
    cargo_in(session, args, "target/xtask", what, harness)
}

fn cargo_in(session: &Session, args: &Test, target: &str, what: &[&str], harness: &[&str]) -> Result<()> {
    let mut command = Command::new("cargo");
    command.current_dir(&session.root).arg("test").args(what).args(["--target-dir", target]);
    if session.offline {
        command.arg("--offline");
    }
    command.arg("--").args(harness).args(&args.filter);
    let status = Run::new(command).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("tests failed: `cargo test {}` says which", what.join(" "));
    }
    Ok(())
}
