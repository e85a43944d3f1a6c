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
    /// Of the hits, those from the cache that machines share.
    pub remote: u32,
    /// Of the hits, those from what a registry's image had brought.
    pub seed: u32,
    /// Compilations that could not ask the cache that machines share.
    pub unreached: u32,
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

    /// The hits that were on this machine before.
    pub fn local(self) -> u32 {
        (self.direct + self.preprocessed).saturating_sub(self.remote + self.seed)
    }

    /// Counts so many compilations that ended with the same counters.
    fn add<'a>(&mut self, counters: impl IntoIterator<Item = &'a str>, count: u32) {
        let (mut is_hit, mut is_remote, mut is_unreached) = (false, false, false);
        for counter in counters {
            match counter {
                "direct_cache_hit" => (is_hit, self.direct) = (true, self.direct.saturating_add(count)),
                "preprocessed_cache_hit" => {
                    (is_hit, self.preprocessed) = (true, self.preprocessed.saturating_add(count));
                }
                "cache_miss" => self.miss = self.miss.saturating_add(count),
                "registry_seed" => self.seed = self.seed.saturating_add(count),
                // Before 4.7 they had another name.
                "remote_storage_hit" | "secondary_storage_hit" => is_remote = true,
                "remote_storage_error"
                | "remote_storage_timeout"
                | "secondary_storage_error"
                | "secondary_storage_timeout" => is_unreached = true,
                _ => {}
            }
        }
        self.remote = self.remote.saturating_add(if is_hit && is_remote { count } else { 0 });
        self.unreached = self.unreached.saturating_add(if is_unreached { count } else { 0 });
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            of: self.of,
            direct: self.direct + other.direct,
            preprocessed: self.preprocessed + other.preprocessed,
            miss: self.miss + other.miss,
            remote: self.remote + other.remote,
            seed: self.seed + other.seed,
            unreached: self.unreached + other.unreached,
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

/// Reads what a container build prints of its statistics log: a count and, on each line, the names of the counters with
/// which so many compilations ended.
pub fn counted(lines: &[String]) -> Hits {
    let mut hits = Hits::default();
    for line in lines {
        let mut words = line.split_whitespace();
        if let Some(count) = words.next().and_then(|count| count.parse().ok()) {
            hits.add(words, count);
        }
    }
    // Of two compilations that share a result, a seed knows one.
    hits.seed = hits.seed.min((hits.direct + hits.preprocessed).saturating_sub(hits.remote));
    hits
}

fn parse(text: &str) -> Hits {
    let mut hits = Hits::default();
    for compilation in text.split('#') {
        // The first line names the file.
        hits.add(compilation.lines().skip(1).map(str::trim), 1);
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_results_and_nothing_else() {
        let log = "# a.c\ndirect_cache_hit\nlocal_storage_hit\n# b.c\ndirect_cache_miss\npreprocessed_cache_miss\ncache_miss\nremote_storage_error\n# c.c\npreprocessed_cache_hit\nremote_storage_hit\nremote_storage_read_hit\n";
        let hits = parse(log);
        let wanted = Hits { direct: 1, preprocessed: 1, miss: 1, remote: 1, unreached: 1, ..Hits::default() };
        assert_eq!(hits, wanted);
        assert_eq!((hits.percent(), hits.local()), (Some(66), 1));
        assert_eq!(Hits::default().percent(), None);
        let lines = [
            "    126  cache_miss direct_cache_miss remote_storage_timeout",
            "      3  direct_cache_hit local_storage_hit",
            "      2  direct_cache_hit remote_storage_hit",
            "      1 ",
            "5 registry_seed",
            "x y",
            "",
        ]
        .map(String::from);
        let hits = counted(&lines);
        let wanted = Hits { direct: 5, miss: 126, remote: 2, seed: 3, unreached: 126, ..Hits::default() };
        assert_eq!((hits, hits.local()), (wanted, 0));
    }
}
