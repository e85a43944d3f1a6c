//! Foreign environments: whatever a user, a version manager or another distribution put anywhere outside of the declared
//! inputs and facts changes neither bytes nor key.

use crate::checkout::{Checkout, listing, temporary};
use crate::child::{self, LONG};
use crate::plants::{self, Family, Plant};
use camino::{Utf8Path, Utf8PathBuf};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// The least that is planted for each family.
const ENOUGH: usize = 40;

/// A checkout in whose surroundings things are planted, and a home and a prefix of somebody else.
struct Surroundings {
    checkout: Checkout,
    home: Utf8PathBuf,
    prefix: Utf8PathBuf,
    _dir: TempDir,
}

impl Surroundings {
    fn of(checkout: Checkout) -> Self {
        let (dir, path) = temporary();
        Self { checkout, home: path.join("home"), prefix: path.join("prefix"), _dir: dir }
    }

    /// Plants everything; the variables are for the command.
    fn plant(&self, plants: &[Plant]) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("HOME", self.home.to_string()),
            ("PATH", format!("{}/bin:{}", self.prefix, std::env::var("PATH").unwrap())),
        ];
        for plant in plants {
            let (path, text) = match plant {
                Plant::Variable(name, value) => {
                    variables.push((*name, self.filled(value)));
                    continue;
                }
                Plant::Home(path, text) => (self.home.join(path), text),
                Plant::Above(path, text) => {
                    for dir in
                        [self.checkout.cache.parent(), self.checkout.root.parent()].into_iter().flatten()
                    {
                        write(&dir.join(path), &self.filled(text));
                    }
                    (self.checkout.cache.join(path), text)
                }
                Plant::Checkout(path, text) => (self.checkout.root.join(path), text),
                Plant::Prefix(path, text) => (self.prefix.join(path), text),
                Plant::Caches(path, text) => (self.checkout.cache.join("v1/scratch/caches").join(path), text),
            };
            write(&path, &self.filled(text));
        }
        variables
    }

    fn filled(&self, text: &str) -> String {
        text.replace("{prefix}", self.prefix.as_str()).replace("{home}", self.home.as_str())
    }
}

/// Everything is a program, so that what is taken for one is one.
fn write(path: &Utf8Path, text: &str) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[track_caller]
fn holds(family: Family, backend: &str, checkout: Checkout) {
    crate::deps::ready();
    let place = Surroundings::of(checkout);
    let checkout = &place.checkout;
    let build = ["build-backend", backend, "--strict", "--force"];
    checkout.xtask_for_long(&build).expect(0).says(&format!("built {backend}"));
    let (bytes, key) =
        (listing(&checkout.package(backend)), checkout.xtask(&["hash", backend]).expect(0).out);

    let plants = plants::of(family);
    assert!(plants.len() >= ENOUGH, "{} are planted", plants.len());
    let variables = place.plant(&plants);
    let run = |args: &[&str]| {
        let mut command = checkout.command(args);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        child::run(command, LONG).expect(0)
    };
    assert_eq!(run(&["hash", backend]).out, key);
    run(&build).says(&format!("built {backend}"));
    assert_eq!(listing(&checkout.package(backend)), bytes);
}

#[test]
fn a_go_backend_is_what_its_key_says_in_any_environment() {
    holds(Family::Go, "tinygo", Checkout::families());
}

#[test]
fn a_rust_backend_is_what_its_key_says_in_any_environment() {
    holds(Family::Rust, "tinyrust", Checkout::families());
}

#[test]
fn a_cpp_backend_is_what_its_key_says_in_any_environment() {
    holds(Family::Cpp, "tinycpp", Checkout::families());
}

#[test]
fn a_python_backend_is_what_its_key_says_in_any_environment() {
    crate::deps::ready();
    let checkout = Checkout::copy("checkout");
    checkout.xtask(&["new-backend", "python", "tinypython"]).expect(0);
    holds(Family::Python, "tinypython", checkout);
}

/// Of a prefix that every distribution has, and no package.
#[test]
fn what_lies_in_usr_local_is_not_found() {
    crate::deps::ready();
    let checkout = Checkout::families();
    checkout.xtask(&["build-backend", "tinycpp", "--strict"]).expect(0);
    let bytes = listing(&checkout.package("tinycpp"));
    let script = "mount -t tmpfs none /usr/local; mkdir -p /usr/local/include /usr/local/lib /usr/local/bin; \
        mkdir -p /usr/local/share/cmake/Planted; \
        echo 'set(Planted_FOUND TRUE)' > /usr/local/share/cmake/Planted/PlantedConfig.cmake; \
        touch /usr/local/include/planted.h /usr/local/lib/libplanted.a; \
        printf '#!/bin/sh\\n' > /usr/local/bin/planted; chmod +x /usr/local/bin/planted; exec \"$@\"";
    let command = checkout.mounted(script, &[], &["build-backend", "tinycpp", "--strict", "--force"]);
    child::run(command, LONG).expect(0).says("built tinycpp");
    assert_eq!(listing(&checkout.package("tinycpp")), bytes);
}

