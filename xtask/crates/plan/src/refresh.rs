//! How often requirements that are not locked are resolved anew.

/// The bucket that stands in the key of a unit with floating requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Refresh {
    /// ISO week with its own year: 1 January 2027 lies in `2026-W53`, where the reference's `%Y-W%V` says `2027-W53`.
    IsoWeek,
}

impl Refresh {
    /// The bucket as a strftime(3) format in UTC.
    pub fn strftime(self) -> &'static str {
        match self {
            Self::IsoWeek => "%G-W%V",
        }
    }
}
