//! Small C programs and libraries, compiled for real, and the packages made of them.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use pack::{Binary, License, PackageSpec};

/// A directory that goes with the test.
pub struct Bench {
    _temp: tempfile::TempDir,
    pub dir: Utf8PathBuf,
}

impl Bench {
    pub fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let dir = Utf8PathBuf::from_path_buf(temp.path().canonicalize().unwrap()).unwrap();
        Self { _temp: temp, dir }
    }

    pub fn write(&self, name: &str, text: &str) -> Utf8PathBuf {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs gcc in the directory: `source` to `output`.
    pub fn gcc(&self, output: &str, source: &str, args: &[&str]) -> Utf8PathBuf {
        let file = self.write(&format!("{output}.c"), source);
        let mut command = Command::new("gcc");
        command.current_dir(&self.dir).args(["-o", output]).arg(file).args(args);
        let made = command.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        self.dir.join(output)
    }

    /// `build/libgreet.so.1`, found by the run path of the build directory, and `build/server`, which uses it.
    pub fn greeting(&self) -> PackageSpec {
        self.write("LICENSE", "Do as you like.\n");
        std::fs::create_dir_all(self.dir.join("build")).unwrap();
        self.gcc(
            "build/libgreet.so.1",
            "#include <math.h>\nint greet(int n) { return (int)sqrt((double)n); }",
            &["-shared", "-fPIC", "-Wl,-soname,libgreet.so.1", "-lm"],
        );
        let rpath = format!("-Wl,-rpath,{}/build", self.dir);
        let server = self.gcc(
            "build/server",
            "#include <stdio.h>\n#include <stdlib.h>\nint greet(int);\n\
             int main(int n, char **v) { const char *l = getenv(\"LIB\");\n\
             printf(\"greet %d %s %s\\n\", greet(49), n > 1 ? v[n - 1] : \"-\", l ? l : \"-\"); return 0; }",
            // A build identifier is a hash over the run path, too.
            &["build/libgreet.so.1", &rpath, "-Wl,--build-id=none"],
        );
        self.spec(vec![Binary::new("server", server)])
    }

    pub fn spec(&self, binaries: Vec<Binary>) -> PackageSpec {
        PackageSpec {
            name: "greeting".into(),
            variant: "cpu".into(),
            platform: "linux/amd64".parse().unwrap(),
            min_macos: None,
            calls: vec!["Greet".into(), "Bow".into()],
            key: "k".repeat(64),
            versions: [("greeting".into(), "1".into())].into(),
            binaries,
            libraries: vec![],
            library_tree: None,
            plugin_tree: None,
            vulkan_drivers: None,
            extra_libraries: vec![],
            host_libraries: vec![],
            host_shell: false,
            library_dirs: vec![],
            data: vec![],
            env: vec![],
            licenses: vec![License {
                component: "greeting".into(),
                file: self.dir.join("LICENSE"),
                covers: vec!["libgreet*".into(), "libplug*".into()],
            }],
            links: None,
        }
    }

    pub fn package(&self) -> Utf8PathBuf {
        self.dir.join("package")
    }
}

/// Runs a program of a directory as if that directory were the whole system.
pub fn in_root(root: &Utf8Path, program: &str, args: &[&str], env: &[(&str, &str)]) -> Output {
    let uid = Command::new("id").arg("-u").output().unwrap();
    let mut command = if uid.stdout == b"0\n" {
        Command::new("/usr/sbin/chroot")
    } else {
        let mut command = Command::new("/usr/bin/unshare");
        command.args(["--map-root-user", "/usr/sbin/chroot"]);
        command
    };
    // The last PATH wins: the caller's, which the program sees.
    command.arg(root).arg(program).args(args).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.envs(env.iter().copied()).output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
