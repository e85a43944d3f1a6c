//! Sigstore bundles: an envelope, and what is needed to verify it.

use crate::dsse::Envelope;
use crate::key::{KeyError, SigningKey, is_good};
use crate::statement::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::trust::PublicKey;
use serde::{Deserialize, Serialize};

/// The type of a bundle, as artifact and as file.
pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A bundle with an envelope in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    dsse_envelope: Envelope,
    #[serde(default)]
    verification_material: Material,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<Hint>,
    /// Certificates are cosign's to read.
    #[serde(default, skip_serializing)]
    certificate: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Hint {
    #[serde(default)]
    hint: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    media_type: &'a str,
    verification_material: Material,
    dsse_envelope: Envelope,
}

impl Bundle {
    /// A bundle that holds a statement signed by a key.
    pub fn sign(statement: &[u8], key: &SigningKey) -> Result<Vec<u8>, KeyError> {
        let mut signed = Ok(());
        let envelope = Envelope::new(statement, |message| {
            key.sign(message).unwrap_or_else(|error| {
                signed = Err(error);
                Vec::new()
            })
        });
        signed?;
        let hint = STANDARD.encode(key.public().fingerprint());
        let verification_material = Material { public_key: Some(Hint { hint }), certificate: None };
        let written = Written { media_type: MEDIA_TYPE, verification_material, dsse_envelope: envelope };
        // It holds texts and nothing that could not be written.
        Ok(serde_json::to_vec(&written).unwrap_or_default())
    }

    /// Reads a bundle.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(bytes).map_err(|_| Refusal::Unreadable)
    }

    /// What is signed by one of these keys.
    pub fn signed_by(&self, keys: &[PublicKey]) -> Result<Vec<u8>, Refusal> {
        let payload = self.dsse_envelope.payload().ok_or(Refusal::Unreadable)?;
        let good = |message: &[u8], signature: &[u8]| keys.iter().any(|key| is_good(key, message, signature));
        if self.dsse_envelope.is_signed(&payload, good) { Ok(payload) } else { Err(Refusal::Untrusted) }
    }

    /// What is in it, for whoever has had cosign verify who signed it.
    pub fn payload(&self) -> Result<Vec<u8>, Refusal> {
        self.dsse_envelope.payload().ok_or(Refusal::Unreadable)
    }

    /// Whether it was signed by an identity, which has a certificate, rather than by a key.
    pub fn has_certificate(&self) -> bool {
        self.verification_material.certificate.is_some()
    }
}
