//! DSSE envelopes: a payload, its type, and signatures over both.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The type of in-toto statements.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    /// In base64.
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Signature {
    /// In base64.
    sig: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    keyid: String,
}

impl Envelope {
    /// An envelope with one signature.
    pub(crate) fn new(payload: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let sig = STANDARD.encode(sign(&encoding(PAYLOAD_TYPE, payload)));
        Self {
            payload: STANDARD.encode(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature { sig, keyid: String::new() }],
        }
    }

    /// The payload of an in-toto envelope, which nobody may have signed.
    pub(crate) fn payload(&self) -> Option<Vec<u8>> {
        let payload = STANDARD.decode(&self.payload).ok()?;
        (self.payload_type == PAYLOAD_TYPE).then_some(payload)
    }

    /// Whether a signature over `payload` is good.
    pub(crate) fn is_signed(&self, payload: &[u8], verify: impl Fn(&[u8], &[u8]) -> bool) -> bool {
        let signed = encoding(PAYLOAD_TYPE, payload);
        let signatures = self.signatures.iter().filter_map(|one| STANDARD.decode(&one.sig).ok());
        signatures.take(MOST).any(|signature| verify(&signed, &signature))
    }
}

/// Who sends more signatures than this wants to keep somebody busy.
const MOST: usize = 16;

/// What is signed: lengths tell type and payload apart.
fn encoding(kind: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the protocol's own page.
    #[test]
    fn the_encoding_is_the_protocols() {
        let encoded = encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }
}
