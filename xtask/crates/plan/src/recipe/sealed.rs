//! What keeps CMake from finding anything that no fact names, and linkers from using anything without saying so.

use super::{Context, PlanError};
use crate::cmd::Cmd;
use model::arg::{Arg, Place};
use model::macos::homebrew_prefix;
use model::platform::{Arch, Os, Platform};

/// The end of the names of files in which linkers say what they read.
pub(super) const LINK: &str = ".link.d";
/// Where the distribution's own files are.
const SYSTEM_PREFIX: &str = "/usr";

/// Prefixes beside the system's, among them `/usr/local`, the one that CMake itself lies in and all that users ever built:
/// on a host each holds what another distribution, a package manager or its user put there. An image holds what its key
/// names.
const SEARCH: [(&str, &str); 3] = [
    ("CMAKE_FIND_USE_CMAKE_SYSTEM_PATH", "OFF"),
    ("CMAKE_FIND_USE_PACKAGE_REGISTRY", "OFF"),
    ("CMAKE_FIND_USE_SYSTEM_PACKAGE_REGISTRY", "OFF"),
];

/// What others install on Macs: each tool's place is in no key, and libraries for the other processor lie in one of them.
fn foreign_prefixes(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => "/usr/local;/opt/local;/sw",
        Arch::Amd64 => "/opt/homebrew;/opt/local;/sw",
    }
}

/// CMake's own rules, with a dependency file beside each target.
const LINKING: [(&str, &str); 5] = [
    (
        "CMAKE_C_LINK_EXECUTABLE",
        "<CMAKE_C_COMPILER> <FLAGS> <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> -Wl,--dependency-file=<TARGET>.link.d \
         <OBJECTS> -o <TARGET> <LINK_LIBRARIES>",
    ),
    (
        "CMAKE_CXX_LINK_EXECUTABLE",
        "<CMAKE_CXX_COMPILER> <FLAGS> <CMAKE_CXX_LINK_FLAGS> <LINK_FLAGS> -Wl,--dependency-file=<TARGET>.link.d \
         <OBJECTS> -o <TARGET> <LINK_LIBRARIES>",
    ),
    (
        "CMAKE_C_CREATE_SHARED_LIBRARY",
        "<CMAKE_C_COMPILER> <CMAKE_SHARED_LIBRARY_C_FLAGS> <LANGUAGE_COMPILE_FLAGS> <LINK_FLAGS> \
         <CMAKE_SHARED_LIBRARY_CREATE_C_FLAGS> <SONAME_FLAG><TARGET_SONAME> -Wl,--dependency-file=<TARGET>.link.d \
         -o <TARGET> <OBJECTS> <LINK_LIBRARIES>",
    ),
    (
        "CMAKE_CXX_CREATE_SHARED_LIBRARY",
        "<CMAKE_CXX_COMPILER> <CMAKE_SHARED_LIBRARY_CXX_FLAGS> <LANGUAGE_COMPILE_FLAGS> <LINK_FLAGS> \
         <CMAKE_SHARED_LIBRARY_CREATE_CXX_FLAGS> <SONAME_FLAG><TARGET_SONAME> -Wl,--dependency-file=<TARGET>.link.d \
         -o <TARGET> <OBJECTS> <LINK_LIBRARIES>",
    ),
    // From 3.27 on CMake asks linkers for such a file itself; they write one.
    ("CMAKE_LINK_DEPENDS_USE_LINKER", "OFF"),
];

/// Options of every configuration.
pub(super) fn options(context: &Context<'_>) -> Vec<(&'static str, &'static str)> {
    if context.is_mac() {
        return on_mac(context.platform.arch).into();
    }
    let search = SEARCH.into_iter().filter(|_| prefix(context).is_some());
    search.chain(LINKING).collect()
}

/// A Mac's frameworks are found through the system's path, which therefore stays.
fn on_mac(arch: Arch) -> [(&'static str, &'static str); 7] {
    let machine = match arch {
        Arch::Arm64 => "arm64",
        Arch::Amd64 => "x86_64",
    };
    // Packages get other install names and run paths: the header must have room for them.
    let room = "-Wl,-headerpad_max_install_names";
    [
        SEARCH[1],
        SEARCH[2],
        ("CMAKE_IGNORE_PREFIX_PATH", foreign_prefixes(arch)),
        // A CMake that is translated would compile for what it runs as.
        ("CMAKE_OSX_ARCHITECTURES", machine),
        ("CMAKE_EXE_LINKER_FLAGS", room),
        ("CMAKE_SHARED_LINKER_FLAGS", room),
        ("CMAKE_MODULE_LINKER_FLAGS", room),
    ]
}

/// The one prefix of the system that is looked into; none where the system as a whole is in the key.
pub(super) fn prefix(context: &Context<'_>) -> Option<&'static str> {
    (!context.in_container()).then(|| prefix_of(context.platform))
}

fn prefix_of(platform: Platform) -> &'static str {
    match platform.os {
        Os::Linux => SYSTEM_PREFIX,
        Os::Darwin => homebrew_prefix(platform.arch),
    }
}

/// Where a unit's dependency files are gathered; none where linkers write none.
pub(super) fn links(context: &Context<'_>) -> Result<Option<Arg>, PlanError> {
    let place = Arg::place(Place::Build(Context::label("links")?));
    Ok((context.platform.os == Os::Linux).then_some(place))
}

/// A configuration on a host that looks into no prefix but the system's.
pub(super) fn on_host(configure: Cmd, platform: Platform) -> Cmd {
    let options = match platform.os {
        Os::Linux => SEARCH.to_vec(),
        Os::Darwin => on_mac(platform.arch).into(),
    };
    let prefix = prefix_of(platform);
    // OpenSSL is one of those that Homebrew does not link into its prefix: macOS has a library of that name.
    let beside = if platform.os == Os::Darwin { format!(";{prefix}/opt/openssl@3") } else { String::new() };
    let options = options.iter().map(|(key, value)| format!("-D{key}={value}"));
    configure.args(options).arg(format!("-DCMAKE_PREFIX_PATH={prefix}{beside}"))
}
