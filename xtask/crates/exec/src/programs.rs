//! Programs by the names that steps call them, resolved to what really runs.
//!
//! A version manager puts a program of its own under a tool's name, and decides at each call, by the directory and the
//! user's settings, what it stands for. A build that called it would run something else than what its key was told of.

use crate::environment::{self, SYSTEM_PATH};
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use std::collections::BTreeMap;
use std::io::Read;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Programs that stand for themselves, wherever they are from. All others are the distribution's: what a compiler makes
/// fits the libraries that it came with.
const FREE: [&str; 8] = ["cmake", "ninja", "ccache", "sccache", "go", "uv", "cargo", "rustc"];

/// Programs that answer to other programs' names, by the names of their own files.
const STAND_INS: [&str; 12] = [
    "rustup",
    "rustup-init",
    "ccache",
    "sccache",
    "distcc",
    "icecc",
    "mise",
    "asdf",
    "volta-shim",
    "proto-shim",
    "aqua",
    "snap",
];

/// Whether a build takes a program from wherever the user has it.
pub(crate) fn is_free(name: &str) -> bool {
    FREE.contains(&name)
}

/// One program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The file itself, no link to it.
    pub path: Utf8PathBuf,
    /// Whether it is what it is until the file changes. A script, or what answers to another's name, may be something
    /// else tomorrow.
    pub is_settled: bool,
}

/// Finds programs for builds.
#[derive(Debug)]
pub struct Programs {
    /// Links to the tools that only this project uses.
    own: Utf8PathBuf,
    /// The user's PATH.
    users: String,
    /// Where version managers are asked.
    checkout: Utf8PathBuf,
    known: Mutex<BTreeMap<String, Option<Program>>>,
}

impl Programs {
    /// Looks into `own` before the user's PATH. Version managers are asked what they stand for in `checkout`.
    pub fn new(own: &Utf8Path, checkout: &Utf8Path) -> Self {
        let users = environment::variable("PATH").unwrap_or_else(|| SYSTEM_PATH.to_owned());
        Self { own: own.to_owned(), users, checkout: checkout.to_owned(), known: Mutex::default() }
    }

    /// The program that a build gets under `name`, which may be a path.
    pub fn find(&self, name: &str) -> Option<Program> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = known().get(name) {
            return program.clone();
        }
        let found = self.look_up(name);
        known().insert(name.to_owned(), found.clone());
        found
    }

    /// Looks again from now on: something was installed.
    pub fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Links in `directory` to those of `names` that need not be the distribution's.
    pub fn link<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        directory: &Utf8Path,
    ) -> std::io::Result<()> {
        fs_err::create_dir_all(directory)?;
        for name in names.into_iter().filter(|name| FREE.contains(name)) {
            if let Some(program) = self.find(name) {
                fs_err::os::unix::fs::symlink(&program.path, directory.join(name))?;
            }
        }
        Ok(())
    }

    fn look_up(&self, name: &str) -> Option<Program> {
        if !FREE.contains(&name) {
            return candidates(name, SYSTEM_PATH).next();
        }
        candidates(name, &format!("{}:{}", self.own, self.users)).find_map(|found| self.settle(name, found))
    }

    /// What a program that may stand for another really runs; none if nobody can tell.
    fn settle(&self, name: &str, found: Program) -> Option<Program> {
        if found.is_settled {
            return Some(found);
        }
        let behind = match name {
            "cargo" | "rustc" => Utf8PathBuf::from(self.sysroot(&found.path)?).join("bin"),
            "go" => Utf8PathBuf::from(self.ask(&found.path, &["env", "GOROOT"])?).join("bin"),
            // It runs in the sealed environment, and is asked what it is each time.
            _ if is_script(&found.path) => return Some(found),
            _ => return None,
        };
        candidates(behind.join(name).as_str(), "").find(|program| program.is_settled)
    }

    /// The toolchain behind rustup's names: the one that runs this program, else the checkout's.
    fn sysroot(&self, proxy: &Utf8Path) -> Option<String> {
        let running = environment::variable("CARGO").map(Utf8PathBuf::from);
        let bin = running.as_deref().and_then(Utf8Path::parent);
        for (bin, name) in bin.iter().flat_map(|bin| ["rustc", "rustup"].map(|name| (bin, name))) {
            memo::saw(bin.join(name));
        }
        let bin = bin.filter(|bin| bin.join("rustc").is_file());
        if let Some(sysroot) = bin.filter(|bin| !bin.join("rustup").exists()).and_then(Utf8Path::parent) {
            return Some(sysroot.to_string());
        }
        self.ask(&proxy.with_file_name("rustc"), &["--print", "sysroot"])
    }

    /// What a program of the user's answers in the checkout; none if it fails.
    fn ask(&self, program: &Utf8Path, args: &[&str]) -> Option<String> {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.checkout);
        Run::new(command).text().filter(|text| !text.is_empty())
    }
}

