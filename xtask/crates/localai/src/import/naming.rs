//! What a row is called in the table: the words of our own manifests, where it fits them.

use super::document::{List, Row};
use super::model::DARWIN;
use super::order::Place;

/// Variant and platform of a row.
pub(super) fn place(row: &Row) -> Result<Place, String> {
    let field = |name| row.get(name).unwrap_or_default();
    let (build_type, cuda) = (field("build-type"), field("cuda-major-version"));
    let platform = match row.list {
        List::Darwin => DARWIN.to_owned(),
        List::Linux => platform(field("platforms"))?,
    };
    let accelerator = match (row.list, build_type) {
        (List::Darwin, "" | "mps" | "metal") => "metal".to_owned(),
        (List::Darwin, other) => format!("darwin-{other}"),
        (List::Linux, "") => "cpu".to_owned(),
        (List::Linux, "cublas" | "l4t") if !cuda.is_empty() => {
            if platform == "arm64" {
                "l4t-cuda".to_owned()
            } else {
                "cuda".to_owned()
            }
        }
        (List::Linux, "hipblas") => "rocm".to_owned(),
        (List::Linux, other) => other.replace('_', "-"),
    };
    let text = match (accelerator.as_str(), cuda) {
        (_, "") => accelerator,
        ("cuda" | "l4t-cuda", cuda) => format!("{accelerator}-{cuda}"),
        (_, cuda) => format!("{accelerator}-cuda-{cuda}"),
    };
    let variant =
        text.parse().map_err(|error| format!("the build type makes no name of a variant: {error}"))?;
    Ok((variant, platform))
}

/// `linux/amd64,linux/arm64` as `amd64+arm64`.
fn platform(text: &str) -> Result<String, String> {
    let short: Option<Vec<&str>> = text.split(',').map(|one| one.trim().strip_prefix("linux/")).collect();
    let plain = |one: &&str| {
        !one.is_empty()
            && *one != DARWIN
            && one.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.')
    };
    match short.filter(|list| list.iter().all(plain)) {
        Some(list) => Ok(list.join("+")),
        None => Err(format!("`platforms: {text}` is not linux/amd64, linux/arm64, or several of the kind")),
    }
}

/// `python` of `./backend/Dockerfile.python`.
pub(super) fn family(dockerfile: &str) -> String {
    let name = dockerfile.rsplit('/').next().unwrap_or(dockerfile);
    name.split_once('.').map_or(name, |(_, family)| family).to_owned()
}
