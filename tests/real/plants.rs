//! What people, version managers and other distributions leave around a build.

/// Something outside of the declared inputs and facts. `{prefix}` and `{home}` stand for the directories.
pub enum Plant {
    /// A variable of the user's.
    Variable(&'static str, &'static str),
    /// A file in the user's home.
    Home(&'static str, &'static str),
    /// A file in directories above the checkout, the cache and the work directories.
    Above(&'static str, &'static str),
    /// A file in the checkout's root, undeclared.
    Checkout(&'static str, &'static str),
    /// A file in a prefix whose `bin` is first on the user's PATH.
    Prefix(&'static str, &'static str),
    /// A file in the caches of tools.
    Caches(&'static str, &'static str),
}

/// Whose build it is.
#[derive(Clone, Copy)]
pub enum Family {
    Cpp,
    Go,
    Python,
    Rust,
}

use Plant::{Above, Caches, Checkout, Home, Prefix, Variable};

/// A program that nobody may call.
const BROKEN: &str = "#!/bin/sh\necho \"a foreign program was called: $0\" >&2\nexit 66\n";

/// All that is planted for a family.
pub fn of(family: Family) -> Vec<Plant> {
    let mut all = everybody();
    all.extend(match family {
        Family::Cpp => cpp(),
        Family::Go => go(),
        Family::Python => python(),
        Family::Rust => rust(),
    });
    all
}

fn everybody() -> Vec<Plant> {
    let mut all: Vec<Plant> = [
        "bin/cc",
        "bin/c++",
        "bin/gcc",
        "bin/g++",
        "bin/ld",
        "bin/ar",
        "bin/as",
        "bin/ranlib",
        "bin/strip",
        "bin/nm",
        "bin/objcopy",
        "bin/pkg-config",
        "bin/python3",
        "bin/protoc",
        "bin/sh",
        "bin/tar",
        "bin/cp",
        "bin/planted",
    ]
    .map(|path| Prefix(path, BROKEN))
    .into();
    all.extend([
        Variable("LANG", "de_DE.UTF-8"),
        Variable("LC_ALL", "tr_TR.UTF-8"),
        Variable("TZ", "Pacific/Apia"),
        Variable("SOURCE_DATE_EPOCH", "1234567890"),
        Variable("TMPDIR", "{home}/tmp"),
        Variable("XDG_CONFIG_HOME", "{home}/.config"),
        Variable("LD_LIBRARY_PATH", "{prefix}/lib"),
        Variable("CC", "{prefix}/bin/cc"),
        Variable("CXX", "{prefix}/bin/c++"),
        Variable("CFLAGS", "-O0 -DPLANTED=\\\"CFLAGS\\\""),
        Variable("CXXFLAGS", "-O0 -DPLANTED=\\\"CXXFLAGS\\\""),
        Variable("LDFLAGS", "-Wl,--no-such-option"),
        Variable("CPATH", "{prefix}/include"),
        Variable("LIBRARY_PATH", "{prefix}/lib"),
        Variable("COMPILER_PATH", "{prefix}/bin"),
        Home(".gitconfig", "[core]\n\tautocrlf = true\n\texcludesFile = {home}/ignore\n"),
        Home("ignore", "*\n"),
        Home("tmp/x", ""),
        Home(".tool-versions", "golang 1.10\nrust 1.20\npython 2.7\n"),
        Above(".tool-versions", "golang 1.10\nrust 1.20\npython 2.7\n"),
        Above("mise.toml", "[tools]\ngo = \"1.10\"\n"),
        Above(".envrc", "export PLANTED=1\n"),
        Prefix("include/zlib.h", "#error a foreign header\n"),
        Prefix("include/stdio.h", "#error a foreign header\n"),
        Prefix("lib/libz.a", "no archive\n"),
        Prefix("lib/libc.a", "no archive\n"),
    ]);
    all
}

