//! Compiles the launcher statically, so that `pack` carries it and a package needs no second cargo run.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "cargo looks after its build scripts")]
fn main() -> Result<(), String> {
    let var = |name: &str| env::var_os(name).ok_or_else(|| format!("cargo did not set {name}"));
    let crate_dir = PathBuf::from(var("CARGO_MANIFEST_DIR")?).join("../launcher");
    let out = PathBuf::from(var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", crate_dir.join("src").display());
    println!("cargo::rerun-if-changed=build.rs");

    let mut common: Vec<OsString> =
        ["--edition=2024", "-Copt-level=s", "-Cpanic=abort", "-Cstrip=symbols", "--target"]
            .map(OsString::from)
            .into();
    common.push(var("TARGET")?);
    if env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os == "linux") {
        common.push("-Ctarget-feature=+crt-static".into());
    }
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut flag = OsString::from("-Clinker=");
        flag.push(linker);
        common.push(flag);
    }
    let rustc = var("RUSTC")?;
    let compile = |source: &str, args: &[OsString]| {
        let mut command = Command::new(&rustc);
        // Relative source paths keep this machine's directories out of the binary.
        command.current_dir(&crate_dir).arg(Path::new("src").join(source)).args(&common).args(args);
        let status = command.status().map_err(|error| format!("cannot run {}: {error}", rustc.display()))?;
        if status.success() {
            return Ok(());
        }
        Err(format!("cannot compile the launcher ({source}); a static link needs libc.a (Debian: libc6-dev)"))
    };
    let library = out.join("liblauncher.rlib");
    let with = |flag: &str, path: &Path| {
        let mut arg = OsString::from(flag);
        arg.push(path);
        arg
    };
    let kind = ["--crate-name=launcher", "--crate-type=rlib", "-o"].map(OsString::from);
    compile("lib.rs", &[&kind[..], &[library.clone().into()]].concat())?;
    let program = out.join("run");
    let name = ["--crate-name=run", "-o"].map(OsString::from);
    let rest = [program.clone().into(), with("--extern=launcher=", &library)];
    compile("main.rs", &[&name[..], &rest[..]].concat())?;
    println!("cargo::rustc-env=PACK_LAUNCHER={}", program.display());
    Ok(())
}
