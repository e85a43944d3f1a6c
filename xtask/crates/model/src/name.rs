//! Validated names: a backend, a variant, a pin.

use std::borrow::Cow;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}: use 1 to 64 of {allowed}")]
pub struct NameError {
    what: &'static str,
    text: String,
    allowed: &'static str,
}

fn check(what: &'static str, text: String) -> Result<String, NameError> {
    let allowed = "a-z, 0-9, `-`, `_`, `+` and `.`, beginning with a letter or digit";
    if is_name(&text) { Ok(text) } else { Err(NameError { what, text, allowed }) }
}

/// A name that becomes part of registry tags and artifact names, where `+` is not allowed and `--` ends a suffix.
fn check_tagged(what: &'static str, text: String) -> Result<String, NameError> {
    let allowed = "a-z, 0-9, `-`, `_` and `.`, beginning and ending with a letter or digit, without `--`";
    let ends = text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if is_name(&text) && ends && !text.contains('+') && !text.contains("--") {
        Ok(text)
    } else {
        Err(NameError { what, text, allowed })
    }
}

const fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let fits = match bytes[at] {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' | b'_' | b'+' => at > 0,
            b'.' => at > 0 && bytes[at - 1] != b'.',
            _ => false,
        };
        if !fits {
            return false;
        }
        at += 1;
    }
    0 < at && at <= 64
}

/// Identifiers, with dots between them.
const fn is_proto_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let first = at == 0 || bytes[at - 1] == b'.';
        let fits = match bytes[at] {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
            b'0'..=b'9' => !first,
            b'.' => !first && at + 1 < bytes.len(),
            _ => false,
        };
        if !fits {
            return false;
        }
        at += 1;
    }
    0 < at && at <= 64
}

checked_text!(
    /// One gRPC server: the last part of its directory `backend/<lang>/<name>`.
    BackendName,
    "backend-name",
    NameError,
    |text| check_tagged("backend name", text)
);
checked_text!(
    /// One way to build: a row of `backend/variants.yaml`.
    VariantName,
    "variant-name",
    NameError,
    |text| check("variant name", text)
);
checked_text!(
    /// One external source: an entry of `backend/sources.yaml`.
    PinName,
    "source-name",
    NameError,
    |text| check("source name", text)
);
checked_text!(
    /// A prebuilt builder base, as in `cuda-12-amd64`: a row of `bases` in `backend/variants.yaml`.
    BaseName,
    "base-name",
    NameError,
    |text| check_tagged("base name", text)
);
checked_text!(
    /// A root image, as in `cuda-12`: a row of `root-images` in `backend/variants.yaml`.
    RootName,
    "root-image-name",
    NameError,
    |text| check("root image name", text)
);
checked_text!(
    /// A name of protobuf, as in `backend.Backend`: identifiers, with dots between them.
    ProtoName,
    "protobuf-name",
    NameError,
    |text: String| {
        let allowed = "letters, digits and `_`, in parts with `.` between them";
        if is_proto_name(&text) { Ok(text) } else { Err(NameError { what: "name of protobuf", text, allowed }) }
    }
);
checked_text!(
    /// A label inside one plan: a step, or a build directory.
    Label,
    "label",
    NameError,
    |text| check("label", text)
);

impl ProtoName {
    /// A name of this program's own.
    ///
    /// # Panics
    /// Where the text is no such name: in a constant, the compiler says so.
    pub(crate) const fn of(text: &'static str) -> Self {
        assert!(is_proto_name(text), "not a name of protobuf");
        Self(Cow::Borrowed(text))
    }
}

impl Label {
    /// A label of this program's own, checked when it is compiled: use it in a constant.
    ///
    /// ```
    /// const GO: model::name::Label = model::name::Label::of("go");
    /// assert_eq!(GO.as_str(), "go");
    /// ```
    ///
    /// ```compile_fail
    /// const WRONG: model::name::Label = model::name::Label::of("Go");
    /// # drop(WRONG);
    /// ```
    ///
    /// # Panics
    /// Where the text is no label: in a constant, the compiler says so.
    pub const fn of(text: &'static str) -> Self {
        assert!(is_name(text), "not a label");
        Self(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_protobuf_are_identifiers_with_dots() {
        for good in ["Health", "backend.Backend", "a_1._B"] {
            assert_eq!(good.parse::<ProtoName>().unwrap().as_str(), good);
        }
        for bad in ["", ".a", "a.", "a..b", "1a", "a.1b", "/a", "a b"] {
            assert!(bad.parse::<ProtoName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn accepts_names_and_refuses_paths() {
        for good in ["llama-cpp", "llama.cpp", "7zip", "libgrpc++"] {
            assert_eq!(good.parse::<PinName>().unwrap().as_str(), good);
        }
        for bad in ["", "..", "a..b", "a/b", "-x", "Llama", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<PinName>().is_err(), "{bad}");
        }
        for bad in ["libgrpc++", "a--b", "a-", "a."] {
            assert!(bad.parse::<BackendName>().is_err(), "{bad}");
        }
    }
}
