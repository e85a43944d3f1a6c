//! What exists is not queued: `matrix` and a real registry.

use crate::prepared::{Prepared, image_tag};
use crate::runner::{CACHE, Runner};

/// Whether the unit that was built is a job, and whether its image is merged.
fn jobs(runner: &Runner) -> (bool, bool) {
    let cache = runner.repository(CACHE);
    let told = runner.xtask(&["matrix", "--all", "--registry", &cache, "--format", "json"]).expect(0).out;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let platform = if cfg!(target_arch = "x86_64") { "linux/amd64" } else { "linux/arm64" };
    let is_built = |row: &serde_json::Value| {
        row["backend"] == "tiny" && row["variant"] == "cpu" && row["platform"] == platform
    };
    let built = told["linux"].as_array().unwrap().iter().any(is_built);
    (built, told["merges"].as_array().unwrap().iter().any(|suffix| suffix == "-cpu-tiny"))
}

#[test]
fn an_image_that_exists_is_merged_and_not_built() {
    Prepared::get();
    let registry = Prepared::registry();
    let runner = Runner::tiny(&registry);
    assert_eq!(jobs(&runner), (false, true));
    registry.forget(CACHE, &image_tag(&registry));
    assert_eq!(jobs(&runner), (true, true));
}
