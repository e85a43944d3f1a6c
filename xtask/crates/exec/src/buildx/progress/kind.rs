//! What a node of the build graph is for, told by its name: BuildKit says it in no other way.

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A `RUN` of a Dockerfile.
    Run,
    /// A `FROM` of a Dockerfile: an image that is pulled.
    From,
    /// A `COPY` or another instruction that runs nothing.
    Instruction,
    /// A build context that is sent.
    Context,
    /// A layer cache that is looked up.
    CacheImport,
    /// The layer cache that is written.
    CacheExport,
    /// The result that is written or pushed.
    Export,
    /// The rest.
    Internal,
}

impl Kind {
    /// The kind of the node of that name.
    pub(super) fn of(name: &str) -> Self {
        if name.contains("importing cache manifest from ") {
            return Self::CacheImport;
        }
        if name.contains("exporting cache to ") {
            return Self::CacheExport;
        }
        // In a build of several targets every name begins with `[target stage 1/2]` or `[target]`.
        let (bracket, rest) = match name.strip_prefix('[').and_then(|name| name.split_once("] ")) {
            Some((bracket, rest)) => (bracket, rest),
            None => ("", name),
        };
        if bracket.contains("internal") {
            return Self::Internal;
        }
        if bracket.contains("context ") {
            return Self::Context;
        }
        let first = rest.split(' ').next().unwrap_or_default();
        match first {
            "RUN" if !bracket.is_empty() => Self::Run,
            "FROM" if !bracket.is_empty() => Self::From,
            "exporting" => Self::Export,
            _ if bracket.contains('/') => Self::Instruction,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn names_of_real_builds() {
        for (name, kind) in [
            ("[builder 1/2] RUN --mount=type=bind,from=src,target=/src sh", Kind::Run),
            ("[unit builder 1/2] RUN sh /steps/build.sh", Kind::Run),
            ("[base 1/2] FROM docker.io/library/debian:bookworm-slim@sha256:00", Kind::From),
            ("[stage-2 1/1] COPY --from=builder /out /", Kind::Instruction),
            ("[context src] load from client", Kind::Context),
            ("[internal] load metadata for docker.io/library/debian:12", Kind::Internal),
            ("[unit internal] load build definition from Dockerfile", Kind::Internal),
            ("importing cache manifest from 127.0.0.1:5000/c:x", Kind::CacheImport),
            ("[unit] exporting cache to registry", Kind::CacheExport),
            ("exporting to client directory", Kind::Export),
            ("[unit] exporting to image", Kind::Export),
            ("", Kind::Internal),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }
}
