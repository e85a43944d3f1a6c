//! Keys of openssl, which also looks at what was signed.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::oci::{ImageDigest, Repository, Tag};
use model::trust::PublicKey;
use std::fs;
use std::path::Path;
use std::process::Command;
use trust::{Bundle, Expected, KeyError, Maker, Refusal, SigningKey, Statement};

fn openssl(dir: &Path, args: &str) -> String {
    let output = Command::new("openssl").args(args.split_whitespace()).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const P256: &str = "EC -pkeyopt ec_paramgen_curve:P-256";

/// A key and its public half.
fn pair(dir: &Path, algorithm: &str) -> (SigningKey, PublicKey) {
    openssl(dir, &format!("genpkey -algorithm {algorithm} -out key.pem"));
    let public = openssl(dir, "pkey -in key.pem -pubout");
    let key = SigningKey::from_pem(&fs::read_to_string(dir.join("key.pem")).unwrap()).unwrap();
    (key, public.parse().unwrap())
}

fn statement() -> Statement {
    Statement {
        key: format!("img-{}", "a".repeat(64)).parse().unwrap(),
        repository: "quay.io/o/cache".parse().unwrap(),
        digest: ImageDigest::sha256(b"image"),
        maker: Maker { workflow: "https://x/build.yml@refs/heads/main".to_owned(), revision: "0".repeat(40) },
    }
}

#[test]
fn what_one_key_signs_only_that_key_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let (_, stranger) = pair(dir.path(), P256);
    for algorithm in [P256, "ED25519"] {
        let (key, public) = pair(dir.path(), algorithm);
        assert_eq!(key.public(), public);
        assert_eq!(format!("{key:?}"), "SigningKey(***)");
        let bundle = Bundle::parse(&Bundle::sign(&statement().to_json().unwrap(), &key).unwrap()).unwrap();
        let payload = bundle.signed_by(&[stranger.clone(), public.clone()]).unwrap();
        assert_eq!(Statement::read(&payload).unwrap(), statement());
        assert_eq!(bundle.signed_by(std::slice::from_ref(&stranger)), Err(Refusal::Untrusted));
        assert_eq!(bundle.signed_by(&[]), Err(Refusal::Untrusted));
        assert!(!bundle.has_certificate());
    }
}

#[test]
fn others_verify_it_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let (key, public) = pair(dir.path(), P256);
    let written = Bundle::sign(&statement().to_json().unwrap(), &key).unwrap();
    let text = String::from_utf8(written).unwrap();
    let field = |name: &str| {
        let rest = &text[text.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4..];
        STANDARD.decode(&rest[..rest.find('"').unwrap()]).unwrap()
    };
    let payload = field("payload");
    let mut signed = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len()).into_bytes();
    signed.extend(&payload);
    fs::write(dir.path().join("signed"), signed).unwrap();
    fs::write(dir.path().join("sig"), field("sig")).unwrap();
    fs::write(dir.path().join("public.pem"), public.to_string()).unwrap();
    let said = openssl(dir.path(), "dgst -sha256 -verify public.pem -signature sig signed");
    assert_eq!(said.trim(), "Verified OK");
}

#[test]
fn a_bundle_that_was_touched_is_nobodys() {
    let dir = tempfile::tempdir().unwrap();
    let (key, public) = pair(dir.path(), P256);
    let good = String::from_utf8(Bundle::sign(&statement().to_json().unwrap(), &key).unwrap()).unwrap();
    let other = Statement { digest: ImageDigest::sha256(b"planted"), ..statement() }.to_json().unwrap();
    let (from, to) = (STANDARD.encode(statement().to_json().unwrap()), STANDARD.encode(other));
    for (text, wanted) in [
        (good.replace(&from, &to), Refusal::Untrusted),
        (good.replace("\"sig\":\"M", "\"sig\":\"N"), Refusal::Untrusted),
        (good.replace("vnd.in-toto", "vnd.other"), Refusal::Unreadable),
    ] {
        assert_ne!(text, good);
        assert_eq!(
            Bundle::parse(text.as_bytes()).unwrap().signed_by(std::slice::from_ref(&public)),
            Err(wanted),
            "{text}"
        );
    }
    for text in ["", "{}", "[]", "{\"dsseEnvelope\":{}}"] {
        assert_eq!(Bundle::parse(text.as_bytes()).err(), Some(Refusal::Unreadable));
    }
}

#[test]
fn a_statement_is_about_one_thing() {
    let made = statement();
    let (key, repository) = (made.key.clone(), made.repository.clone());
    let expected = Expected { key: &key, repository: &repository, digest: &made.digest.clone() };
    assert_eq!(made.check(expected), Ok(()));
    let digest = ImageDigest::sha256(b"planted");
    let other_key: Tag = "img-b".parse().unwrap();
    let elsewhere: Repository = "quay.io/o/other".parse().unwrap();
    for (expected, wanted) in [
        (Expected { digest: &digest, ..expected }, "digest"),
        (Expected { key: &other_key, ..expected }, "key"),
        (Expected { repository: &elsewhere, ..expected }, "repository"),
    ] {
        assert_eq!(made.check(expected), Err(Refusal::Other(wanted)));
    }
    // Subject and statement say the same, or it says nothing.
    let text = String::from_utf8(made.to_json().unwrap()).unwrap();
    let hex = ImageDigest::sha256(b"image").hex().to_owned();
    let planted = text.replacen(&hex, digest.hex(), 1);
    assert_eq!(Statement::read(planted.as_bytes()), Err(Refusal::Unreadable));
    assert_eq!(
        Statement::read(text.replace(trust::PREDICATE_TYPE, "urn:x").as_bytes()),
        Err(Refusal::Unreadable)
    );
    assert_eq!(Statement::read(text.as_bytes()), Ok(made));
}

#[test]
fn what_is_no_key_is_said() {
    let dir = tempfile::tempdir().unwrap();
    openssl(dir.path(), "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out other.pem");
    let other = fs::read_to_string(dir.path().join("other.pem")).unwrap();
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (text, wanted) in
        [(other.as_str(), KeyError::Kind), (encrypted, KeyError::Kind), ("x", KeyError::Shape)]
    {
        assert_eq!(SigningKey::from_pem(text).err(), Some(wanted));
    }
}
