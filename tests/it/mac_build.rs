//! The whole command for a Mac, on Linux: what stands in for its compilers puts files there that real linkers made for
//! macOS, and all the rest is what a Mac would run. `tests/fixtures/mac` holds the stand-ins.
#![cfg(target_os = "linux")]

use crate::checkout::{Checkout, copy, repository};
use macho::{Change, Names, Object, head_len};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A checkout with all four families for macOS, and what stands in for a Mac's programs.
pub struct Mac {
    pub checkout: Checkout,
    tools: PathBuf,
}

impl Mac {
    pub fn new() -> Self {
        let checkout = Checkout::new();
        let fixtures = repository().join("tests/fixtures");
        let tools = checkout.dir().canonicalize().unwrap().join("tools/bin");
        copy(&fixtures.join("mac/backend"), &checkout.root.join("backend"));
        copy(&fixtures.join("mac/tools"), &tools);
        for backend in ["go/local-store", "python/minilm"] {
            let (file, cpu) =
                (format!("backend/{backend}/backend.yaml"), "  cpu: [linux/amd64, linux/arm64]\n");
            checkout.replace(&file, cpu, &format!("{cpu}  metal: [darwin/arm64]\n"));
        }
        let pin = fs::read_to_string(fixtures.join("mac/sources.yaml")).unwrap();
        checkout.replace("backend/sources.yaml", "\nprograms:", &format!("{pin}\nprograms:"));
        checkout.write("LICENSE", "Do as you like.\n");
        let mac = Self { checkout, tools };
        mac.compile();
        mac.install();
        mac.produce();
        for (source, digit) in [("llama.cpp", "2"), ("python", "6")] {
            let tree = mac.tools.join(source);
            let tree = fetch::tree::tree_digest(tree.as_path().try_into().unwrap()).unwrap().digest;
            mac.checkout.replace(
                "backend/sources.yaml",
                &format!("tree: {}", digit.repeat(64)),
                &format!("tree: {tree}"),
            );
        }
        mac
    }

    /// What stands for a toolchain must be no script.
    fn compile(&self) {
        let [source, program] = ["trampoline.c", "go"].map(|name| self.tools.join(name));
        run(Command::new("cc").arg("-o").arg(&program).arg(source));
        for name in ["cargo", "rustc"] {
            fs::copy(&program, self.tools.join(name)).unwrap();
        }
    }

    /// Homebrew with gRPC, whose library is one that a linker made.
    fn install(&self) {
        let (fixtures, prefix) = (repository().join("tests/fixtures/homebrew"), self.homebrew());
        fs::create_dir_all(prefix.join("bin")).unwrap();
        fs::copy(fixtures.join("brew"), prefix.join("bin/brew")).unwrap();
        fs::copy(fixtures.join("formulas"), prefix.join("formulas")).unwrap();
        run(Command::new(prefix.join("bin/brew")).args(["install", "grpc"]));
    }

    /// Beside the tools: what lies below the prefix of a tool counts as the tool's.
    fn homebrew(&self) -> PathBuf {
        self.checkout.dir().canonicalize().unwrap().join("homebrew")
    }

