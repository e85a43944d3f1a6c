//! Results that are signed are used on other machines; those that somebody planted are not.

use crate::child::{self, LONG, Run, SHORT};
use crate::prepared::{Prepared, image_tag};
use crate::runner::{CACHE, Runner};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;

/// A private key, and the lines of the manifest that trust it.
pub fn key(dir: &Utf8Path) -> (Utf8PathBuf, String) {
    let file = dir.join("key.pem");
    let openssl = |args: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(args).arg(&file);
        child::run(command, SHORT).expect(0).out
    };
    openssl(&["genpkey", "-algorithm", "ED25519", "-out"]);
    let public = openssl(&["pkey", "-pubout", "-in"]);
    let public = public.trim_end().replace('\n', "\n        ");
    (file, format!("registry:\n  trust:\n    keys:\n      - |\n        {public}\n"))
}

#[test]
fn signed_results_are_used_elsewhere_and_planted_ones_are_not() {
    Prepared::get();
    let registry = Prepared::registry();
    let runner = Runner::tiny(&registry);
    let (key, trust) = key(&runner.checkout.root.join(".."));
    runner.checkout.edit("backend/variants.yaml", "registry:\n", &trust);
    let tag = image_tag(&registry);
    let planted = registry.digest(CACHE, &tag);

    // What is there was signed by nobody: image, base and compiler cache alike.
    let mut command = runner.building(&["--push"]);
    command.env("XTASK_SIGNING_KEY", &key);
    let built = child::run(command, LONG).expect(0);
    let unsigned = format!("{tag} is not used: nobody says who made it");
    built.says("built tiny").says(&unsigned).says("fromsource builder");

    // Another machine takes it without building anything, and without the key.
    let mut other = runner.another(&registry);
    other.without_docker();
    other.build(&[]).expect(0).says("pulled");

    // Whoever may write a tag has it name something else.
    let name = registry.repository(CACHE);
    let create = ["buildx", "imagetools", "create", "--tag", &format!("{name}:{tag}")];
    runner.builder.docker(&[&create[..], &[&format!("{name}@{planted}")]].concat()).expect(0);
    let mut other = runner.another(&registry);
    other.without_docker();
    let refused: Run = other.build(&[]);
    assert_ne!(refused.code(), 0);
    refused.says(&format!("{tag} is not used: nobody says who made it"));
}
