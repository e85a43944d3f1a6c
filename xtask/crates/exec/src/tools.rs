//! Tools that only this project uses: installed in directories of their own, found through one directory of links.

use camino::{Utf8Path, Utf8PathBuf};
use model::source::Pins;
use plan::toolchain::Tool;

/// The PATH of builds: our own tools first, then the user's PATH.
///
/// A directory of links rather than the tools' own directories, which hold a Python that must not be found.
pub fn search_path(tools: &Utf8Path) -> String {
    let users = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
    format!("{}:{users}", links(tools))
}

/// The directory of links.
pub fn links(tools: &Utf8Path) -> Utf8PathBuf {
    tools.join("bin")
}

/// Links every tool that is installed below `tools`; whether any link was not there before.
///
/// # Errors
/// When the directory cannot be written.
pub fn link(tools: &Utf8Path, pins: Pins<'_>) -> std::io::Result<bool> {
    let (dir, mut is_new) = (links(tools), false);
    fs_err::create_dir_all(&dir)?;
    for wheel in pins.wheels.values() {
        let (program, link) = (Tool::path(wheel, tools), dir.join(wheel.name.as_str()));
        // Relative, so that a cache can be moved, or be mounted at another path.
        let target = Utf8Path::new("..").join(program.strip_prefix(tools).unwrap_or(&program));
        let current = fs_err::read_link(&link).ok();
        if !program.exists() || current.as_deref() == Some(target.as_std_path()) {
            continue;
        }
        let temporary = dir.join(format!(".{}-{}", wheel.name, std::process::id()));
        fs_err::os::unix::fs::symlink(&target, &temporary)?;
        fs_err::rename(&temporary, &link)?;
        is_new = true;
    }
    Ok(is_new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::source::Wheel;
    use std::collections::BTreeMap;

    #[test]
    fn links_what_is_installed_and_moves_with_its_version() {
        let dir = tempfile::tempdir().unwrap();
        let tools = Utf8Path::from_path(dir.path()).unwrap();
        let wheel = |name: &str| Wheel {
            name: name.parse().unwrap(),
            package: name.to_owned(),
            version: "1.0".to_owned(),
            sha256: BTreeMap::new(),
        };
        let wheels = ["uv", "go"].map(|name| (name.parse().unwrap(), wheel(name))).into();
        let (sources, repositories) = (BTreeMap::new(), BTreeMap::new());
        let pins = Pins { sources: &sources, wheels: &wheels, repositories: &repositories };
        let program = Tool::path(&wheels["uv"], tools);
        fs_err::create_dir_all(program.parent().unwrap()).unwrap();
        fs_err::write(&program, "").unwrap();
        fs_err::create_dir_all(links(tools)).unwrap();
        fs_err::os::unix::fs::symlink("/old/uv", links(tools).join("uv")).unwrap();
        assert!(link(tools, pins).unwrap());
        assert!(!link(tools, pins).unwrap());
        assert_eq!(
            links(tools).join("uv").canonicalize_utf8().unwrap(),
            program.canonicalize_utf8().unwrap()
        );
        assert!(!links(tools).join("go").exists());
        assert!(search_path(tools).starts_with(links(tools).as_str()));
    }
}
