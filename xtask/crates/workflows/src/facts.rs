//! What the workflows take from the manifests.

use std::collections::BTreeSet;

/// What the workflows take from the manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Blocks of build jobs for Linux, by name.
    pub linux: Vec<String>,
    /// Blocks of build jobs for macOS, by name.
    pub macos: Vec<String>,
    /// Hosts of the registries that are written to.
    pub registries: BTreeSet<String>,
    /// Cached results are trusted by the identity of the workflow that made them: cosign signs and verifies them.
    pub identities: bool,
}

/// How a registry's user or password is called, as a variable and as a secret.
pub fn credential(host: &str, part: &str) -> String {
    let host: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    format!("{host}_{part}")
}

impl Facts {
    /// Names of all secrets: a user and a password a registry.
    pub fn secrets(&self) -> impl Iterator<Item = String> {
        self.registries.iter().flat_map(|host| ["USERNAME", "PASSWORD"].map(|part| credential(host, part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_has_a_user_and_a_password() {
        let registries = ["quay.io".to_owned()].into();
        let facts = Facts { linux: Vec::new(), macos: Vec::new(), registries, identities: false };
        assert_eq!(facts.secrets().collect::<Vec<_>>(), ["QUAY_IO_USERNAME", "QUAY_IO_PASSWORD"]);
    }
}
