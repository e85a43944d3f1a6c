//! Go backends that the family's own recipe builds as their Makefile does: one program, alone or with an engine that it
//! opens.

use super::configured::{Called, Made};
use super::engine::{self, Engine};
use super::makefile::Makefile;
use super::shell::{Command, commands, is_name};
use super::tree::Tree;
use super::words::{Words, is_open};
use camino::Utf8Path;
use plan::proto::CONTRACT;
use std::collections::BTreeSet;

/// Where modules of such trees have the contract's messages.
const STUBS: &str = "pkg/grpc/proto";
/// What a C compiler reads.
const C_FAMILY: [&str; 6] = ["c", "cc", "cpp", "h", "hpp", "s"];

/// What a Go backend's manifest says of how it is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Go {
    pub stubs: Option<&'static str>,
    /// With the variable that tells where its library lies.
    pub engine: Option<(String, Engine)>,
}

/// The recipe of a backend, with what its Makefile is called for where that fetches trees; why it has none.
pub(super) fn prove(tree: &Tree<'_>, dir: &Utf8Path, calls: Option<&[Called]>) -> Result<Go, &'static str> {
    if !dir.ancestors().any(|above| tree.has(&above.join("go.mod"))) {
        return Err("its module has no go.mod");
    }
    let foreign = |path: &Utf8Path| path.extension().is_some_and(|end| C_FAMILY.contains(&end));
    if calls.is_none() && tree.below(dir).any(foreign) {
        return Err("it compiles C beside Go");
    }
    let text = |file: &str| tree.text(&dir.join(file));
    let own = text("Makefile").ok_or("it has no Makefile")?;
    let makefile = Makefile::read(&own, &[]);
    let builds: Vec<&Command> = makefile.commands().filter(|one| is_build(one)).collect();
    let [build] = builds.as_slice() else {
        return Err("its Makefile does not build one program of Go");
    };
    if !build.assigned.iter().any(|(name, value)| name == "CGO_ENABLED" && value == "0") {
        return Err("its Makefile compiles with cgo");
    }
    let name = whole(build).ok_or("its Makefile builds something else than the package of its directory")?;
    let engine = calls.map(|calls| engine::prove(&own, dir, calls, Made::Libraries)).transpose()?;
    if !text("package.sh").is_some_and(|text| copies(&text, name, engine.as_ref())) {
        return Err("its package.sh copies more than what is built");
    }
    let run = text("run.sh").ok_or("it has no run.sh")?;
    let told =
        starts(&run, name, engine.is_some()).ok_or("its run.sh does more than to start the program")?;
    let engine = match (engine, told.as_slice()) {
        (None, []) => None,
        (Some(engine), [variable]) => Some((variable.clone(), engine)),
        (Some(engine), []) => {
            let asked = asked(tree, dir).ok_or("nothing says how its program finds the library")?;
            Some((asked, engine))
        }
        _ => return Err("its run.sh sets other variables than the one of its library"),
    };
    let imports = tree.has(Utf8Path::new("go.mod")) && tree.has(Utf8Path::new(CONTRACT));
    Ok(Go { stubs: imports.then_some(STUBS), engine })
}

fn is_build(command: &Command) -> bool {
    let program = command.argv.first().map(String::as_str);
    matches!(program, Some("go" | "$(GOCMD)")) && command.argv.get(1).is_some_and(|verb| verb == "build")
}

/// The program, if its directory itself is compiled into it, without a flag that is not empty or the caller's.
fn whole(build: &Command) -> Option<&str> {
    let mut words = build.argv[2..].iter();
    let (mut named, mut whole) = (None, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-o" => named = words.next().map(String::as_str),
            "-ldflags" | "-tags" => match words.next() {
                Some(value) if value.is_empty() || is_open(value) => {}
                _ => return None,
            },
            "." | "./" => whole = true,
            _ => return None,
        }
    }
    named.filter(|name| whole && !name.contains('/'))
}

/// The one variable by which its code asks where a library lies.
fn asked(tree: &Tree<'_>, dir: &Utf8Path) -> Option<String> {
    let own = |path: &&Utf8Path| path.extension() == Some("go") && !path.as_str().ends_with("_test.go");
    let texts: Vec<String> = tree.below(dir).filter(own).filter_map(|path| tree.text(path)).collect();
    let names = texts.iter().flat_map(|text| text.split("os.Getenv(\"").skip(1));
    let names = names.filter_map(|rest| rest.split_once('"')).map(|(name, _)| name);
    let names: BTreeSet<&str> = names.filter(|name| is_name(name) && name.ends_with("_LIBRARY")).collect();
    let mut names = names.into_iter();
    names.next().filter(|_| names.next().is_none()).map(str::to_owned)
}