/// A header that the compiler finds before the distribution's: nothing keeps it from looking, so it is seen afterwards.
#[test]
fn a_header_that_nobody_owns_is_told_and_nothing_is_kept() {
    crate::deps::ready();
    let checkout = Checkout::families();
    let header = checkout.root.join("planted/planted.h");
    write(&header, "#define PLANTED \"a header\"\n");
    let option = format!("CMAKE_CXX_FLAGS=-include {header}");
    let build = ["build-backend", "tinycpp", "--set", &option];
    let strict = checkout.xtask(&[&build[..], &["--strict"]].concat()).expect(1);
    assert!(
        strict.err.contains("no Debian package owns") && strict.err.contains(header.as_str()),
        "{}",
        strict.err
    );
    checkout.xtask(&build).expect(0).says("no Debian package owns").says("the result is not cached");
    assert!(!checkout.xtask(&["cache", "ls"]).expect(0).out.contains("tinycpp"));
}

/// A package of which files are linked without being in anybody's dependencies.
#[test]
fn a_package_without_a_fact_is_named_with_the_line_to_add() {
    crate::deps::ready();
    let checkout = Checkout::families();
    // A library that every system has, and that neither a compiler nor gRPC depends on.
    checkout.edit(
        "backend/cpp/tinycpp/CMakeLists.txt",
        "set(ZLIB_USE_STATIC_LIBS ON)",
        "find_library(EXTRA libselinux.so.1 REQUIRED)\nlink_libraries(\"${EXTRA}\")\nset(ZLIB_USE_STATIC_LIBS ON)",
    );
    let part = "backend/cpp/tinycpp/src/part.c";
    checkout.edit(part, "int part", "int is_selinux_enabled(void);\nint part");
    checkout.edit(part, "return __OPTIMIZE__;", "return __OPTIMIZE__ + is_selinux_enabled();");
    let failed = checkout.xtask(&["build-backend", "tinycpp", "--strict"]).expect(1).err;
    assert!(failed.contains("system-packages: [libselinux1]"), "{failed}");
    let manifest = checkout.root.join("backend/cpp/tinycpp/backend.yaml");
    let text = fs_err::read_to_string(&manifest).unwrap();
    fs_err::write(&manifest, format!("{text}\npackage:\n  system-packages: [libselinux1]\n")).unwrap();
    checkout.xtask(&["build-backend", "tinycpp", "--strict"]).expect(0);
    let why = checkout.xtask(&["why", "tinycpp", "--document"]).expect(0).out;
    assert!(why.contains("\"deb:libselinux1\"") && why.contains("\"deb:libpcre2-8-0\""), "{why}");
}

/// A wrapper under a free tool's name is used, and is in the key.
#[test]
fn a_tool_of_the_user_s_own_changes_the_key() {
    crate::deps::ready();
    let checkout = Checkout::families();
    let key = checkout.xtask(&["hash", "tinycpp"]).expect(0).out;
    let tools = checkout.root.join("tools");
    let with = |words: &str| {
        write(&tools.join("cmake"), &format!("#!/bin/sh\n# {words}\nexec /usr/bin/cmake \"$@\"\n"));
        let mut command = checkout.command(&["hash", "tinycpp"]);
        command.env("PATH", format!("{tools}:{}", std::env::var("PATH").unwrap()));
        child::run(command, LONG).expect(0).out
    };
    let (one, two) = (with("one"), with("two"));
    assert!(one != key && two != key && one != two);
    assert_eq!(one, with("one"));
}

/// Where requirements that float are looked for decides what they come to.
#[test]
fn another_index_changes_the_key_of_what_floats_without_showing_its_password() {
    crate::deps::ready();
    let checkout = Checkout::copy("checkout");
    let with = |args: &[&str], index: &str| {
        let mut command = checkout.command(args);
        command.env("UV_DEFAULT_INDEX", index);
        child::run(command, LONG).expect(0).out
    };
    let key = checkout.xtask(&["hash", "minilm"]).expect(0).out;
    let other = with(&["hash", "minilm"], "https://user:secret@index.invalid/simple?token=secret");
    assert_ne!(other, key);
    assert_eq!(other, with(&["hash", "minilm"], "https://index.invalid/simple"));
    let document =
        with(&["why", "minilm", "--document"], "https://user:secret@index.invalid/simple?token=secret");
    assert!(document.contains("https://index.invalid/simple") && !document.contains("secret"), "{document}");
}
