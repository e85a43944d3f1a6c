//! What the compiler cache did for one build, from the statistics log that ccache writes beside it.

use camino::Utf8Path;

/// Results of one build's compilations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Hits {
    /// Found by the hashes of source and headers alone.
    pub direct: u32,
    /// Found after running the preprocessor.
    pub preprocessed: u32,
    /// Compiled.
    pub miss: u32,
}

impl Hits {
    /// Compilations that could have been cached.
    pub fn total(self) -> u32 {
        self.direct + self.preprocessed + self.miss
    }

    /// Share of hits in percent, none when nothing was compiled.
    pub fn percent(self) -> Option<u32> {
        (self.total() > 0).then(|| (self.direct + self.preprocessed) * 100 / self.total())
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            direct: self.direct + other.direct,
            preprocessed: self.preprocessed + other.preprocessed,
            miss: self.miss + other.miss,
        }
    }
}

/// Reads a `CCACHE_STATSLOG` file: per compilation a comment with the input, then counter names.
///
/// A file that is not there means that nothing was compiled.
///
/// # Errors
/// When the file cannot be read.
pub fn read(log: &Utf8Path) -> std::io::Result<Hits> {
    match fs_err::read_to_string(log) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Hits::default()),
        Err(error) => Err(error),
    }
}

fn parse(text: &str) -> Hits {
    let mut hits = Hits::default();
    for line in text.lines() {
        match line.trim() {
            "direct_cache_hit" => hits.direct += 1,
            "preprocessed_cache_hit" => hits.preprocessed += 1,
            "cache_miss" => hits.miss += 1,
            _ => {}
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_results_and_nothing_else() {
        let log = "# a.c\ndirect_cache_hit\nlocal_storage_hit\n# b.c\ndirect_cache_miss\npreprocessed_cache_miss\ncache_miss\n# c.c\npreprocessed_cache_hit\n";
        let hits = parse(log);
        assert_eq!(hits, Hits { direct: 1, preprocessed: 1, miss: 1 });
        assert_eq!(hits.percent(), Some(66));
        assert_eq!(Hits::default().percent(), None);
    }
}
