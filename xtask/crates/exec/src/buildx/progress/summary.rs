//! What a whole build came to.

use super::{Kind, State, Vertex};

/// What a whole build came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// `RUN`s that were executed.
    pub ran: usize,
    /// `RUN`s that were found in a cache.
    pub cached: usize,
    /// What went wrong and did not fail the build, such as a layer cache that could not be written.
    pub warnings: Vec<String>,
}

impl Summary {
    /// From the vertices of a build that is over.
    pub(super) fn of(vertices: &[Vertex]) -> Self {
        let runs = |state: &State| {
            vertices.iter().filter(|vertex| vertex.kind == Kind::Run && vertex.state == *state).count()
        };
        let mut warnings = Vec::new();
        for vertex in vertices {
            let State::Failed(why) = &vertex.state else { continue };
            match vertex.kind {
                Kind::CacheExport => warnings.push(format!("the layer cache was not written: {why}")),
                // The first build of a unit finds no cache.
                Kind::CacheImport if why.ends_with("not found") => {}
                Kind::CacheImport => warnings.push(format!("the layer cache was not read: {why}")),
                _ => {}
            }
        }
        Self { ran: runs(&State::Done), cached: runs(&State::Cached), warnings }
    }
}
