//! What the compiler cache did for one build, from the statistics log that ccache writes beside it.

use camino::Utf8Path;

/// A compiler cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// ccache.
    #[default]
    Ccache,
    /// sccache.
    Sccache,
}

/// Results of one build's compilations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Hits {
    /// Of which cache.
    pub of: Cache,
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

    fn add(&mut self, counter: &str, count: u32) {
        let field = match counter {
            "direct_cache_hit" => &mut self.direct,
            "preprocessed_cache_hit" => &mut self.preprocessed,
            "cache_miss" => &mut self.miss,
            _ => return,
        };
        *field = field.saturating_add(count);
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            of: self.of,
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

/// Reads what a container build prints of its statistics log: a count and a counter's name on each line.
pub fn counted(lines: &[String]) -> Hits {
    let mut hits = Hits::default();
    for line in lines {
        let mut words = line.split_whitespace();
        let (count, name) = (words.next().and_then(|count| count.parse().ok()), words.next());
        if let (Some(count), Some(name)) = (count, name) {
            hits.add(name, count);
        }
    }
    hits
}

fn parse(text: &str) -> Hits {
    let mut hits = Hits::default();
    for line in text.lines() {
        hits.add(line.trim(), 1);
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
        assert_eq!(hits, Hits { of: Cache::Ccache, direct: 1, preprocessed: 1, miss: 1 });
        assert_eq!(hits.percent(), Some(66));
        assert_eq!(Hits::default().percent(), None);
        let lines =
            ["    126 cache_miss", "      3 direct_cache_hit", "      9 direct_cache_miss", "x y", ""]
                .map(String::from);
        assert_eq!(counted(&lines), Hits { of: Cache::Ccache, direct: 3, preprocessed: 0, miss: 126 });
    }
}
