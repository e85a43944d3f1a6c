//! Keys in files: ECDSA on P-256, and Ed25519.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::trust::{Curve, PublicKey};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    UnparsedPublicKey,
};
use std::fmt;

/// A key that signs; nothing of it is printed.
pub struct SigningKey(Pair);

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A text that holds no key which can sign here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Something else.
    #[error(
        "it is no private key in PEM (`-----BEGIN PRIVATE KEY-----`); `openssl genpkey -algorithm EC -pkeyopt \
         ec_paramgen_curve:P-256` makes one"
    )]
    Shape,
    /// Encrypted, or of another kind.
    #[error("it is encrypted, or a private key of another kind than ECDSA on P-256 or Ed25519")]
    Kind,
    /// The machine gives no random numbers.
    #[error("this machine gives no random numbers to sign with")]
    Random,
}

impl SigningKey {
    /// Reads PKCS#8 in PEM, as `openssl genpkey` writes it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let body = text.trim().strip_prefix("-----BEGIN PRIVATE KEY-----");
        let body = body.and_then(|body| body.strip_suffix("-----END PRIVATE KEY-----"));
        let Some(body) = body else {
            return Err(if text.contains("PRIVATE KEY-----") { KeyError::Kind } else { KeyError::Shape });
        };
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| KeyError::Shape)?;
        if let Ok(pair) =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der, &SystemRandom::new())
        {
            return Ok(Self(Pair::P256(pair)));
        }
        // OpenSSL leaves the public half away.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| KeyError::Kind)?;
        Ok(Self(Pair::Ed25519(pair)))
    }

    /// The key that verifies.
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Pair::P256(pair) => PublicKey::new(Curve::P256, pair.public_key().as_ref()),
            Pair::Ed25519(pair) => PublicKey::new(Curve::Ed25519, pair.public_key().as_ref()),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.0 {
            Pair::P256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                Ok(signature.map_err(|_| KeyError::Random)?.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// Whether a signature is this key's.
pub(crate) fn is_good(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    match key.curve() {
        Curve::P256 => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.point()).verify(message, signature)
        }
        Curve::Ed25519 => UnparsedPublicKey::new(&ED25519, key.point()).verify(message, signature),
    }
    .is_ok()
}
