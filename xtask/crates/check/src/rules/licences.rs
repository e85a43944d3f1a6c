//! Rule: the licence of everything that is packaged is one that is known.

use crate::{Found, Repository, Rule};
use camino::Utf8PathBuf;
use model::manifest::{BACKEND, SOURCES};

pub(super) const RULE: Rule = Rule {
    name: "licences",
    meaning: "licences of pins and backends are expressions of known SPDX identifiers",
    source: "design: trust",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    let pins = manifests.pins.values().map(|pin| {
        let way = vec!["sources", pin.name.as_str(), "license"];
        (Utf8PathBuf::from(SOURCES), way, pin.license.as_str())
    });
    let backends = manifests
        .backends
        .values()
        .map(|backend| (backend.dir.join(BACKEND), vec!["license"], backend.license.as_str()));
    for (file, way, license) in pins.chain(backends) {
        if let Err(error) = spdx::Expression::parse(license) {
            let mut spot = repository.value(&file, &way);
            let (from, to) = (error.span.start.min(license.len()), error.span.end.min(license.len()));
            // In quotes the column would be off; the value's own beginning is near enough then.
            if spot.length == license.chars().count() && from < to {
                spot.column += license[..from].chars().count();
                spot.length = license[from..to].chars().count();
            }
            let message = format!("`{license}` is no SPDX expression: {}", error.reason);
            let help =
                "use an identifier of spdx.org/licenses, such as MIT, Apache-2.0 or `MIT OR Apache-2.0`";
            found.add(&file, spot, message, help);
        }
    }
}