/// The programs of a name on a PATH, in its order; of a path, that one.
fn candidates(name: &str, path: &str) -> impl Iterator<Item = Program> {
    for directory in std::env::split_paths(path) {
        memo::saw(directory.join(name));
    }
    let found = which::which_in_global(name, Some(path)).ok();
    let bare = Utf8Path::new(name).file_name().unwrap_or(name).to_owned();
    found.into_iter().flatten().filter_map(move |path| {
        let path = Utf8PathBuf::from_path_buf(path).ok()?;
        let file = path.canonicalize_utf8().ok()?;
        let own_name = file.file_name().unwrap_or_default();
        let stands_in = own_name != bare && STAND_INS.contains(&own_name);
        // Rustup's names are links to it, or copies of it beside it.
        let proxies = path.with_file_name("rustup");
        memo::saw(&proxies);
        let is_proxy = ["cargo", "rustc"].contains(&bare.as_str()) && proxies.exists();
        if is_proxy {
            return Some(Program { path, is_settled: false });
        }
        let is_settled = !stands_in && !is_script(&file);
        Some(Program { path: if stands_in { path } else { file }, is_settled })
    })
}

fn is_script(file: &Utf8Path) -> bool {
    let mut start = [0; 2];
    let read = fs_err::File::open(file).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && &start == b"#!"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Place {
        _temp: tempfile::TempDir,
        dir: Utf8PathBuf,
    }

    impl Place {
        fn new() -> Self {
            let temp = tempfile::tempdir().unwrap();
            let dir = Utf8Path::from_path(temp.path()).unwrap().canonicalize_utf8().unwrap();
            Self { _temp: temp, dir }
        }

        fn file(&self, path: &str, text: &str) -> Utf8PathBuf {
            let file = self.dir.join(path);
            fs_err::create_dir_all(file.parent().unwrap()).unwrap();
            fs_err::write(&file, text).unwrap();
            fs_err::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
            file
        }

        fn programs(&self, users: &str) -> Programs {
            let mut programs = Programs::new(&self.dir.join("own"), &self.dir);
            programs.users =
                users.split(' ').map(|dir| self.dir.join(dir).into_string()).collect::<Vec<_>>().join(":");
            programs
        }
    }

    #[test]
    fn a_free_tool_is_the_first_on_the_user_s_path_and_others_are_the_system_s() {
        let place = Place::new();
        let program = place.file("opt/cmake-4", "\x7fELF");
        fs_err::create_dir_all(place.dir.join("a")).unwrap();
        fs_err::os::unix::fs::symlink(&program, place.dir.join("a/cmake")).unwrap();
        place.file("b/cmake", "\x7fELF");
        place.file("a/sh", "\x7fELF");
        let programs = place.programs("a b");
        assert_eq!(programs.find("cmake"), Some(Program { path: program, is_settled: true }));
        let shell = programs.find("sh").unwrap();
        assert!(!shell.path.starts_with(&place.dir) && shell.is_settled, "{shell:?}");
        let own = place.file("own/cmake", "\x7fELF");
        assert_eq!(place.programs("a b").find("cmake").unwrap().path, own, "our own come first");
    }

    #[test]
    fn what_stands_behind_a_version_manager_is_what_is_found() {
        let place = Place::new();
        let go = place.file("root/bin/go", "\x7fELF");
        place.file("shims/go", &format!("#!/bin/sh\necho {}/root\n", place.dir));
        assert_eq!(place.programs("shims").find("go").unwrap(), Program { path: go, is_settled: true });
        // One that cannot say what it stands for is passed over.
        place.file("broken/go", "#!/bin/sh\nexit 1\n");
        assert_eq!(place.programs("broken").find("go"), None);
        assert!(place.programs("broken shims").find("go").is_some());
        // Nobody asks a script that is one of a kind, and nobody relies on it.
        let script = place.file("pip/uv", "#!/bin/sh\n");
        assert_eq!(place.programs("pip").find("uv"), Some(Program { path: script, is_settled: false }));
    }

    #[test]
    fn rustup_s_names_lead_to_the_toolchain() {
        let place = Place::new();
        let cargo = place.file("toolchain/bin/cargo", "\x7fELF");
        let rustup = place.file("rustup/rustup", &format!("#!/bin/sh\necho {}/toolchain\n", place.dir));
        for name in ["cargo", "rustc"] {
            fs_err::hard_link(&rustup, place.dir.join("rustup").join(name)).unwrap();
        }
        let programs = place.programs("rustup");
        let proxy = candidates(place.dir.join("rustup/cargo").as_str(), "").next().unwrap();
        assert!(!proxy.is_settled);
        assert_eq!(
            programs.ask(&proxy.path.with_file_name("rustc"), &[]).unwrap(),
            place.dir.join("toolchain")
        );
        let settled = candidates(cargo.as_str(), "").next().unwrap();
        assert_eq!(settled, Program { path: cargo, is_settled: true });
    }

    #[test]
    fn a_compiler_behind_a_cache_s_name_is_not_taken_for_it() {
        let place = Place::new();
        let ccache = place.file("bin/ccache", "\x7fELF");
        fs_err::os::unix::fs::symlink(&ccache, place.dir.join("bin/ninja")).unwrap();
        let programs = place.programs("bin");
        assert_eq!(programs.find("ccache").unwrap().path, ccache);
        assert_eq!(programs.find("ninja"), None);
    }

    #[test]
    fn links_are_made_for_what_the_system_s_path_would_not_lead_to() {
        let place = Place::new();
        let uv = place.file("bin/uv", "\x7fELF");
        let links = place.dir.join("links");
        place.programs("bin").link(["uv", "sh", "absent"], &links).unwrap();
        let names: Vec<_> =
            links.read_dir_utf8().unwrap().map(|e| e.unwrap().file_name().to_owned()).collect();
        assert_eq!((names, fs_err::read_link(links.join("uv")).unwrap()), (vec!["uv".to_owned()], uv.into()));
    }
}
