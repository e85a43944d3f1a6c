//! Which files an install name may mean, in dyld's order.

use camino::{Utf8Path, Utf8PathBuf};
use model::text::paths::normalize;

/// A file that is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Loaded<'a> {
    /// Where it lies.
    pub path: &'a Utf8Path,
    /// Its run paths.
    pub rpaths: &'a [String],
}

/// Is this one of the libraries that every Mac has? They are in no file, so nothing can be looked up.
pub fn is_system(name: &str) -> bool {
    let inside = normalize(Utf8Path::new(name)).unwrap_or_default();
    ["usr/lib", "System/Library", "/usr/lib", "/System/Library"]
        .iter()
        .any(|root| name.starts_with('/') && inside.starts_with(root))
}

/// The files that a name may mean, the first that is there counts. `chain` is the file that names it, last, after those
/// that loaded it, the program first.
pub fn candidates(name: &str, chain: &[Loaded<'_>]) -> Vec<Utf8PathBuf> {
    let (Some(main), Some(file)) = (chain.first(), chain.last()) else { return Vec::new() };
    match name.strip_prefix("@rpath") {
        Some(rest) if rest.starts_with('/') => {
            let paths =
                chain.iter().rev().flat_map(|loaded| loaded.rpaths.iter().map(move |path| (loaded, path)));
            let places = paths.filter_map(|(loaded, path)| expand(path, loaded.path, main.path));
            places.filter_map(|place| normalize(&place.join(rest.trim_start_matches('/')))).collect()
        }
        _ => expand(name, file.path, main.path).into_iter().collect(),
    }
}

/// A path without `@loader_path` and `@executable_path`; none if it is relative to where a program is started.
fn expand(path: &str, loader: &Utf8Path, main: &Utf8Path) -> Option<Utf8PathBuf> {
    for (word, file) in [("@loader_path", loader), ("@executable_path", main)] {
        if let Some(rest) = after(word, path) {
            return normalize(&file.parent().unwrap_or(Utf8Path::new("")).join(rest));
        }
    }
    path.starts_with('/').then(|| normalize(Utf8Path::new(path))).flatten()
}

/// What follows a word at the front of a path.
pub(crate) fn after<'a>(word: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(word)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_libraries_are_told_by_their_path() {
        assert!(is_system("/usr/lib/libSystem.B.dylib"));
        assert!(is_system("/System/Library/Frameworks/Metal.framework/Versions/A/Metal"));
        for other in
            ["/usr/lib/../local/lib/x", "/usr/local/lib/x", "/usr/library/x", "usr/lib/x", "@rpath/usr/lib/x"]
        {
            assert!(!is_system(other), "{other}");
        }
    }

    #[test]
    fn run_paths_of_the_file_come_before_those_of_what_loaded_it() {
        let (own, main) =
            (["@loader_path/../x".to_owned()], ["/b".to_owned(), "@executable_path/lib".to_owned()]);
        let chain = [
            Loaded { path: "/p/bin/server".into(), rpaths: &main },
            Loaded { path: "/p/lib/a.dylib".into(), rpaths: &own },
        ];
        assert_eq!(
            candidates("@rpath/l.dylib", &chain),
            ["/p/x/l.dylib", "/b/l.dylib", "/p/bin/lib/l.dylib"]
        );
        assert_eq!(candidates("@loader_path/l.dylib", &chain), ["/p/lib/l.dylib"]);
        assert_eq!(candidates("@executable_path/../l.dylib", &chain), ["/p/l.dylib"]);
        assert_eq!(candidates("/opt/l.dylib", &chain), ["/opt/l.dylib"]);
        for nothing in ["l.dylib", "@rpathl.dylib", "@loader_pathl.dylib"] {
            assert!(candidates(nothing, &chain).is_empty(), "{nothing}");
        }
    }
}
