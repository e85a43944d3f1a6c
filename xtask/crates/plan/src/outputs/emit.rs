//! From decided rows to the text of `GITHUB_OUTPUT`.

use super::MATRIX_LIMIT;
use super::merge_matrix::merge_matrix;
use super::refusal::Refusal;
use super::row::Row;
use super::shards::Shards;
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
    /// Over how many matrices the rows of a single platform are spread.
    pub shards: Shards,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emitted {
    /// Lines of `key=value`.
    pub text: String,
    /// What whoever wrote the matrix should know.
    pub warnings: Vec<String>,
}

impl<L: Row, D: Serialize> Outputs<'_, L, D> {
    /// The whole text, or nothing.
    pub fn emit(&self) -> Result<Emitted, Refusal> {
        let (multi, single): (Vec<&L>, Vec<&L>) =
            self.linux.iter().copied().partition(|row| row.has_platform_tag());
        let parts = self.shards.split(&single);
        self.refuse(&parts, built(&multi).len())?;
        let mut lines = Lines::default();
        let merges = merge_matrix(&merged(&multi))?;
        let multi = built(&multi);
        lines.flag("run-all", self.run_all);
        lines.flag("has-backends-multiarch", !multi.is_empty());
        lines.flag("has-backends-darwin", self.has_darwin);
        lines.flag("has-merges-multiarch", merges.count > 0);
        lines.matrix("matrix-multiarch", &multi)?;
        lines.matrix("matrix-darwin", &self.darwin)?;
        lines.json("merge-matrix-multiarch", &merges.json);
        lines.warnings.extend(merges.warnings);
        for (rows, number) in parts.into_iter().zip(1..) {
            let (merges, rows) = (merge_matrix(&merged(rows))?, built(rows));
            lines.flag(&format!("has-backends-singlearch-{number}"), !rows.is_empty());
            lines.flag(&format!("has-merges-singlearch-{number}"), merges.count > 0);
            lines.matrix(&format!("matrix-singlearch-{number}"), &rows)?;
            lines.json(&format!("merge-matrix-singlearch-{number}"), &merges.json);
            lines.warnings.extend(merges.warnings);
        }
        for (name, changed) in &self.backends {
            lines.flag(name, *changed);
        }
        // JSON and names are text, and nothing else was written.
        let text = String::from_utf8_lossy(&lines.text).into_owned();
        Ok(Emitted { text, warnings: lines.warnings })
    }

    /// Whatever cannot be run is found before the first line.
    fn refuse(&self, parts: &[&[&L]], multi: usize) -> Result<(), Refusal> {
        let shards = Some(parts.len());
        let mut sizes: Vec<(String, usize, Option<usize>)> = parts
            .iter()
            .zip(1..)
            .map(|(rows, number)| (format!("matrix-singlearch-{number}"), rows.len(), shards))
            .collect();
        // The reference lets these two through; where the number of matrices is ours to choose, nothing may hang.
        if matches!(self.shards, Shards::Derived { .. }) {
            sizes.push(("matrix-multiarch".to_owned(), multi, None));
            sizes.push(("matrix-darwin".to_owned(), self.darwin.len(), None));
        }
        if let Some((key, rows, shards)) = sizes.into_iter().find(|(_, rows, _)| *rows >= MATRIX_LIMIT) {
            return Err(Refusal::TooMany { key, rows, shards });
        }
        match self.backends.iter().find(|(name, _)| name.contains(['\n', '\r', '='])) {
            Some((name, _)) => Err(Refusal::Name { name: name.clone() }),
            None => Ok(()),
        }
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
    warnings: Vec<String>,
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

    fn outputs(rows: &[Fake], shards: Shards) -> Outputs<'_, Fake, Fake> {
        let backends = vec![("x".to_owned(), true)];
        Outputs {
            run_all: false,
            linux: rows.iter().collect(),
            darwin: Vec::new(),
            has_darwin: false,
            backends,
            shards,
        }
    }

    #[test]
    fn keys_come_in_the_order_of_the_reference() {
        let rows = [row("-a", "auto", "amd64"), row("-b", "", ""), row("-a", "no", "arm64"), row("", "", "")];
        let emitted = outputs(&rows, Shards::Derived { of: 0 }).emit().unwrap();
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
        let refused = outputs(&rows, Shards::REFERENCE).emit().unwrap_err();
        assert!(matches!(refused, Refusal::TooMany { rows: 256, shards: Some(4), .. }), "{refused}");
        assert!(outputs(&rows[1..], Shards::REFERENCE).emit().is_ok());
        assert!(outputs(&rows, Shards::Derived { of: 0 }).emit().is_ok());
        let tagged: Vec<Fake> = (0..256).map(|_| row("-a", "", "amd64")).collect();
        assert!(outputs(&tagged, Shards::REFERENCE).emit().is_ok());
        assert!(matches!(
            outputs(&tagged, Shards::Derived { of: 0 }).emit(),
            Err(Refusal::TooMany { shards: None, .. })
        ));
    }

    #[test]
    fn a_name_that_forges_a_line_is_refused() {
        let mut outputs = outputs(&[], Shards::Derived { of: 0 });
        outputs.backends = vec![("a=true\nrun-all".to_owned(), true)];
        assert!(matches!(outputs.emit(), Err(Refusal::Name { .. })));
    }
}