    /// What the stand-ins for compilers put into build directories.
    fn produce(&self) {
        let products = self.tools.join("products");
        let brewed = self.homebrew().join("opt/grpc/lib/libgrpc.dylib");
        fs::create_dir(&products).unwrap();
        let names = [
            ("libcore.dylib", "libllama.dylib".to_owned()),
            ("libumbrella.dylib", "libggml.dylib".to_owned()),
            ("libbase.dylib", brewed.to_str().unwrap().to_owned()),
        ];
        for (fixture, product) in [
            ("server", products.join("server")),
            ("tool", products.join("tool")),
            ("libplugin.so", products.join("libggml-metal.so")),
            ("libcore.dylib", products.join("libllama.dylib")),
            ("libumbrella.dylib", products.join("libggml.dylib")),
            ("libbase.dylib", brewed.clone()),
            ("libunsigned.dylib", products.join("module.so")),
        ] {
            rename(fixture, &product, &names);
        }
        // Modules are for Python alone.
        fs::create_dir(self.tools.join("modules")).unwrap();
        fs::rename(products.join("module.so"), self.tools.join("modules/module.so")).unwrap();
        let python = self.tools.join("python");
        copy(&repository().join("tests/fixtures/mac/python"), &python);
        fs::copy(products.join("tool"), python.join("interpreter")).unwrap();
        let sources = self.tools.join("llama.cpp");
        fs::create_dir_all(sources.join("src")).unwrap();
        fs::write(sources.join("src/a.cpp"), "int a;\n").unwrap();
        fs::write(sources.join("LICENSE"), "Do as you like.\n").unwrap();
        let host = fs::read_to_string(repository().join("tests/fixtures/hosts/mac-arm64.yaml")).unwrap();
        fs::write(self.tools.join("mac.yaml"), host).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.checkout.command(args);
        command.env("PATH", format!("{}:/usr/bin:/bin", self.tools.display()));
        command.env("XTASK_SOURCE_LLAMA_CPP", self.tools.join("llama.cpp"));
        command.env("XTASK_SOURCE_PYTHON_DARWIN_ARM64", self.tools.join("python"));
        command
    }

    /// The Mac in a file.
    pub fn host(&self) -> String {
        self.tools.join("mac.yaml").to_str().unwrap().to_owned()
    }

    /// Builds; the plan, the package, the image and what was run, as text.
    fn build(&self, backend: &str, more: &[&str]) -> String {
        let host = self.host();
        let host = host.as_str();
        let plan = self.checkout.out(&[&["plan", backend, "--host", host], more].concat());
        let tars: Vec<Vec<u8>> = ["a.tar", "b.tar"]
            .into_iter()
            .map(|name| {
                let _ = fs::remove_file(self.tools.join("calls"));
                let tar = self.checkout.home.join(name);
                let build =
                    ["build-backend", backend, "--stand-in-for", host, "--output", tar.to_str().unwrap()];
                let ran = crate::checkout::ran(&mut self.command(&[&build, more].concat()));
                assert!(ran.code == 0 && !ran.err.contains("warning"), "{ran:?}");
                fs::read(tar).unwrap()
            })
            .collect();
        assert!(tars[0] == tars[1], "{backend} is not the same on repeat");
        let package =
            self.checkout.root.join(format!("target/backends/{backend}.metal.darwin-arm64/package"));
        let calls = self.calls();
        let tree = tree(&package);
        let image = image(&tars[0]);
        format!("{plan}\nPACKAGE\n{tree}\nIMAGE\n{image}\nCALLS\n{calls}")
    }

