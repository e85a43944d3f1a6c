//! Where submodules come from.

use super::fetch::{Repository, is_local};
use crate::error::MirrorError;
use camino::Utf8PathBuf;
use model::source::Commit;
use std::collections::BTreeMap;

/// URL by path, for the submodules that `commit` of the repository at `parent` names.
pub(super) fn urls(
    repository: &Repository,
    commit: &Commit,
    parent: &str,
) -> Result<BTreeMap<Utf8PathBuf, String>, MirrorError> {
    let blob = format!("{commit}:.gitmodules");
    let listing =
        repository.run(&["config", "--blob", &blob, "-z", "--get-regexp", r"^submodule\..*\.(path|url)$"])?;
    let text = String::from_utf8_lossy(&listing);
    let mut paths = BTreeMap::new();
    let mut urls = BTreeMap::new();
    for record in text.split('\0') {
        let Some((key, value)) = record.split_once('\n') else { continue };
        if let Some(name) = key.strip_suffix(".path") {
            paths.insert(name, value);
        } else if let Some(name) = key.strip_suffix(".url") {
            urls.insert(name, resolve(parent, value)?);
        }
    }
    let both = paths.into_iter().filter_map(|(name, path)| Some((path.into(), urls.remove(name)?)));
    Ok(both.collect())
}

/// A submodule's URL, made absolute; one that would read this machine's files is refused unless the parent lies here.
fn resolve(parent: &str, url: &str) -> Result<String, MirrorError> {
    if !url.starts_with("./") && !url.starts_with("../") {
        if is_local(url) && !is_local(parent) {
            let refused = format!("submodule URL `{url}` points into this machine");
            return Err(MirrorError::Unusable(refused));
        }
        return Ok(url.to_owned());
    }
    let mut base = parent.trim_end_matches('/');
    let mut rest = url;
    loop {
        if let Some(next) = rest.strip_prefix("./") {
            rest = next;
        } else if let Some(next) = rest.strip_prefix("../") {
            let cut = base
                .rfind(['/', ':'])
                .ok_or_else(|| MirrorError::Unusable(format!("submodule URL `{url}` leaves its host")))?;
            base = &base[..cut];
            rest = next;
        } else {
            return Ok(format!("{base}/{rest}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn relative_urls_start_at_the_parent() {
        for (parent, url, wanted) in [
            ("https://h/a/b.git", "../c.git", "https://h/a/c.git"),
            ("https://h/a/b/", "../../x/y", "https://h/x/y"),
            ("/srv/a", "./sub", "/srv/a/sub"),
            ("https://h/a", "https://g/b", "https://g/b"),
            ("/srv/a", "/srv/b", "/srv/b"),
        ] {
            assert_eq!(resolve(parent, url).unwrap(), wanted);
        }
        assert!(resolve("https://h/a", "/etc").is_err());
        assert!(resolve("https://h/a", "file:///etc").is_err());
    }
}
