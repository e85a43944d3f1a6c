//! From decided rows to the text of `GITHUB_OUTPUT`.

use super::blocks::{Blocks, further, split};
use super::merge_matrix::{MergeMatrix, merge_matrix};
use super::refusal::{Refusal, fits};
use super::row::Row;
use matrixfile::append;
use serde::Serialize;

/// What was decided for an event.
#[derive(Debug, Clone)]
pub struct Outputs<'a, L, D> {
    /// Everything is built, and nothing was looked at.
    pub run_all: bool,
    /// Rows of Linux, in their order: those that are built or merged.
    pub linux: Vec<&'a L>,
    /// Rows of Darwin, in their order.
    pub darwin: Vec<&'a D>,
    /// Whether there are Darwin jobs; the reference says so of a full matrix without any.
    pub has_darwin: bool,
    /// Every backend, and whether it changed.
    pub backends: Vec<(String, bool)>,
    /// Over how many matrices the rows are spread.
    pub blocks: Blocks,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emitted {
    /// Lines of `key=value`.
    pub text: String,
    /// What whoever wrote the matrix should know.
    pub warnings: Vec<String>,
}

/// The rows of one name, and what is merged of them.
struct Block<'a, L> {
    name: String,
    rows: Vec<&'a L>,
    merges: MergeMatrix,
}

impl<'a, L: Row> Block<'a, L> {
    /// Refuses what could not be run.
    fn new(name: &str, all: &[&'a L], spread: Option<usize>) -> Result<Self, Refusal> {
        let (rows, merges) = (built(all), merge_matrix(&merged(all))?);
        fits(&format!("matrix-{name}"), rows.len(), spread)?;
        fits(&format!("merge-matrix-{name}"), merges.count, spread)?;
        Ok(Self { name: name.to_owned(), rows, merges })
    }
}

impl<'a, L: Row, D: Serialize> Outputs<'a, L, D> {
    /// The whole text, or nothing: whatever cannot be run is found before the first line.
    pub fn emit(&self) -> Result<Emitted, Refusal> {
        let (multi, single): (Vec<&L>, Vec<&L>) =
            self.linux.iter().copied().partition(|row| row.has_platform_tag());
        let [multi, single] = [self.multi(&multi)?, self.single(&single)?];
        let darwin = split(&self.darwin, self.blocks.darwin);
        let macos: Vec<(String, &[&D])> = self.blocks.macos().into_iter().zip(darwin).collect();
        for (name, rows) in &macos {
            fits(&format!("matrix-{name}"), rows.len(), None)?;
        }
        if let Some((name, _)) = self.backends.iter().find(|(name, _)| name.contains(['\n', '\r', '='])) {
            return Err(Refusal::Name { name: name.clone() });
        }
        let mut lines = Lines::default();
        lines.flag("run-all", self.run_all);
        let (first, others) = (multi.iter().take(1), multi.iter().skip(1));
        for block in first {
            lines.flag("has-backends-multiarch", !block.rows.is_empty());
            lines.flag("has-backends-darwin", self.has_darwin);
            lines.flag("has-merges-multiarch", block.merges.count > 0);
            lines.matrix("matrix-multiarch", &block.rows)?;
            lines.matrix("matrix-darwin", macos.first().map_or(&[][..], |(_, rows)| rows))?;
            lines.json("merge-matrix-multiarch", &block.merges.json);
        }
        for block in single.iter().chain(others) {
            lines.block(block)?;
        }
        for (name, rows) in macos.iter().skip(1) {
            lines.flag(&format!("has-backends-{name}"), !rows.is_empty());
            lines.matrix(&format!("matrix-{name}"), rows)?;
        }
        for (name, changed) in &self.backends {
            lines.flag(name, *changed);
        }
        let warnings = multi.into_iter().chain(single).flat_map(|block| block.merges.warnings).collect();
        // JSON and names are text, and nothing else was written.
        Ok(Emitted { text: String::from_utf8_lossy(&lines.text).into_owned(), warnings })
    }

    /// Those of images on several platforms.
    fn multi(&self, rows: &[&'a L]) -> Result<Vec<Block<'a, L>>, Refusal> {
        let names = ["multiarch".to_owned()].into_iter().chain(further("multiarch", self.blocks.multi));
        let of = |(number, name): (usize, String)| {
            let rows: Vec<&L> = rows.iter().copied().filter(|row| row.block() == number).collect();
            Block::new(&name, &rows, None)
        };
        names.enumerate().map(of).collect()
    }

    /// Those of images on a single one.
    fn single(&self, rows: &[&'a L]) -> Result<Vec<Block<'a, L>>, Refusal> {
        let count = self.blocks.single;
        let of = |(rows, number): (&[&'a L], usize)| {
            Block::new(&format!("singlearch-{number}"), rows, Some(count))
        };
        split(rows, count).into_iter().zip(1..).map(of).collect()
    }
}

fn built<'a, L: Row>(rows: &[&'a L]) -> Vec<&'a L> {
    rows.iter().copied().filter(|row| row.is_built()).collect()
}

fn merged<'a, L: Row>(rows: &[&'a L]) -> Vec<&'a L> {
    rows.iter().copied().filter(|row| row.is_merged()).collect()
}

