//! Tags: names within a repository.

use super::ParseError;

checked_text!(
    /// A tag: 1 to 128 of letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`.
    Tag,
    "image-tag",
    ParseError,
    check
);

const WHAT: &str = "a tag";

impl Tag {
    /// Longest tag that registries accept.
    pub const LONGEST: usize = 128;

    /// What docker takes when a reference names no tag.
    pub fn latest() -> Self {
        Self("latest".into())
    }

    /// For names of this crate, whose parts are bounded so that together they are a tag; a test tries them all.
    pub(crate) fn of_bounded_parts(text: String) -> Self {
        debug_assert!(text.parse::<Self>().is_ok(), "{text}");
        Self(text.into())
    }
}

fn check(text: String) -> Result<String, ParseError> {
    let body = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let wrong = |at, expected| Err(ParseError::new(WHAT, &text, at, expected));
    match text.chars().next() {
        Some(c) if c.is_ascii_alphanumeric() || c == '_' => {}
        _ => return wrong(0, "a letter, a digit or `_`"),
    }
    if let Some(at) = text.find(|c| !body(c)) {
        return wrong(at, "letters, digits, `_`, `.` and `-` only");
    }
    if text.len() > Tag::LONGEST {
        return wrong(Tag::LONGEST, "the end: a tag has at most 128 characters");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_what_registries_accept() {
        for text in ["a", "_", "v1.2.3-rc.1", "cache-gpu-nvidia-cuda-12-vllm-", "9", &"x".repeat(128)] {
            assert_eq!(text.parse::<Tag>().unwrap().to_string(), text);
        }
        for (text, at) in
            [("", 0), ("-a", 0), (".a", 0), ("a b", 1), ("aé", 1), ("a:b", 1), (&"x".repeat(129), 128)]
        {
            assert_eq!(text.parse::<Tag>().unwrap_err().at(), at, "{text}");
        }
    }

    #[test]
    fn an_error_says_where() {
        assert_eq!(
            "vé+1".parse::<Tag>().unwrap_err().to_string(),
            r#""vé+1" is not a tag: character 2, 'é': expected letters, digits, `_`, `.` and `-` only"#
        );
        assert_eq!(
            "".parse::<Tag>().unwrap_err().to_string(),
            r#""" is not a tag: it ends where a letter, a digit or `_` is expected"#
        );
    }
}
