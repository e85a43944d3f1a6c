//! How often requirements that are not locked are resolved anew.

/// The bucket that stands in the key of a unit with floating requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Refresh {
    /// Every Monday, by the ISO week with its own year.
    IsoWeek,
    /// Every day.
    Day,
    /// Every hour.
    Hour,
    /// When something else changes.
    Never,
}

impl Refresh {
    /// The bucket as a strftime(3) format in UTC; none where nothing is ever renewed for its age.
    ///
    /// A week goes with the ISO year `%G`, not with the calendar's `%Y`, which the reference has. They differ around
    /// New Year: 1 January 2027 lies in week `2026-W53`, and `%Y-W%V` says `2027-W53`, a week that does not exist; on
    /// 30 December 2024 it says `2024-W01` a second time, and hits a cache that is a year old.
    pub fn strftime(self) -> Option<&'static str> {
        match self {
            Self::IsoWeek => Some("%G-W%V"),
            Self::Day => Some("%Y-%m-%d"),
            Self::Hour => Some("%Y-%m-%dT%H"),
            Self::Never => None,
        }
    }
}
