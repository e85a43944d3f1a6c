//! Which packaged backend is started.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// What starts a package, best first: the launcher, and the script that older packages have alone.
const PROGRAMS: [&str; 2] = ["run", "run.sh"];

/// The program of the package that `$BACKEND_DIR` or `$BACKEND` names, else of the only one below `root`.
pub fn program(root: &Path, var: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, String> {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    if let Some(dir) = set("BACKEND_DIR") {
        let dir = PathBuf::from(dir);
        return of_package(&dir).ok_or_else(|| format!("BACKEND_DIR={} holds no `run`", dir.display()));
    }
    let found = packages(root);
    if let Some(name) = set("BACKEND") {
        let package = found.iter().find(|package| package.file_name() == Some(name.as_os_str()));
        let missing =
            || format!("BACKEND={} is not below {}: {}", name.display(), root.display(), list(&found));
        return package.and_then(|package| of_package(package)).ok_or_else(missing);
    }
    if let Some(program) = of_package(root) {
        return Ok(program);
    }
    match found.as_slice() {
        [only] => of_package(only).ok_or_else(|| format!("{} holds no `run`", only.display())),
        [] => Err(format!(
            "there is no backend: mount or copy a package to {}/NAME, or name its directory by BACKEND_DIR",
            root.display()
        )),
        _ => Err(format!("there are several backends, choose one by BACKEND=NAME: {}", list(&found))),
    }
}

fn of_package(dir: &Path) -> Option<PathBuf> {
    PROGRAMS.iter().map(|name| dir.join(name)).find(|program| program.is_file())
}

/// Directories below `root` that hold a package, in the order of their names.
fn packages(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| of_package(path).is_some())
        .collect();
    found.sort();
    found
}

fn list(packages: &[PathBuf]) -> String {
    let names: Vec<String> =
        packages.iter().filter_map(|path| Some(path.file_name()?.display().to_string())).collect();
    if names.is_empty() { "nothing is there".to_owned() } else { format!("there is {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Root(PathBuf);

    impl Root {
        fn new(name: &str, files: &[&str]) -> Self {
            let root = std::env::temp_dir().join(format!("entry-{}-{name}", std::process::id()));
            fs::create_dir_all(&root).unwrap();
            for file in files {
                fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
                fs::write(root.join(file), "").unwrap();
            }
            Self(root)
        }

        fn program(&self, vars: &[(&str, &str)]) -> Result<String, String> {
            let var =
                |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
            let program = program(&self.0, var)?;
            Ok(program.strip_prefix(&self.0).unwrap().to_str().unwrap().to_owned())
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_only_package_needs_no_name() {
        let root = Root::new("one", &["llama-cpp/run", "llama-cpp/run.sh", "notes/readme", "file"]);
        assert_eq!(root.program(&[]).unwrap(), "llama-cpp/run");
        assert_eq!(root.program(&[("BACKEND", "")]).unwrap(), "llama-cpp/run");
        let script = Root::new("script", &["old/run.sh"]);
        assert_eq!(script.program(&[]).unwrap(), "old/run.sh");
        let itself = Root::new("itself", &["run", "lib/x"]);
        assert_eq!(itself.program(&[]).unwrap(), "run");
    }

    #[test]
    fn one_of_several_is_named() {
        let root = Root::new("two", &["minilm/run", "llama-cpp/run"]);
        assert_eq!(root.program(&[("BACKEND", "minilm")]).unwrap(), "minilm/run");
        let error = root.program(&[]).unwrap_err();
        assert!(error.contains("BACKEND=NAME") && error.ends_with("there is llama-cpp, minilm"), "{error}");
        let error = root.program(&[("BACKEND", "whisper")]).unwrap_err();
        assert!(error.contains("BACKEND=whisper") && error.contains("llama-cpp, minilm"), "{error}");
        // A name is not a path.
        assert!(root.program(&[("BACKEND", "../two/minilm")]).is_err());
    }

    #[test]
    fn a_directory_may_be_named_and_none_is_said() {
        let root = Root::new("none", &["elsewhere/package/run"]);
        let error = root.program(&[]).unwrap_err();
        assert!(error.contains("there is no backend") && error.contains("BACKEND_DIR"), "{error}");
        let dir = root.0.join("elsewhere/package");
        let named = root.program(&[("BACKEND_DIR", dir.to_str().unwrap()), ("BACKEND", "x")]);
        assert_eq!(named.unwrap(), "elsewhere/package/run");
        assert!(root.program(&[("BACKEND_DIR", "/nowhere")]).unwrap_err().contains("/nowhere"));
    }
}
