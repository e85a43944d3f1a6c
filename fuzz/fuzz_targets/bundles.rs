//! Any bytes as what is attached to an image: a list of referrers, a bundle, the statement in it, the key that signed it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::trust::PublicKey;
use trust::{Bundle, Refusal, SigningKey, Statement};

/// A key that has signed nothing.
const KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

fuzz_target!(|bytes: &[u8]| {
    let key: PublicKey = KEY.parse().expect("it is a key");
    if let Ok(bundle) = Bundle::parse(bytes) {
        let refused = bundle.signed_by(std::slice::from_ref(&key));
        assert!(matches!(refused, Err(Refusal::Untrusted | Refusal::Unreadable)), "signed by chance");
        let _ = (bundle.has_certificate(), bundle.payload().map(|payload| Statement::read(&payload)));
    }
    if let Ok(statement) = Statement::read(bytes) {
        let again = statement.to_json().expect("what was read can be written");
        assert_eq!(Statement::read(&again).expect("and read again"), statement);
    }
    if let Ok(oci::Manifest::Index(index)) = oci::Manifest::parse(bytes) {
        let _ = index.manifests.iter().filter(|listed| listed.artifact_type.is_some()).count();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = SigningKey::from_pem(text);
        if let Ok(key) = text.parse::<PublicKey>() {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
    }
});
