//! The rules that come with the program.

/// The name of the reference's rules.
pub const LOCALAI: &str = "localai";

/// The name of the same rules without their mistakes.
pub const CORRECTED: &str = "localai-corrected";

/// The path and the text of rules that come with the program.
pub fn shipped(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        LOCALAI => {
            Some((".github/rules/localai.yml", include_str!("../../../../../../.github/rules/localai.yml")))
        }
        CORRECTED => Some((
            ".github/rules/localai-corrected.yml",
            include_str!("../../../../../../.github/rules/localai-corrected.yml"),
        )),
        _ => None,
    }
}
