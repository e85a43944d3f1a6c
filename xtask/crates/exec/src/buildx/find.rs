//! Finds docker, its buildx plugin and the builder, and says what is missing.

use super::{Builder, BuildxError, OLDEST};
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use model::text::version::Version;
use std::process::Command;

/// A buildx that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buildx {
    /// The docker client.
    pub docker: Utf8PathBuf,
    /// The plugin's version.
    pub version: Version,
    /// The builder that builds.
    pub builder: Builder,
}

/// Finds what builds in containers need, on `search`, a PATH; `builder` rather than the current one.
pub fn find(search: &str, builder: Option<&str>) -> Result<Buildx, BuildxError> {
    let docker = which::which_in("docker", Some(search), "/").ok();
    let docker =
        docker.and_then(|path| Utf8PathBuf::from_path_buf(path).ok()).ok_or(BuildxError::NoDocker)?;
    // Two processes that know nothing of each other: side by side they take the time of one.
    let (version, inspected) = std::thread::scope(|scope| {
        let version = scope.spawn(|| version(&docker));
        let inspected = inspect(&docker, builder);
        let panicked = |_| Err(BuildxError::NoPlugin { said: "it was not asked".to_owned() });
        (version.join().unwrap_or_else(panicked), inspected)
    });
    let version = version?;
    if version < OLDEST {
        return Err(BuildxError::TooOld { found: version });
    }
    Ok(Buildx { version, builder: inspected?, docker })
}

fn version(docker: &Utf8Path) -> Result<Version, BuildxError> {
    let (_, said) = ask(docker, &["buildx", "version"])?;
    // A client without plugins takes the command for one of its own, and may even succeed.
    Version::find(&said)
        .filter(|_| said.contains("buildx "))
        .ok_or_else(|| BuildxError::NoPlugin { said: said.lines().next().unwrap_or_default().to_owned() })
}

fn inspect(docker: &Utf8Path, name: Option<&str>) -> Result<Builder, BuildxError> {
    let mut args = vec!["buildx", "inspect"];
    args.extend(name);
    let (well, said) = ask(docker, &args)?;
    match Builder::parse(&said).filter(|_| well) {
        Some(Builder { name, error: Some(error), .. }) => Err(BuildxError::of_builder(&name, &error)),
        Some(builder) => Ok(builder),
        None => Err(BuildxError::of_builder(name.unwrap_or("the current one"), &said)),
    }
}

/// Whether it succeeded, and all that it printed.
fn ask(docker: &Utf8Path, args: &[&str]) -> Result<(bool, String), BuildxError> {
    let probe = |error| BuildxError::Probe { args: args.join(" "), error };
    let mut command = Command::new(docker);
    command.args(args);
    let mut said = Vec::new();
    let keep = |line: &[u8]| {
        said.extend_from_slice(line);
        Ok(())
    };
    let status = Run::new(command).lines(keep).map_err(probe)?;
    Ok((status.success(), String::from_utf8_lossy(&said).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// What is found when `docker` is this script.
    fn found(script: &str) -> Result<Buildx, BuildxError> {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let docker = dir.join("docker");
        fs_err::write(&docker, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs_err::set_permissions(&docker, PermissionsExt::from_mode(0o755)).unwrap();
        find(dir.as_str(), Some("b"))
    }

    fn docker(version: &str, inspect: &str) -> Result<Buildx, BuildxError> {
        found(&format!("case \"$2\" in\nversion) echo '{version}';;\ninspect) {inspect};;\nesac"))
    }

    #[test]
    fn says_what_is_missing() {
        assert!(matches!(find("/nonexistent", None), Err(BuildxError::NoDocker)));
        let none = found("echo \"docker: 'buildx' is not a docker command.\" >&2; exit 1");
        assert!(matches!(none, Err(BuildxError::NoPlugin { said }) if said.contains("not a docker command")));
        let well = "printf 'Name: b\\nDriver: remote\\nNodes:\\nStatus: running\\n'";
        let old = docker("github.com/docker/buildx v0.12.1 x", well);
        assert!(matches!(old, Err(BuildxError::TooOld { found: Version { major: 0, minor: 12 } })));
        let new = "github.com/docker/buildx 0.29.1 x";
        let absent = docker(new, "echo 'ERROR: no builder \"b\" found' >&2; exit 1");
        assert!(matches!(absent, Err(BuildxError::NoBuilder { name }) if name == "b"));
        let down = docker(new, "printf 'Name: b\\nDriver:\\nError: Cannot connect\\n'");
        assert!(matches!(down, Err(BuildxError::Unreachable { .. })));
        let denied = docker(new, "printf 'Name: b\\nDriver:\\nError: permission denied\\n'");
        assert!(matches!(denied, Err(BuildxError::Permission { .. })));
        assert_eq!(docker(new, well).unwrap().builder.name, "b");
    }
}
