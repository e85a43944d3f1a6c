//! What keeps CMake from finding anything that no fact names, and linkers from using anything without saying so.

use super::{Context, PlanError};
use crate::cmd::Cmd;
use model::arg::{Arg, Place};
use model::platform::Os;

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
pub(super) fn options(context: &Context<'_>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let search = SEARCH.into_iter().filter(|_| prefix(context).is_some());
    search.chain(LINKING.into_iter().filter(|_| context.platform.os == Os::Linux))
}

/// The one prefix of the system that is looked into; none where the system as a whole is in the key.
pub(super) fn prefix(context: &Context<'_>) -> Option<&'static str> {
    (context.platform.os == Os::Linux && !context.in_container()).then_some(SYSTEM_PREFIX)
}

/// Where a unit's dependency files are gathered; none where linkers write none.
pub(super) fn links(context: &Context<'_>) -> Result<Option<Arg>, PlanError> {
    let place = Arg::place(Place::Build(Context::label("links")?));
    Ok((context.platform.os == Os::Linux).then_some(place))
}

/// A configuration on a host that looks into no prefix but the system's.
pub(super) fn on_host(configure: Cmd) -> Cmd {
    let options = SEARCH.iter().map(|(key, value)| format!("-D{key}={value}"));
    configure.args(options).arg(format!("-DCMAKE_PREFIX_PATH={SYSTEM_PREFIX}"))
}