/// Whether a script packages the program with its library and the file that starts it, and what the system has for them,
/// and no more.
pub(super) fn copies(text: &str, name: &str, engine: Option<&Engine>) -> bool {
    let stem = engine.map(|engine| engine.product.split('.').next().unwrap_or_default());
    let is_own = |file: &str| {
        let last = file.rsplit('/').next().unwrap_or_default();
        let library =
            [".so", ".dylib"].iter().find_map(|end| last.split_once(end)).is_some_and(|(own, _)| {
                Some(own) == stem
                    || own.rsplit_once('-').is_some_and(|(_, flavor)| flavor == "*")
                    || engine.is_some_and(|engine| engine.beside.iter().any(|one| one == own))
            });
        let system = ["/lib/", "/lib64/", "/usr/lib/"].iter().any(|dir| file.starts_with(dir));
        last == name
            || last == "run.sh"
            || (file == "$so" && text.contains("while read -r so"))
            || (stem.is_some() && (library || system))
    };
    own_commands(text).all(|command| match command.argv[0].as_str() {
        "set" | "mkdir" | "echo" | "ls" => true,
        // What an engine links is found by those scripts of the tree, and by us.
        "source" | "package_gpu_libs" | "exit" | "true" | "ldd" | "awk" | "sort" | "[" => stem.is_some(),
        "cp" => {
            let plain = command.argv[1..].iter().filter(|word| !word.starts_with('-') && !word.contains('>'));
            let files: Vec<&String> = plain.collect();
            files.split_last().is_some_and(|(_, from)| from.iter().all(|file| is_own(file)))
        }
        _ => false,
    })
}

/// The variables that a script sets for the program which it starts; none where it does more than that.
pub(super) fn starts(text: &str, name: &str, with_engine: bool) -> Option<Vec<String>> {
    let mut told = Vec::new();
    for Command { argv, .. } in own_commands(text) {
        match argv[0].as_str() {
            "set" => {}
            "cd" | "echo" | "grep" | "head" | "uname" if with_engine => {}
            "export" if with_engine => {
                let variables =
                    argv[1..].iter().filter_map(|word| word.split_once('=')).map(|(name, _)| name);
                // The launcher brings the package's own libraries.
                told.extend(
                    variables
                        .filter(|name| !name.ends_with("LD_LIBRARY_PATH") && !name.starts_with("DYLD_"))
                        .map(str::to_owned),
                );
            }
            "exec" if argv.iter().take(3).any(|file| file.rsplit('/').next() == Some(name)) => {}
            _ => return None,
        }
    }
    told.sort();
    told.dedup();
    Some(told)
}

/// Its commands, but for those that ask where it lies.
fn own_commands(text: &str) -> impl Iterator<Item = Command> {
    let asks =
        |line: &str| line.split_once('=').is_some_and(|(name, value)| is_name(name) && is_asked(value));
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#') && !asks(line));
    commands(&lines.collect::<Vec<_>>().join("\n"), &Words::default()).into_iter()
}

