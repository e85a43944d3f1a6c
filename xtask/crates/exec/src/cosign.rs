//! Signs by the identity of the workflow that runs, and verifies who signed, with cosign, where it is installed.

use crate::environment;
use crate::resolved::Resolved;
use crate::run::{self, RunError};
use camino::{Utf8Path, Utf8PathBuf};
use model::oci::{ImageDigest, Repository};
use model::trust::Identity;

/// The program cosign.
#[derive(Debug, Clone)]
pub struct Cosign {
    program: Utf8PathBuf,
}

/// Where it runs, and what it says.
pub struct Place<'a> {
    /// The working directory.
    pub cwd: &'a Utf8Path,
    /// The file for all that it says.
    pub log: &'a Utf8Path,
    /// Who hears it as well.
    pub watch: &'a mut dyn FnMut(&str),
}

/// There is no cosign on PATH.
#[derive(Debug, thiserror::Error)]
#[error(
    "cosign is not on PATH, and signing by an identity needs it: install it \
     (https://docs.sigstore.dev/cosign/system_config/installation/), or name a file with a private key in \
     XTASK_SIGNING_KEY, or merge without --sign and sign later; nothing was published"
)]
pub struct NoCosign;

/// Finds cosign on a PATH.
pub fn find(path: &str) -> Result<Cosign, NoCosign> {
    let found = which::which_in("cosign", Some(path), "/").ok();
    let program = found.and_then(|found| Utf8PathBuf::from_path_buf(found).ok()).ok_or(NoCosign)?;
    Ok(Cosign { program })
}

impl Cosign {
    /// Signs an image and all that it lists, in the format that installers read. By digest, since a tag may move in
    /// between; recursively, since clients find their platform's manifest before they verify.
    pub fn sign(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
        place: Place<'_>,
    ) -> Result<(), RunError> {
        let image = format!("{repository}@{digest}");
        let args = ["sign", "--yes", "--recursive", "--new-bundle-format", REFERRERS, &image];
        self.run(&args, place)
    }

    /// Verifies that an image is signed by one of these.
    pub fn verify(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
        identity: &Identity,
        place: Place<'_>,
    ) -> Result<(), RunError> {
        let (image, by) = (format!("{repository}@{digest}"), by(identity));
        self.run(&["verify", "--new-bundle-format", "--output=json", &by[0], &by[1], &image], place)
    }

    /// Attaches a statement of a kind about an image, whose details are in a file.
    pub fn attest(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
        kind: &str,
        predicate: &Utf8Path,
        place: Place<'_>,
    ) -> Result<(), RunError> {
        let (kind, predicate) = (format!("--type={kind}"), format!("--predicate={predicate}"));
        let image = format!("{repository}@{digest}");
        self.run(&["attest", "--yes", "--new-bundle-format", REFERRERS, &kind, &predicate, &image], place)
    }

    /// Verifies that a bundle holds a statement of a kind about a digest, signed by this identity.
    pub fn verify_bundle(
        &self,
        bundle: &Utf8Path,
        digest: &ImageDigest,
        kind: &str,
        identity: &Identity,
        place: Place<'_>,
    ) -> Result<(), RunError> {
        let (bundle, kind, by) = (format!("--bundle={bundle}"), format!("--type={kind}"), by(identity));
        let (algorithm, hex) =
            (format!("--digestAlg={}", digest.algorithm().as_str()), format!("--digest={}", digest.hex()));
        let what = ["verify-blob-attestation", "--new-bundle-format"];
        self.run(&[&what[..], &[&bundle, &kind, &algorithm, &hex, &by[0], &by[1]]].concat(), place)
    }

    fn run(&self, args: &[&str], place: Place<'_>) -> Result<(), RunError> {
        let mut cmd = Resolved::new(self.program.as_str(), place.cwd).args(args.iter().copied());
        // Its credentials are in variables of many names: docker's, the CI's, the keys' own. None is written to the log.
        cmd.env = environment::users();
        // The referrers mode is behind this in cosign 2.
        cmd.env.insert("COSIGN_EXPERIMENTAL".to_owned(), "1".to_owned());
        run::run(&cmd, place.log, place.watch)
    }
}

/// Where signatures lie: beside the image, and not under tags.
const REFERRERS: &str = "--registry-referrers-mode=oci-1-1";

fn by(identity: &Identity) -> [String; 2] {
    [
        format!("--certificate-oidc-issuer={}", identity.issuer),
        format!("--certificate-identity-regexp={}", identity.expression()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn signs_and_verifies_by_digest_and_identity() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let program = dir.join("cosign");
        fs_err::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$COSIGN_EXPERIMENTAL\" \"$@\"\n").unwrap();
        fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let digest: ImageDigest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
        let repository: Repository = "quay.io/o/backends".parse().unwrap();
        let identity = Identity {
            issuer: "https://token.actions.githubusercontent.com".to_owned(),
            workflow: "https://github.com/o/r/.github/workflows/*@refs/heads/main".to_owned(),
        };
        let (cosign, log) = (find(dir.as_str()).unwrap(), dir.join("log"));
        let said = |run: &dyn Fn(Place<'_>) -> Result<(), RunError>| {
            let mut said = Vec::new();
            let mut watch = |line: &str| said.push(line.to_owned());
            run(Place { cwd: dir, log: &log, watch: &mut watch }).unwrap();
            said
        };
        let image = format!("quay.io/o/backends@{digest}");
        let signs = said(&|place| cosign.sign(&repository, &digest, place));
        let wanted = ["1", "sign", "--yes", "--recursive", "--new-bundle-format", REFERRERS, &image];
        assert_eq!(signs, wanted);
        let log_text = fs_err::read_to_string(&log).unwrap();
        assert!(log_text.contains("--recursive") && !log_text.contains("PATH="), "{log_text}");
        let issuer = "--certificate-oidc-issuer=https://token.actions.githubusercontent.com";
        let workflow =
            r"--certificate-identity-regexp=^https://github\.com/o/r/\.github/workflows/.*@refs/heads/main$";
        let verifies = said(&|place| cosign.verify(&repository, &digest, &identity, place));
        assert_eq!(
            verifies[1..],
            ["verify", "--new-bundle-format", "--output=json", issuer, workflow, &image]
        );
        let verifies = said(&|place| cosign.verify_bundle("/b".into(), &digest, "urn:x", &identity, place));
        assert_eq!(verifies[3..5], ["--bundle=/b", "--type=urn:x"]);
        assert!(verifies.ends_with(&[issuer.to_owned(), workflow.to_owned()]), "{verifies:?}");
        let attests = said(&|place| cosign.attest(&repository, &digest, "urn:x", "/p".into(), place));
        assert_eq!(attests[5..], ["--type=urn:x", "--predicate=/p", &image]);
    }

    #[test]
    fn says_what_to_install() {
        assert!(find("/nonexistent").unwrap_err().to_string().contains("install it"));
    }
}