fn cpp() -> Vec<Plant> {
    const PLANTED: &str = "set(Planted_FOUND TRUE)\n";
    vec![
        Variable("CMAKE_PREFIX_PATH", "{prefix}"),
        Variable("CMAKE_INCLUDE_PATH", "{prefix}/include"),
        Variable("CMAKE_LIBRARY_PATH", "{prefix}/lib"),
        Variable("CMAKE_PROGRAM_PATH", "{prefix}/bin"),
        Variable("CMAKE_TOOLCHAIN_FILE", "{prefix}/toolchain.cmake"),
        Variable("CMAKE_BUILD_TYPE", "Debug"),
        Variable("CMAKE_GENERATOR", "Unix Makefiles"),
        Variable("CMAKE_CXX_COMPILER_LAUNCHER", "{prefix}/bin/planted"),
        Variable("Planted_DIR", "{prefix}/lib/cmake/Planted"),
        Variable("Planted_ROOT", "{prefix}"),
        Variable("PKG_CONFIG_PATH", "{prefix}/lib/pkgconfig"),
        Variable("NINJA_STATUS", "planted "),
        Variable("MAKEFLAGS", "-j99 PLANTED=1"),
        Variable("VERBOSE", "1"),
        Variable("CCACHE_PREFIX", "{prefix}/bin/planted"),
        Variable("CCACHE_COMPILER", "{prefix}/bin/cc"),
        Variable("CCACHE_EXTRAFILES", "{home}/ignore"),
        Variable("CCACHE_DISABLE", "1"),
        Variable("GCC_EXEC_PREFIX", "{prefix}/lib/gcc/"),
        Variable("CPLUS_INCLUDE_PATH", "{prefix}/include"),
        Variable("C_INCLUDE_PATH", "{prefix}/include"),
        Variable("DEPENDENCIES_OUTPUT", "{home}/dependencies"),
        Home(".cmake/packages/Planted/1", "{prefix}/lib/cmake/Planted"),
        Home(".config/ccache/ccache.conf", "prefix_command = {prefix}/bin/planted\n"),
        Home(".ccache/ccache.conf", "compiler = {prefix}/bin/cc\n"),
        Caches("ccache/ccache.conf", "prefix_command = {prefix}/bin/planted\n"),
        Prefix("toolchain.cmake", "message(FATAL_ERROR \"a foreign toolchain\")\n"),
        Prefix("lib/cmake/Planted/PlantedConfig.cmake", PLANTED),
        Prefix("share/cmake/Planted/PlantedConfig.cmake", PLANTED),
        Prefix("include/planted.h", ""),
        Prefix("lib/libplanted.a", ""),
        Prefix("lib/pkgconfig/zlib.pc", "Name: zlib\nVersion: 0\nLibs: -lplanted\n"),
        Above("CMakeLists.txt", "message(FATAL_ERROR \"a foreign project\")\n"),
        Above("CMakePresets.json", "{\"version\": 3}\n"),
        Checkout("CMakeUserPresets.json", "{\"version\": 3}\n"),
    ]
}

fn go() -> Vec<Plant> {
    vec![
        Variable("GOFLAGS", "-ldflags=-X=main.planted=1 -tags=planted"),
        Variable("GOENV", "{home}/.config/go/env"),
        Variable("GOEXPERIMENT", "arenas"),
        Variable("GOAMD64", "v3"),
        Variable("GOFIPS140", "latest"),
        Variable("GOROOT", "{prefix}"),
        Variable("GOPATH", "{home}/gopath"),
        Variable("GOCACHE", "off"),
        Variable("GOMODCACHE", "{home}/modules"),
        Variable("GODEBUG", "gocachehash=1"),
        Variable("GOOS", "plan9"),
        Variable("GOARCH", "wasm"),
        Variable("GO111MODULE", "off"),
        Variable("GOWORK", "{home}/go.work"),
        Variable("GOTOOLCHAIN", "go1.10+auto"),
        Variable("GOTMPDIR", "{home}/none"),
        Variable("GOVCS", "off"),
        Variable("CGO_ENABLED", "1"),
        Variable("CGO_CFLAGS", "-DPLANTED"),
        Variable("CGO_LDFLAGS", "-lplanted"),
        Home(".config/go/env", "GOFIPS140=latest\nGOFLAGS=-tags=planted\nGOAMD64=v3\n"),
        Home("go.work", "go 1.24\n\nuse ./nowhere\n"),
        Home("go/env", "GOFLAGS=-race\n"),
        Above("go.work", "go 1.24\n\nuse ./nowhere\n"),
        Above("go.mod", "module planted\n"),
        Above("vendor/modules.txt", "# planted\n"),
        Above(".go-version", "1.10\n"),
        Checkout("go.work", "go 1.24\n\nuse ./nowhere\n"),
        Checkout("go.mod", "module planted\n"),
        Prefix("bin/go", BROKEN),
        Prefix("bin/gofmt", BROKEN),
    ]
}

