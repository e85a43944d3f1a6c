//! Rule: a platform is built on machines of that platform.

use crate::{Found, Repository, Rule};
use model::manifest::{BACKEND, VARIANTS};
use model::platform::{Arch, Os};
use plan::published;

pub(super) const RULE: Rule = Rule {
    name: "row-runner",
    meaning: "a matrix row or a base is for arm64 exactly if its runner is an arm64 one, and jobs for macOS are for arm64",
    source: "matrix invariant",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let help = "mend the runner or the platform";
    for row in repository.tables().flat_map(|table| &table.rows).filter(|row| !row.darwin) {
        if let Some(message) = mismatch(row.text("platforms"), row.text("runs-on")) {
            found.add(&row.file, row.place("runs-on"), message, help);
        }
    }
    for base in repository.model().into_iter().flat_map(|manifests| manifests.bases.values()) {
        if let Some(message) = mismatch(base.platform.as_str(), &base.runner) {
            let spot = repository.value(VARIANTS.into(), &["bases", base.name.as_str(), "runner"]);
            found.add(VARIANTS.into(), spot, message, help);
        }
    }
    let units = repository.model().into_iter().flat_map(published::units);
    for unit in units.filter(|unit| unit.platform.os == Os::Darwin && unit.platform.arch != Arch::Arm64) {
        let Some(backend) = repository.model().and_then(|it| it.backends.get(&unit.backend)) else {
            continue;
        };
        let file = backend.dir.join(BACKEND);
        let spot = repository.key(&file, &["variants", unit.variant.as_str()]);
        let message =
            format!("{unit} would be queued for a Mac with Apple silicon, the only kind that jobs run on");
        found.add(
            &file,
            spot,
            message,
            "leave the platform away: who has such a Mac builds on it all the same",
        );
    }
}

fn mismatch(platforms: &str, runner: &str) -> Option<String> {
    let (wants, is) = (platforms.contains("arm64"), runner.ends_with("-arm"));
    let expected = if wants { "ubuntu-24.04-arm" } else { "ubuntu-latest" };
    (wants != is).then(|| format!("`{platforms}` would be emulated on `{runner}`, expected `{expected}`"))
}