    /// What was run, without where and when.
    fn calls(&self) -> String {
        let calls = fs::read_to_string(self.tools.join("calls")).unwrap();
        let work = format!("{}/v1/scratch/work/", self.checkout.cache.display());
        let parts = calls.split(&work).enumerate();
        let text = parts.fold(String::new(), |text, (at, part)| match part.split_once('/') {
            Some((_, below)) if at > 0 => text + "WORK/" + below,
            _ => text + part,
        });
        let words = text.split(' ').scan("", |before, word| {
            let is_time = std::mem::replace(before, word) == "--exclude-newer";
            Some(if is_time { "TIME" } else { word })
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn llama_cpp_in_all_its_flavors() {
    let flavors = ["--flavor", "cpu-all,fallback,grpc,rpc-server"];
    insta::assert_snapshot!(Mac::new().build("llama-cpp", &flavors));
}

#[test]
fn the_other_three_languages() {
    let mac = Mac::new();
    for backend in ["local-store", "lexical", "minilm"] {
        insta::assert_snapshot!(backend, mac.build(backend, &[]));
    }
    // Nothing of it is taken for what a Mac made.
    let key = mac.checkout.hash(&["lexical", "--host", &mac.host()]);
    let store = store::Store::open(&mac.checkout.cache).unwrap();
    assert!(store.lookup(&key.parse().unwrap()).unwrap().is_none());
}

#[test]
fn what_no_fact_of_a_mac_stands_for_is_told() {
    let mac = Mac::new();
    let ninja = mac.tools.join("ninja");
    let text = fs::read_to_string(&ninja).unwrap();
    let more = "    $prefix/Cellar/boost/1.89.0/include/any.hpp\n    /opt/own/include/own.h\nEND";
    fs::write(&ninja, text.replace("\nEND", &format!("\n{more}"))).unwrap();
    let build = ["build-backend", "llama-cpp", "--flavor", "fallback", "--stand-in-for", &mac.host()];
    let ran = crate::checkout::ran(&mut mac.command(&build));
    for told in
        ["formula boost are in the output", "brew unlink boost", "knows them: /opt/own/include/own.h;"]
    {
        assert!(ran.code == 0 && ran.err.contains(told), "{told}: {ran:?}");
    }
    assert!(!ran.err.contains("stdio.h") && !ran.err.contains("grpcpp.h"), "{ran:?}");
}

/// A fixture with other names for itself and for those in `names`.
fn rename(fixture: &str, to: &Path, names: &[(&str, String)]) {
    let bytes = fs::read(repository().join("xtask/crates/macho/tests/fixtures/arm64").join(fixture)).unwrap();
    let (size, head) = (bytes.len() as u64, &bytes[..head_len(&bytes).unwrap()]);
    let mut new = Names::of(&Object::parse(head, size).unwrap());
    for name in new.id.iter_mut().chain(&mut new.dylibs) {
        if let Some((_, other)) = names.iter().find(|(old, _)| name.ends_with(old)) {
            *name = if other.starts_with('/') { other.clone() } else { format!("@rpath/{other}") };
        }
    }
    let change = Change::plan(head, size, &new, fixture).unwrap();
    let mut file = Vec::new();
    change.write(&mut &bytes[..], &mut file).unwrap();
    fs::write(to, file).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Every file of a package with its mode; of those for the loader, what they name.
fn tree(package: &Path) -> String {
    let mut text = String::new();
    for entry in walkdir::WalkDir::new(package).sort_by_file_name() {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(package).unwrap().display().to_string();
        let meta = entry.path().symlink_metadata().unwrap();
        if meta.is_symlink() {
            let _ = writeln!(text, "link {name} -> {}", fs::read_link(entry.path()).unwrap().display());
        }
        if !meta.is_file() {
            continue;
        }
        let _ = writeln!(text, "{:o} {name}", meta.permissions().mode() & 0o7777);
        let bytes = fs::read(entry.path()).unwrap();
        if let Some(object) =
            head_len(&bytes).ok().and_then(|_| Object::parse(&bytes, bytes.len() as u64).ok())
        {
            let id = object.id.iter().map(|id| format!("id {id}"));
            let names = object.dylibs.iter().map(|dylib| format!("{:?} {}", dylib.link, dylib.name));
            let rpaths = object.rpaths.iter().map(|path| format!("rpath {path}"));
            for line in id.chain(names).chain(rpaths) {
                let _ = writeln!(text, "      {line}");
            }
        }
    }
    text
}

/// The documents of an image's tar, without digests and sizes: they follow from contents.
fn image(tar: &[u8]) -> String {
    let mut documents = Vec::new();
    for entry in tar::Archive::new(tar).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes) {
            documents.push(masked(&format!("{}\n{value:#}", entry.path().unwrap().display())));
        }
    }
    documents.sort();
    documents.concat()
}

fn masked(text: &str) -> String {
    let is_digest = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let masked = words.map(|word| match word.split_at_checked(64) {
        Some((digest, rest)) if is_digest(digest) => format!("DIGEST{rest}"),
        _ => word.to_owned(),
    });
    let lines = masked.collect::<String>();
    lines
        .lines()
        .filter(|line| !line.contains("\"size\":"))
        .fold(String::new(), |all, line| all + line + "\n")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
