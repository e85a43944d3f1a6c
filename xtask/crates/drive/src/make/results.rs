//! What builds did, one file a unit, for `ci summary`.

use super::summary::{Built, How};
use anyhow::{Context, Result};
use camino::Utf8Path;
use ci::results::UnitResult;
use std::io::ErrorKind;

/// Where the files are, from the root of the checkout.
pub const DIR: &str = "target/xtask-results/units";

/// Keeps what came of a unit.
pub fn save(root: &Utf8Path, built: &Built) -> Result<()> {
    let (ccache, layers) = match &built.how {
        How::Built { hits, layers } => {
            let had = hits.direct + hits.preprocessed;
            let ccache = (hits.total() > 0).then(|| (had, hits.total()));
            (ccache, layers.map(|layers| (layers.cached, layers.ran + layers.cached)))
        }
        _ => (None, None),
    };
    let result = UnitResult {
        unit: built.unit.to_string(),
        key: built.key.to_string(),
        result: built.how.verb().to_owned(),
        seconds: built.took.as_secs_f64(),
        ccache,
        layers,
        warnings: built.warnings,
        image: built.image.as_ref().map(|image| image.digest.to_string()),
    };
    let dir = root.join(DIR);
    fs_err::create_dir_all(&dir)?;
    fs_err::write(dir.join(format!("{}.json", built.unit.slug())), serde_json::to_vec(&result)?)?;
    Ok(())
}

/// Reads what came of all units; nothing where there is no directory.
pub fn read(dir: &Utf8Path) -> Result<Vec<UnitResult>> {
    let entries = match dir.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut results = Vec::new();
    for entry in entries {
        let path = entry?.into_path();
        if path.extension() == Some("json") {
            let text = fs_err::read(&path)?;
            results.push(
                serde_json::from_slice(&text).with_context(|| format!("{path} is no result of a build"))?,
            );
        }
    }
    Ok(results)
}
