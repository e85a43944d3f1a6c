//! The compiler cache, threaded through commands as variables that no key sees.

use crate::cmd::Cmd;
use crate::request::CompilerCache;
use model::arg::{Arg, Place};
use model::name::Label;
use model::platform::Os;

/// What there is room for in the caches that GitHub keeps of jobs for macOS.
const ON_MAC: &str = "2G";

/// `cmd` with settings under which two builds share objects, in whatever checkout, container or home directory: build
/// directories, sources and dependencies stand below one base, at the same paths from each other, and the compiler is
/// known by its content.
pub(super) fn through(cmd: Cmd, cache: CompilerCache, os: Os, build: &Label) -> Cmd {
    let launcher = match cache {
        CompilerCache::Off => return cmd,
        CompilerCache::Ccache => "ccache",
        CompilerCache::Sccache => "sccache",
    };
    let mut cmd = cmd;
    for language in ["C", "CXX", "CUDA", "HIP", "OBJC", "OBJCXX"] {
        cmd = cmd.tuning(&format!("CMAKE_{language}_COMPILER_LAUNCHER"), launcher);
    }
    if launcher == "sccache" {
        return cmd.tuning("SCCACHE_DIR", directory("sccache", build));
    }
    cmd.tuning("CCACHE_DIR", directory("ccache", build))
        .tuning("CCACHE_BASEDIR", Arg::place(Place::Build(build.clone())).then("/../.."))
        .tuning("CCACHE_COMPILERCHECK", "content")
        .tuning("CCACHE_MAXSIZE", if os == Os::Darwin { ON_MAC } else { "5G" })
        .tuning("CCACHE_STATSLOG", Arg::place(Place::Build(build.clone())).then("/ccache-stats.log"))
}

fn directory(name: &str, build: &Label) -> Arg {
    // The names are constants of this file and always valid; a build label stands in rather than a panic.
    Arg::place(Place::Cache(name.parse().unwrap_or_else(|_| build.clone())))
}
