//! Who made what a cache holds: a [`Statement`] about one tag and one digest, signed, in a [`Bundle`] as Sigstore has it.
//!
//! Statements are in-toto's, envelopes DSSE, bundles Sigstore's, so that other programs verify them as well. Signatures
//! by keys are made and verified here; those by identities are cosign's to make and to verify. No file, no process.

mod bundle;
mod dsse;
mod key;
mod statement;

pub use bundle::{Bundle, MEDIA_TYPE};
pub use dsse::PAYLOAD_TYPE;
pub use key::{KeyError, SigningKey};
pub use statement::{Expected, IMAGE_TYPE, Maker, PREDICATE_TYPE, Refusal, Statement, image_statement};
