//! Whether a text names something, in whichever way a language or a generator writes its name.

/// Whether a text holds an identifier of which `name` is a part: `extra_tag` is named by `set_extra_tag`, `GetExtraTag`,
/// `kExtraTagFieldNumber` and `Options_EXTRA_TAG`, and not by `extratags` or `extra`.
///
/// What begins or ends within a word of small letters is another word; underscores, capitals and digits are all the
/// same, as each generator has rules of its own for them.
pub(super) fn names(text: &str, name: &str) -> bool {
    let wanted: Vec<char> = squashed(name).collect();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    !wanted.is_empty() && text.split(|c| !is_part(c)).any(|word| holds(word, &wanted))
}

/// Small letters and digits alone.
pub(super) fn squashed(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase)
}

fn holds(word: &str, wanted: &[char]) -> bool {
    if word.len() < wanted.len() {
        return false;
    }
    let chars: Vec<char> = word.chars().collect();
    (0..chars.len()).any(|start| begins(&chars, start) && ends_well(&chars[start..], wanted))
}

/// Whether a part of an identifier may begin at a character, which is also where one may end.
fn begins(chars: &[char], at: usize) -> bool {
    match (at.checked_sub(1).map(|before| chars[before]), chars.get(at)) {
        (None, _) | (_, None) => true,
        (Some(before), Some(c)) => !(before.is_alphabetic() && c.is_lowercase()),
    }
}

/// Whether what is wanted stands here and ends where a part may.
fn ends_well(chars: &[char], wanted: &[char]) -> bool {
    let mut open = wanted;
    for (at, c) in chars.iter().enumerate() {
        if open.is_empty() {
            return begins(chars, at);
        }
        for c in c.to_lowercase().filter(|c| *c != '_') {
            match open.split_first() {
                Some((first, rest)) if *first == c => open = rest,
                _ => return false,
            }
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn every_way_to_write_a_name_is_seen() {
        for text in [
            "request.extra_tag",
            "response->set_extra_tag(1)",
            "x.GetExtraTag()",
            "kExtraTagFieldNumber",
            "EXTRA_TAG",
            "Options_EXTRA_TAG_MAX",
            "extraTag: 1",
            "getattr(request, 'extra_tag')",
            "r#extra_tag",
            "ExtraTag2",
            "// extra_tag",
        ] {
            assert!(names(text, "extra_tag"), "{text}");
        }
        for text in ["extratags", "extra tag", "extra", "anextra_tag", "extra_tagged", "", "_"] {
            assert!(!names(text, "extra_tag"), "{text}");
        }
        assert!(names("NGPULayers", "n_gpu_layers") && names("NGpuLayers", "n_gpu_layers"));
        assert!(names("top3k", "k") && names("Top_3K", "top_3k") && names("top_3_k", "top3k"));
        assert!(!names("anything", "") && !names("anything", "_"));
    }
}