fn rust() -> Vec<Plant> {
    const CONFIGURATION: &str = "[build]\nrustc-wrapper = \"{prefix}/bin/planted\"\n\
        [env]\nPLANTED = { value = \"configured\", force = true }\n\
        [profile.release]\ndebug-assertions = true\n[target.x86_64-unknown-linux-gnu]\nlinker = \"{prefix}/bin/cc\"\n";
    vec![
        Variable("RUSTFLAGS", "-C debug-assertions"),
        Variable("CARGO_ENCODED_RUSTFLAGS", "-Cdebug-assertions"),
        Variable("CARGO_BUILD_RUSTFLAGS", "-C debug-assertions"),
        Variable("CARGO_BUILD_TARGET", "wasm32-unknown-unknown"),
        Variable("CARGO_TARGET_DIR", "{home}/target"),
        Variable("CARGO_HOME", "{home}/cargo-home"),
        Variable("CARGO_INCREMENTAL", "1"),
        Variable("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true"),
        Variable("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
        Variable("CARGO_PROFILE_RELEASE_STRIP", "none"),
        Variable("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "{prefix}/bin/cc"),
        Variable("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", "-C debug-assertions"),
        Variable("CARGO_UNSTABLE_BUILD_STD", "std"),
        Variable("PLANTED", "a variable"),
        Variable("RUSTC", "{prefix}/bin/planted"),
        Variable("RUSTC_WRAPPER", "{prefix}/bin/planted"),
        Variable("RUSTC_WORKSPACE_WRAPPER", "{prefix}/bin/planted"),
        Variable("RUSTC_BOOTSTRAP", "1"),
        Variable("RUSTC_LOG", "info"),
        Home(".cargo/config.toml", CONFIGURATION),
        Home(".cargo/config", CONFIGURATION),
        Home("cargo-home/config.toml", CONFIGURATION),
        Above(".cargo/config.toml", CONFIGURATION),
        Above("Cargo.toml", "[workspace]\nmembers = [\"nowhere\"]\n"),
        Above("rust-toolchain.toml", "[toolchain]\nchannel = \"1.20.0\"\n"),
        Above("rust-toolchain", "1.20.0\n"),
        Checkout(".cargo/config.toml", CONFIGURATION),
        Checkout("Cargo.toml", "[workspace]\nmembers = [\"nowhere\"]\n"),
        Caches("cargo/config.toml", CONFIGURATION),
        Caches("cargo/config", CONFIGURATION),
        Prefix("bin/cargo", BROKEN),
        Prefix("bin/rustc", BROKEN),
    ]
}

fn python() -> Vec<Plant> {
    const SETTINGS: &str = "index-url = \"https://index.invalid/simple\"\n[pip]\nresolution = \"lowest\"\n";
    const EVIL: &str = "raise SystemExit('a foreign module was imported')\n";
    vec![
        Variable("PYTHONPATH", "{home}/modules"),
        Variable("PYTHONHOME", "{home}"),
        Variable("PYTHONSTARTUP", "{home}/modules/sitecustomize.py"),
        Variable("PYTHONOPTIMIZE", "2"),
        Variable("PYTHONHASHSEED", "1"),
        Variable("PYTHONPYCACHEPREFIX", "{home}/pycache"),
        Variable("PYTHONNODEBUGRANGES", "1"),
        Variable("PYTHONWARNINGS", "error"),
        Variable("PYTHONUSERBASE", "{home}/base"),
        Variable("VIRTUAL_ENV", "{home}/venv"),
        Variable("CONDA_PREFIX", "{prefix}"),
        Variable("UV_CONFIG_FILE", "{home}/.config/uv/uv.toml"),
        Variable("UV_INDEX", "https://index.invalid/simple"),
        Variable("UV_EXTRA_INDEX_URL", "https://index.invalid/simple"),
        Variable("UV_FIND_LINKS", "{home}/wheels"),
        Variable("UV_RESOLUTION", "lowest"),
        Variable("UV_PRERELEASE", "allow"),
        Variable("UV_EXCLUDE_NEWER", "2024-01-01"),
        Variable("UV_CONSTRAINT", "{home}/constraints.txt"),
        Variable("UV_OVERRIDE", "{home}/constraints.txt"),
        Variable("UV_NO_BINARY", "1"),
        Variable("UV_PYTHON", "2.7"),
        Variable("UV_CACHE_DIR", "{home}/uv-cache"),
        Variable("UV_LINK_MODE", "symlink"),
        Variable("UV_COMPILE_BYTECODE", "1"),
        Variable("UV_OFFLINE", "1"),
        Variable("UV_PROJECT", "{home}"),
        Variable("UV_WORKING_DIRECTORY", "{home}"),
        Variable("PIP_INDEX_URL", "https://index.invalid/simple"),
        Variable("PIP_CONFIG_FILE", "{home}/pip.conf"),
        Home("pip.conf", "[global]\nindex-url = https://index.invalid/simple\n"),
        Home(".config/uv/uv.toml", SETTINGS),
        Home(".config/pip/pip.conf", "[global]\nindex-url = https://index.invalid/simple\n"),
        Home(".pydistutils.cfg", "[install]\nprefix = {home}\n"),
        Home(".netrc", "machine index.invalid login x password y\n"),
        Home("constraints.txt", "numpy==1.0\nprotobuf==3.0\n"),
        Home("modules/sitecustomize.py", EVIL),
        Home("modules/usercustomize.py", EVIL),
        Home("modules/grpc_tools/__init__.py", EVIL),
        Home(".local/lib/python3.11/site-packages/usercustomize.py", EVIL),
        Above("uv.toml", SETTINGS),
        Above("pyproject.toml", "[tool.uv]\nindex-url = \"https://index.invalid/simple\"\n"),
        Above(".python-version", "2.7\n"),
        Above("pyvenv.cfg", "home = {home}\n"),
        Above("sitecustomize.py", EVIL),
        Checkout("uv.toml", SETTINGS),
        Checkout("pyproject.toml", "[tool.uv]\nindex-url = \"https://index.invalid/simple\"\n"),
        Caches("uv/uv.toml", SETTINGS),
    ]
}
