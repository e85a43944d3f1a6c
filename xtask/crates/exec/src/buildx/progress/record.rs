//! One line of `--progress rawjson`. Every field may be missing, and unknown ones are passed over.

use serde::Deserialize;

/// What one line says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Record {
    #[serde(default)]
    pub(super) vertexes: Vec<VertexRecord>,
    #[serde(default)]
    pub(super) statuses: Vec<StatusRecord>,
    #[serde(default)]
    pub(super) logs: Vec<LogRecord>,
    #[serde(default)]
    pub(super) warnings: Vec<WarningRecord>,
}

/// A node of the build graph. Sent again whenever something about it changes.
#[derive(Debug, Deserialize)]
pub(super) struct VertexRecord {
    #[serde(default)]
    pub(super) digest: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) started: Option<String>,
    pub(super) completed: Option<String>,
    #[serde(default)]
    pub(super) cached: bool,
    #[serde(default)]
    pub(super) error: String,
}

/// Bytes that move, or a part of a node's work.
#[derive(Debug, Deserialize)]
pub(super) struct StatusRecord {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) vertex: String,
    #[serde(default)]
    pub(super) current: i64,
    #[serde(default)]
    pub(super) total: i64,
}

/// Output of a node's process, cut anywhere.
#[derive(Debug, Deserialize)]
pub(super) struct LogRecord {
    #[serde(default)]
    pub(super) vertex: String,
    #[serde(default)]
    pub(super) stream: i64,
    #[serde(default)]
    pub(super) data: String,
}

/// A warning about the definition.
#[derive(Debug, Deserialize)]
pub(super) struct WarningRecord {
    #[serde(default)]
    pub(super) short: String,
}
