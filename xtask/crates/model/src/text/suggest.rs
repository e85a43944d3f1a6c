//! "Did you mean …": the nearest of the known names.

/// The candidate nearest to `word`, if it is near enough to be a likely typing error.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1.max(candidate.len().min(word.len()) / 3))
        .min()
        .map(|(_, candidate)| candidate)
}

/// `; did you mean …?` or nothing, to be appended to an error.
pub fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |found| format!("; did you mean `{found}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_typing_error_and_leaves_a_stranger_alone() {
        assert_eq!(nearest("lama-cpp", ["llama-cpp", "minilm"]), Some("llama-cpp"));
        assert_eq!(nearest("vulcan", ["cpu", "vulkan"]), Some("vulkan"));
        assert_eq!(nearest("whisper", ["llama-cpp", "minilm"]), None);
    }
}
