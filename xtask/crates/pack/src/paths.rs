//! Run paths of object files.

use camino::Utf8Path;
use model::text::paths::normalize;

/// What follows `$ORIGIN` in an entry of a run path.
pub(crate) fn after_origin(entry: &str) -> Option<&str> {
    let rest = entry.strip_prefix("$ORIGIN").or_else(|| entry.strip_prefix("${ORIGIN}"))?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

/// The entries of a run path that stay inside the package, for a file at `file` of the package; each once.
pub(crate) fn kept(entries: &[String], file: &Utf8Path) -> Vec<String> {
    let here = file.parent().unwrap_or(Utf8Path::new(""));
    let mut kept: Vec<String> = Vec::new();
    for entry in entries {
        let inside = after_origin(entry).and_then(|rest| normalize(&here.join(rest))).is_some();
        if inside && !kept.contains(entry) {
            kept.push(entry.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_paths_keep_what_stays_inside() {
        let entries = |text: &str| text.split(':').map(ToOwned::to_owned).collect::<Vec<_>>();
        let kept = |text: &str, file: &str| kept(&entries(text), Utf8Path::new(file)).join(":");
        assert_eq!(kept("/build/bin:$ORIGIN/../lib::", "bin/x"), "$ORIGIN/../lib");
        assert_eq!(kept("$ORIGIN/../lib", "x"), "");
        assert_eq!(kept("${ORIGIN}:$ORIGINAL:$ORIGIN//etc", "lib/x"), "${ORIGIN}:$ORIGIN//etc");
        assert_eq!(kept("$ORIGIN//../../etc", "lib/x"), "");
        assert_eq!(kept("$ORIGIN/../../n.libs:$ORIGIN/../../n.libs", "v/n/core/x"), "$ORIGIN/../../n.libs");
    }
}
