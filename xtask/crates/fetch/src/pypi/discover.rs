//! Finds the indexes without naming any: the user's client knows them.

use super::Indexes;
use crate::error::MirrorError;
use crate::patience::Transfer;
use crate::run::capture;
use halt::Run;
use std::process::Command;

const HINT: &str = "install pip or uv, or set PIP_INDEX_URL to a simple index";

/// Lets pip merge its defaults, configuration files and environment as it would for a download.
const ASK_PIP: &str = "
import json
from pip._internal.commands import create_command
options = create_command('download').parse_args([])[0]
indexes = [] if options.no_index else [options.index_url, *options.extra_index_urls]
print(json.dumps({'indexes': indexes, 'find_links': options.find_links}))
";

pub(super) fn discover(
    variable: impl Fn(&str) -> Option<String>,
    transfer: &Transfer,
) -> Result<Indexes, MirrorError> {
    let list = |name: &str| -> Vec<String> {
        variable(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let first = |names: &[&str]| names.iter().map(|name| list(name)).find(|urls| !urls.is_empty());
    if let Some(mut indexes) = first(&["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"]) {
        indexes.extend(list("PIP_EXTRA_INDEX_URL"));
        return Ok(Indexes { indexes, find_links: list("PIP_FIND_LINKS") });
    }
    let pip = |python| {
        let mut command = Command::new(python);
        command.args(["-c", ASK_PIP]);
        let output = capture(python, HINT, Run::new(command), transfer.program)?;
        serde_json::from_slice(&output.stdout)
            .map_err(|error| MirrorError::Unusable(format!("{python} tells pip's settings wrongly: {error}")))
    };
    pip("python3").or_else(|error| uv(transfer).map_err(|_| error))
}

/// uv prints its index when it compiles an empty list of requirements.
fn uv(transfer: &Transfer) -> Result<Indexes, MirrorError> {
    let mut command = Command::new("uv");
    command.args(["pip", "compile", "--quiet", "--emit-index-url", "-"]);
    let output = capture("uv", HINT, Run::new(command), transfer.program)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let options = |name: &'static str| {
        text.lines().filter_map(move |line| line.strip_prefix(name)).map(|url| url.trim().to_owned())
    };
    let indexes: Vec<_> = options("--index-url ").chain(options("--extra-index-url ")).collect();
    if indexes.is_empty() {
        return Err(MirrorError::Tool { program: "uv", hint: HINT });
    }
    Ok(Indexes { indexes, find_links: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_comes_first() {
        let set = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let transfer = Transfer::default();
        let found = discover(
            set(&[
                ("PIP_INDEX_URL", "http://a/simple"),
                ("PIP_EXTRA_INDEX_URL", "http://b http://c"),
                ("PIP_FIND_LINKS", "/x"),
            ]),
            &transfer,
        )
        .unwrap();
        assert_eq!(found.indexes, ["http://a/simple", "http://b", "http://c"]);
        assert_eq!(found.find_links, ["/x"]);
        let found =
            discover(set(&[("PIP_INDEX_URL", "http://a"), ("UV_DEFAULT_INDEX", "http://u")]), &transfer);
        assert_eq!(found.unwrap().indexes, ["http://u"]);
    }
}