#[derive(Default)]
struct Lines {
    text: Vec<u8>,
}

impl Lines {
    fn key(&mut self, key: &str) {
        self.text.extend_from_slice(key.as_bytes());
        self.text.push(b'=');
    }

    fn flag(&mut self, key: &str, value: bool) {
        self.json(key, if value { b"true" } else { b"false" });
    }

    fn json(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.text.extend_from_slice(value);
        self.text.push(b'\n');
    }

    fn block<L: Row>(&mut self, block: &Block<'_, L>) -> serde_json::Result<()> {
        let Block { name, rows, merges } = block;
        self.flag(&format!("has-backends-{name}"), !rows.is_empty());
        self.flag(&format!("has-merges-{name}"), merges.count > 0);
        self.matrix(&format!("matrix-{name}"), rows)?;
        self.json(&format!("merge-matrix-{name}"), &merges.json);
        Ok(())
    }

    fn matrix<T: Serialize>(&mut self, key: &str, rows: &[&T]) -> serde_json::Result<()> {
        self.key(key);
        self.text.extend_from_slice(b"{\"include\":[");
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            append(&mut self.text, row)?;
        }
        self.text.extend_from_slice(b"]}\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Fake {
        tag_suffix: &'static str,
        tag_latest: &'static str,
        platform_tag: &'static str,
    }

    impl Row for Fake {
        type Value = str;
        fn tag_suffix(&self) -> Option<&str> {
            Some(self.tag_suffix).filter(|text| !text.is_empty())
        }
        fn tag_latest(&self) -> Option<&str> {
            Some(self.tag_latest).filter(|text| !text.is_empty())
        }
        fn has_platform_tag(&self) -> bool {
            !self.platform_tag.is_empty()
        }
    }

    fn row(tag_suffix: &'static str, tag_latest: &'static str, platform_tag: &'static str) -> Fake {
        Fake { tag_suffix, tag_latest, platform_tag }
    }

    const ONE: Blocks = Blocks { multi: 1, single: 1, darwin: 1 };

    fn outputs(rows: &[Fake], blocks: Blocks) -> Outputs<'_, Fake, Fake> {
        let backends = vec![("x".to_owned(), true)];
        Outputs {
            run_all: false,
            linux: rows.iter().collect(),
            darwin: Vec::new(),
            has_darwin: false,
            backends,
            blocks,
        }
    }

    #[test]
    fn keys_come_in_the_order_of_the_reference() {
        let rows = [row("-a", "auto", "amd64"), row("-b", "", ""), row("-a", "no", "arm64"), row("", "", "")];
        let emitted = outputs(&rows, ONE).emit().unwrap();
        let expected = r#"run-all=false
has-backends-multiarch=true
has-backends-darwin=false
has-merges-multiarch=true
matrix-multiarch={"include":[{"tag-suffix":"-a","tag-latest":"auto","platform-tag":"amd64"},{"tag-suffix":"-a","tag-latest":"no","platform-tag":"arm64"}]}
matrix-darwin={"include":[]}
merge-matrix-multiarch={"include":[{"tag-suffix":"-a","tag-latest":"auto"}]}
has-backends-singlearch-1=true
has-merges-singlearch-1=true
matrix-singlearch-1={"include":[{"tag-suffix":"-b","tag-latest":"","platform-tag":""},{"tag-suffix":"","tag-latest":"","platform-tag":""}]}
merge-matrix-singlearch-1={"include":[{"tag-suffix":"-b","tag-latest":""}]}
x=true
"#;
        assert_eq!(emitted.text, expected);
        assert_eq!(emitted.warnings.len(), 1, "{:?}", emitted.warnings);
    }

    #[test]
    fn what_github_would_not_run_is_refused() {
        let rows: Vec<Fake> = (0..1021).map(|_| row("-a", "", "")).collect();
        let refused = outputs(&rows, Blocks::REFERENCE).emit().unwrap_err();
        assert!(matches!(refused, Refusal::TooMany { rows: 256, shards: Some(4), .. }), "{refused}");
        assert!(outputs(&rows[1..], Blocks::REFERENCE).emit().is_ok());
        assert!(outputs(&rows, Blocks { single: 5, ..ONE }).emit().is_ok());
        let tagged: Vec<Fake> = (0..256).map(|_| row("-a", "", "amd64")).collect();
        for blocks in [Blocks::REFERENCE, ONE] {
            let refused = outputs(&tagged, blocks).emit().unwrap_err();
            assert!(refused.to_string().contains("`matrix-multiarch` has 256 rows"), "{refused}");
            assert!(outputs(&tagged[1..], blocks).emit().is_ok());
        }
        let mut darwin = outputs(&[], Blocks::REFERENCE);
        darwin.darwin = tagged.iter().collect();
        assert!(darwin.emit().unwrap_err().to_string().contains("`matrix-darwin` has 256 rows"));
    }

    #[test]
    fn a_name_that_forges_a_line_is_refused() {
        let mut outputs = outputs(&[], ONE);
        outputs.backends = vec![("a=true\nrun-all".to_owned(), true)];
        assert!(matches!(outputs.emit(), Err(Refusal::Name { .. })));
    }
}
