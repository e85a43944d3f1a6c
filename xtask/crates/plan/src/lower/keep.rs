//! Which parts of the build directories a package is made of.

use model::arg::{Arg, Piece, Place};
use model::package::Package;

/// The paths in build directories that the package's rules read.
pub(super) fn kept(package: &Package) -> impl Iterator<Item = &Arg> {
    // Destructured in full: a rule that is added must be looked at here.
    let Package {
        calls: _,
        programs: _,
        helpers: _,
        libraries,
        data,
        library_dirs,
        vulkan_drivers: _,
        extra_libraries: _,
        env: _,
        env_if_exists: _,
        told: _,
        own_libraries: _,
        licenses,
        license_tree,
        links,
        plugins,
        min_macos: _,
        host_shell: _,
    } = package;
    let args = libraries.iter().chain(license_tree).chain(library_dirs).chain(links).chain(plugins);
    let args = args.chain(data.iter().map(|(from, _)| from)).chain(licenses.iter().map(|(_, file)| file));
    args.filter(|arg| matches!(arg.pieces().first(), Some(Piece::Place(Place::Build(_)))))
}
