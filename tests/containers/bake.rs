//! `plan --bake --stage` is a file that buildx takes as it is.

use crate::child::{self, LONG};
use crate::prepared::Prepared;
use crate::runner::{CACHE, Runner};
use std::process::Command;

#[test]
fn buildx_builds_what_a_plan_prints() {
    Prepared::get();
    let registry = Prepared::registry();
    let runner = Runner::tiny(&registry);
    let cache = registry.repository(CACHE);
    let plan = runner
        .xtask(&["plan", "tiny", "--realm", "container", "--registry", &cache, "--bake", "--stage"])
        .expect(0);
    let file = runner.checkout.root.join("../bake.json");
    fs_err::write(&file, &plan.out).unwrap();
    let mut bake = Command::new("sh");
    let script = "docker buildx bake --file - --allow='fs=*' --progress=plain < \"$1\"";
    bake.args(["-eu", "-c", script, "sh", file.as_str()]).current_dir(&runner.checkout.root);
    runner.builder.lend_to(&mut bake);
    child::run(bake, LONG).expect(0).says("/steps/build.sh");
}