fn is_asked(value: &str) -> bool {
    let value = value.trim_matches('"');
    value.starts_with("$(") && value.ends_with(')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8PathBuf;
    use model::build_type::BuildType;
    use std::collections::BTreeMap;

    fn proven(changed: &[(&str, &str)]) -> Result<Go, &'static str> {
        let mut files = BTreeMap::from([
            ("go.mod", "module e.org/m\n"),
            ("backend/backend.proto", ""),
            ("backend/go/a/main.go", "package main\n"),
            (
                "backend/go/a/Makefile",
                "GOCMD=go\na:\n\tCGO_ENABLED=0 $(GOCMD) build -tags \"$(T)\" -o a ./\n",
            ),
            (
                "backend/go/a/package.sh",
                "#!/bin/sh\nHERE=$(dirname \"$0\")\nmkdir -p $HERE/p\ncp -a $HERE/a $HERE/p/\n",
            ),
            ("backend/go/a/run.sh", "set -e\nHERE=\"$(dirname \"$0\")\"\nexec \"$HERE\"/a \"$@\"\n"),
        ]);
        files.extend(changed.iter().copied());
        let read = |path: &Utf8Path| files.get(path.as_str()).map(|text| (*text).to_owned());
        let tree = Tree {
            files: files.keys().map(Utf8PathBuf::from).collect(),
            submodules: BTreeMap::new(),
            read: &read,
        };
        let fetches = changed.iter().any(|(path, _)| Utf8Path::new(path).extension() == Some("cpp"));
        let called = |variant: &str, platform: &str, build_type, cuda: Option<&str>| Called {
            variant: variant.parse().unwrap(),
            platform: platform.parse().unwrap(),
            build_type,
            cuda: cuda.map(|cuda| cuda.parse().unwrap()),
        };
        let calls = [
            called("cpu", "linux/amd64", BuildType::Cpu, None),
            called("cpu", "linux/arm64", BuildType::Cpu, None),
            called("cuda-12", "linux/amd64", BuildType::Cublas, Some("12.8")),
            called("cuda-13", "linux/amd64", BuildType::Cublas, Some("13.0")),
            called("l4t-cuda-13", "linux/arm64", BuildType::Cublas, Some("13.0")),
            called("rocm", "linux/amd64", BuildType::Hipblas, None),
            called("metal", "darwin/arm64", BuildType::Metal, None),
        ];
        prove(&tree, Utf8Path::new("backend/go/a"), fetches.then_some(&calls))
    }

    #[test]
    fn one_program_is_built_natively_and_all_else_is_named() {
        assert_eq!(proven(&[]), Ok(Go { stubs: Some(STUBS), engine: None }));
        let refused =
            |file: &str, text: &str| proven(&[(&format!("backend/go/a/{file}"), text)]).unwrap_err();
        assert!(refused("shim.c", "").contains("compiles C"));
        assert!(refused("Makefile", "a:\n\tgo build -o a .\n").contains("with cgo"));
        assert!(refused("Makefile", "a:\n\tCGO_ENABLED=0 go build -o b .\n").contains("package.sh"));
        assert!(
            refused("Makefile", "a:\n\tCGO_ENABLED=0 go build -race -o a .\n").contains("something else")
        );
        assert!(refused("Makefile", "a:\n\tmake b\n").contains("one program"));
        assert!(refused("package.sh", "cp a data p/\n").contains("package.sh"));
        assert!(refused("package.sh", "cp a p/\n. ../libs.sh\n").contains("package.sh"));
        assert!(refused("run.sh", "export A=1\nexec ./a\n").contains("run.sh"));
    }

    const ENGINE: &str = "T?=libe.so\nCMAKE_ARGS+=-DB=OFF\nifeq ($(BUILD_TYPE),cublas)\n\tCMAKE_ARGS+=-DCUDA=ON\nelse ifeq ($(BUILD_TYPE),hipblas)\n\texport CC=/c\n\tCMAKE_ARGS+=-DHIP=$(AMDGPU_TARGETS)\nendif\na: main.go\n\tCGO_ENABLED=0 go build -o a ./\nifeq ($(UNAME_S),Linux)\nlibe-avx2.so: s\n\tSO_TARGET=libe-avx2.so CMAKE_ARGS=\"$(CMAKE_ARGS) -DAVX2=on\" $(MAKE) one\nendif\nlibe-fallback.so: s\n\tSO_TARGET=libe-fallback.so CMAKE_ARGS=\"$(CMAKE_ARGS) -DAVX2=off\" $(MAKE) one\none: CMakeLists.txt\n\tmkdir -p b-$(SO_TARGET) && \\\n\tcd b-$(SO_TARGET) && \\\n\tcmake .. $(CMAKE_ARGS) && \\\n\tcmake --build . -j2 --target e && \\\n\tcd .. && \\\n\t(mv b-$(SO_TARGET)/libe.so ./$(SO_TARGET) 2>/dev/null || \\\n\t mv b-$(SO_TARGET)/libe.dylib ./$(SO_TARGET))\n";
    const RUN: &str = "HERE=$(dirname \"$0\")\ncd /\nif [ \"$(uname)\" = \"Darwin\" ]; then\n\tL=\"$HERE/libe-fallback.dylib\"\nelse\n\tif grep -q avx2 /proc/cpuinfo; then\n\t\tL=\"$HERE/libe-avx2.so\"\n\tfi\n\texport LD_LIBRARY_PATH=\"$HERE\"/lib\nfi\nexport E_LIBRARY=$L\nif [ -f \"$HERE\"/lib/ld.so ]; then\n\texec \"$HERE\"/lib/ld.so \"$HERE\"/a \"$@\"\nfi\nexec \"$HERE\"/a \"$@\"\n";
    const PACK: &str = "cp -a $HERE/a $HERE/p/\ncp -f $HERE/libe-*.so $HERE/p/ 2>/dev/null || true\nsource \"$HERE/../libs.sh\" \"$HERE/p/lib\"\n";

    #[test]
    fn an_engine_is_proven_with_its_options_by_build_type_and_flavor() {
        let with = |changed: &[(&str, &str)]| {
            let given = [("e.cpp", ""), ("Makefile", ENGINE), ("run.sh", RUN), ("package.sh", PACK)];
            let all = given.iter().chain(changed).map(|(file, text)| (format!("backend/go/a/{file}"), *text));
            let all: Vec<(String, &str)> = all.collect();
            proven(&all.iter().map(|(file, text)| (file.as_str(), *text)).collect::<Vec<_>>())
        };
        let (variable, engine) = with(&[]).unwrap().engine.unwrap();
        let told = format!(
            "{variable} {} {:?} {} {:?} {:?} {:?}",
            engine.project, engine.target, engine.product, engine.options, engine.build_types, engine.flavors
        );
        assert_eq!(
            told,
            r#"E_LIBRARY backend/go/a Some("e") libe.so {"B": "OFF"} {Cublas: {"CUDA": "ON"}, Hipblas: {"CMAKE_C_COMPILER": "/c", "HIP": "${gpu-targets}"}} {Fallback: {"AVX2": "off"}, Avx2: {"AVX2": "on"}}"#
        );
        assert!(with(&[("run.sh", "export A=1 B=2\nexec ./a\n")]).unwrap_err().contains("other variables"));
        assert!(with(&[("package.sh", "cp a data p/\n")]).unwrap_err().contains("package.sh"));
        let patched = ENGINE.replace("cmake ..", "sed -i s/a/b/ x && cmake ..");
        assert!(with(&[("Makefile", &patched)]).unwrap_err().contains("more than that"));
        let twice =
            ENGINE.replace("SO_TARGET=lib", "SO=lib").replace("\na: main.go", "\nx:\n\tcmake y\na: main.go");
        assert!(with(&[("Makefile", &twice)]).unwrap_err().contains("in several"));
    }

    const ALONE: &str = "ARCH?=$(or $(TARGETARCH),$(shell uname -m))\nCMAKE_ARGS?=-DS=ON\nifeq ($(BUILD_TYPE),cublas)\n\tCMAKE_ARGS+=-DCUDA=ON\n\tifeq ($(CUDA_MAJOR_VERSION),13)\n\tifneq (,$(filter arm64 aarch64,$(ARCH)))\n\t\tCMAKE_ARGS+=-DCUDNN=ON\n\tendif\n\tendif\nendif\nlibe.so: sources/e\n\tcmake -B sources/e/build -S sources/e $(CMAKE_ARGS)\n\tcmake --build sources/e/build -j$(JOBS)\n\tcp -fv sources/e/build/libe.so* ./ 2>/dev/null || true\n\tcp -P sources/e/build/bin/libggml*.so* .\n\tcp -fv sources/e/build/libe.dylib sources/e/e.h ./\na-grpc: libe.so\n\tCGO_ENABLED=0 go build -o a-grpc .\n";

    #[test]
    fn one_library_is_proven_with_its_options_by_variant_and_the_variable_that_its_program_reads() {
        let with = |changed: &[(&str, &str)]| {
            let given = [
                ("e.cpp", ""),
                ("Makefile", ALONE),
                ("main.go", "package main\nvar l = os.Getenv(\"E_LIBRARY\")\n"),
                ("main_test.go", "package main\nvar l = os.Getenv(\"T_LIBRARY\")\n"),
                ("run.sh", "export LD_LIBRARY_PATH=x\nexec \"$HERE/a-grpc\" \"$@\"\n"),
                ("package.sh", "cp -a $HERE/a-grpc p/\ncp -a $HERE/libe.so* $HERE/libggml*.so* p/lib/\n"),
            ];
            let all = given.iter().chain(changed).map(|(file, text)| (format!("backend/go/a/{file}"), *text));
            let all: Vec<(String, &str)> = all.collect();
            proven(&all.iter().map(|(file, text)| (file.as_str(), *text)).collect::<Vec<_>>())
        };
        let (variable, engine) = with(&[]).unwrap().engine.unwrap();
        let told = format!(
            "{variable} {} {} {:?} {:?} {:?} {:?}",
            engine.project,
            engine.product,
            engine.beside,
            engine.options,
            engine.build_types,
            engine.by_variant
        );
        assert_eq!(
            told,
            r#"E_LIBRARY backend/go/a/sources/e libe.so ["libggml*"] {"S": "ON"} {Cublas: {"CUDA": "ON"}} {VariantName("l4t-cuda-13"): {"CUDNN": "ON"}}"#
        );
        assert!(engine.flavors.is_empty());
        let silent = with(&[("main.go", "package main\n")]).unwrap_err();
        assert!(silent.contains("how its program finds"), "{silent}");
        let more = ALONE.replace("sources/e/e.h", "sources/e/e.bin");
        assert!(with(&[("Makefile", &more)]).unwrap_err().contains("more than libraries"));
        for change in ["sed -i s/a/b/ x", "git apply ../x.patch"] {
            let changed = ALONE
                .replace("libe.so: ", &format!("sources/e:\n\tgit clone u sources/e && {change}\nlibe.so: "));
            assert!(with(&[("Makefile", &changed)]).unwrap_err().contains("fetches its tree"), "{change}");
        }
        let open = ALONE.replace("$(or $(TARGETARCH),$(shell uname -m))", "$(shell uname -m)");
        assert!(with(&[("Makefile", &open)]).unwrap_err().contains("only make"));
    }
}
