//! Signs images with cosign, where it is installed.

use crate::environment;
use crate::resolved::Resolved;
use crate::run::{self, RunError};
use camino::{Utf8Path, Utf8PathBuf};
use model::oci::{ImageDigest, Repository};

/// The program cosign.
#[derive(Debug, Clone)]
pub struct Cosign {
    program: Utf8PathBuf,
}

/// There is no cosign on PATH.
#[derive(Debug, thiserror::Error)]
#[error(
    "cosign is not on PATH, and --sign needs it: install it (https://docs.sigstore.dev/cosign/system_config/installation/), \
     or merge without --sign and sign later; nothing was published"
)]
pub struct NoCosign;

/// Finds cosign on a PATH.
pub fn find(path: &str) -> Result<Cosign, NoCosign> {
    let found = which::which_in("cosign", Some(path), "/").ok();
    let program = found.and_then(|found| Utf8PathBuf::from_path_buf(found).ok()).ok_or(NoCosign)?;
    Ok(Cosign { program })
}

impl Cosign {
    /// Signs an image and all that it lists. By digest, since a tag may move in between; recursively, since clients find
    /// their platform's manifest before they verify.
    pub fn sign(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
        cwd: &Utf8Path,
        log: &Utf8Path,
        watch: impl FnMut(&str),
    ) -> Result<(), RunError> {
        let mut cmd = Resolved::new(self.program.as_str(), cwd)
            .args(["sign", "--yes", "--recursive", "--registry-referrers-mode=oci-1-1"])
            .args([format!("{repository}@{digest}").as_str()]);
        // Its credentials are in variables of many names: docker's, the CI's, the keys' own. None is written to the log.
        cmd.env = environment::users();
        // The referrers mode is behind this in cosign 2.
        cmd.env.insert("COSIGN_EXPERIMENTAL".to_owned(), "1".to_owned());
        run::run(&cmd, log, watch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn signs_by_digest_recursively_and_as_a_referrer() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let program = dir.join("cosign");
        fs_err::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$COSIGN_EXPERIMENTAL\" \"$@\"\n").unwrap();
        fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let digest: ImageDigest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
        let repository: Repository = "quay.io/o/backends".parse().unwrap();
        let mut said = Vec::new();
        let cosign = find(dir.as_str()).unwrap();
        let watch = |line: &str| said.push(line.to_owned());
        cosign.sign(&repository, &digest, dir, &dir.join("log"), watch).unwrap();
        let image = format!("quay.io/o/backends@{digest}");
        assert_eq!(said, ["1", "sign", "--yes", "--recursive", "--registry-referrers-mode=oci-1-1", &image]);
        let log = fs_err::read_to_string(dir.join("log")).unwrap();
        assert!(log.contains("--recursive") && !log.contains("PATH="), "{log}");
    }

    #[test]
    fn says_what_to_install() {
        assert!(find("/nonexistent").unwrap_err().to_string().contains("install it"));
    }
}
