//! Whom to trust with what caches hold: public keys, and the identities of workflows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Whose results are used. Results of everybody else are made anew.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Trust {
    /// Public keys in PEM, as `openssl pkey -pubout` writes them: ECDSA on P-256, or Ed25519.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<PublicKey>,
    /// Workflows that sign by what they are; cosign verifies them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
}

/// Who vouches for GitHub's workflows.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// A workflow, as the certificate of its signature names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Identity {
    /// Who vouches for it, as in `https://token.actions.githubusercontent.com`.
    pub issuer: String,
    /// Its URL with its reference, as in
    /// `https://github.com/owner/repository/.github/workflows/build.yml@refs/heads/main`; `*` stands for anything.
    pub workflow: String,
}

impl Identity {
    /// The expression that the whole of a workflow's name must match.
    pub fn expression(&self) -> String {
        let mut out = String::from("^");
        for c in self.workflow.chars() {
            match c {
                '*' => out.push_str(".*"),
                c if c.is_ascii_alphanumeric() || "/:@-_".contains(c) => out.push(c),
                c if c.is_ascii() => out.extend(['\\', c]),
                c => out.push(c),
            }
        }
        out.push('$');
        out
    }

    /// What is wrong with it, and what to write instead.
    pub fn mistake(&self) -> Option<(&'static str, String, &'static str)> {
        let fixed = |text: &str| {
            let rest = text.strip_prefix("https://").unwrap_or_default();
            // Host, owner and repository.
            rest.split('/').take(3).filter(|part| !part.is_empty() && !part.contains('*')).count() == 3
        };
        if !self.issuer.starts_with("https://") || self.issuer.contains('*') {
            let help = "GitHub's is https://token.actions.githubusercontent.com";
            return Some(("issuer", "the issuer is no https:// URL".to_owned(), help));
        }
        if self.workflow.contains('*') && !fixed(&self.workflow) {
            let help = "begin with https://github.com/owner/repository/";
            return Some((
                "workflow",
                "it would trust workflows of more than one repository".to_owned(),
                help,
            ));
        }
        let at = self.workflow.rsplit_once('@').map_or("*", |(_, at)| at);
        if self.issuer == GITHUB && at.contains('*') && !at.starts_with("refs/tags/") {
            let what = "it would trust workflows on any branch, and whoever may push can add one";
            return Some((
                "workflow",
                what.to_owned(),
                "end with the default branch, as in @refs/heads/main",
            ));
        }
        None
    }
}

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// ECDSA on P-256 with SHA-256.
    P256,
    /// Ed25519.
    Ed25519,
}

impl Curve {
    /// What stands before the point in a SubjectPublicKeyInfo of this kind.
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::P256 => &[
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
                0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ],
            Self::Ed25519 => &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00],
        }
    }

    /// Bytes of a point: uncompressed on P-256.
    fn length(self) -> usize {
        match self {
            Self::P256 => 65,
            Self::Ed25519 => 32,
        }
    }
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    curve: Curve,
    point: Vec<u8>,
}

/// A text that is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no public key in PEM, of ECDSA on P-256 or Ed25519")]
pub struct NoPublicKey;

impl NoPublicKey {
    /// What to write.
    pub const HELP: &str = "`openssl pkey -in KEY -pubout` prints one, which stands below `- |`";
}

impl PublicKey {
    /// The key with this point.
    pub fn new(curve: Curve, point: &[u8]) -> Self {
        Self { curve, point: point.to_vec() }
    }

    /// Its kind.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// Its point.
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// What tells it from others: SHA-256 of its SubjectPublicKeyInfo.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.info()).into()
    }

    fn info(&self) -> Vec<u8> {
        [self.curve.prefix(), &self.point].concat()
    }
}

impl FromStr for PublicKey {
    type Err = NoPublicKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let body = text.trim().strip_prefix("-----BEGIN PUBLIC KEY-----");
        let body = body.and_then(|body| body.strip_suffix("-----END PUBLIC KEY-----")).ok_or(NoPublicKey)?;
        let body: String = body.split_whitespace().collect();
        let info = STANDARD.decode(body).map_err(|_| NoPublicKey)?;
        let of = |curve: Curve| {
            let point = info.strip_prefix(curve.prefix()).filter(|point| point.len() == curve.length());
            point.map(|point| Self::new(curve, point))
        };
        of(Curve::P256).or_else(|| of(Curve::Ed25519)).ok_or(NoPublicKey)
    }
}

written_as_text!(PublicKey);
text_schema!(PublicKey, "public-key");

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = STANDARD.encode(self.info());
        f.write_str("-----BEGIN PUBLIC KEY-----\n")?;
        for line in body.as_bytes().chunks(64) {
            writeln!(f, "{}", String::from_utf8_lossy(line))?;
        }
        f.write_str("-----END PUBLIC KEY-----\n")
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {})", self.curve, STANDARD.encode(self.fingerprint()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

    #[test]
    fn keys_read_back_as_they_are_written() {
        let key: PublicKey = ED25519.parse().unwrap();
        assert_eq!((key.curve(), key.to_string().as_str()), (Curve::Ed25519, ED25519));
        let other = PublicKey::new(Curve::P256, &[4; 65]);
        assert_eq!(other.to_string().parse(), Ok(other));
        for text in ["", "x", &ED25519.replace("MCow", "MCoy"), &ED25519.replace("PUBLIC", "PRIVATE")] {
            assert_eq!(text.parse::<PublicKey>(), Err(NoPublicKey), "{text}");
        }
    }

    #[test]
    fn identities_are_of_one_repository() {
        let of = |issuer: &str, workflow: &str| {
            let identity = Identity { issuer: issuer.to_owned(), workflow: workflow.to_owned() };
            (identity.mistake().map(|(key, ..)| key), identity.expression())
        };
        let issuer = GITHUB;
        let (mistake, expression) = of(issuer, "https://github.com/o/r/.github/workflows/*@refs/heads/main");
        assert_eq!(mistake, None);
        assert_eq!(expression, r"^https://github\.com/o/r/\.github/workflows/.*@refs/heads/main$");
        assert_eq!(of("https://accounts.example", "builder@example.iam").0, None);
        assert_eq!(of("http://x", "https://github.com/o/r/x").0, Some("issuer"));
        for workflow in
            ["*", "https://github.com/o/*", "https://*/o/r/x", "https://github.com/o/r*/x", "o/r/*"]
        {
            assert_eq!(of(issuer, workflow).0, Some("workflow"), "{workflow}");
        }
        let at = |at: &str| of(issuer, &format!("https://github.com/o/r/.github/workflows/x.yml{at}")).0;
        for fixed in ["@refs/heads/main", "@refs/tags/v*"] {
            assert_eq!(at(fixed), None, "{fixed}");
        }
        for any in ["", "@*", "@refs/heads/*", "@refs/*"] {
            assert_eq!(at(any), Some("workflow"), "{any}");
        }
    }
}
