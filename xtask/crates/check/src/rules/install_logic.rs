//! Rule: what is installed and compiled is said in one place, and templates only run it.

use crate::read::docker::{Instruction, instructions};
use crate::{Found, Repository, Rule};
use camino::Utf8Path;

pub(super) const RULE: Rule = Rule {
    name: "install-logic",
    meaning: "templates of docker/ run the rendered scripts and the packer, and nothing else",
    source: "cache pipeline 6",
    run,
};

/// The template that says how a base is filled; `builder-fromsource` stages repeat it.
const BASE: &str = "docker/Dockerfile.base-grpc-builder";
/// What describes an image, and what runs under [`is_rendered`].
const KNOWN: [&str; 12] = [
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "RUN",
    "USER",
    "WORKDIR",
];

fn run(repository: &Repository<'_>, found: &mut Found) {
    let filled = repository
        .files
        .get(Utf8Path::new(BASE))
        .and_then(|text| instructions(text).into_iter().find(|instruction| instruction.keyword == "RUN"));
    for (file, text) in repository.below("docker", &[""]).filter(|(file, _)| is_template(file)) {
        let mut from_source = false;
        for instruction in instructions(text) {
            let Instruction { keyword, spot, flags, body, body_spot } = &instruction;
            if keyword == "FROM" {
                from_source = body.ends_with(" AS builder-fromsource");
            }
            if !KNOWN.contains(&keyword.as_str()) {
                let message = format!("`{keyword}` brings something in that no key covers");
                found.add(
                    file,
                    *spot,
                    message,
                    "stage it by xtask, as a context, and use COPY or a bind mount",
                );
            }
            if keyword == "RUN" && !is_rendered(body) {
                let message =
                    "a template runs `[\"/bin/sh\", \"/steps/….sh\"]` or `[\"/packer/pack\", …]` alone";
                let help = "say it in xtask/crates/plan/src/deps/rows or in the family's recipe: bases, from-source \
                            builds and bare machines all run that";
                found.add(file, *body_spot, message, help);
            } else if let (true, "RUN", Some(base)) = (from_source, keyword.as_str(), &filled)
                && (flags, body) != (&base.flags, &base.body)
            {
                let message = format!("a builder from source must run word for word what {BASE} runs");
                found.add(
                    file,
                    *spot,
                    message,
                    "copy the instruction: a difference is a layer that is made twice",
                );
            }
        }
    }
}

fn is_template(file: &Utf8Path) -> bool {
    file.file_name().is_some_and(|name| name.starts_with("Dockerfile"))
}

/// Whether an instruction runs a rendered script or the packer, without a shell of its own.
fn is_rendered(body: &str) -> bool {
    let words: Vec<String> = serde_json::from_str(body).unwrap_or_default();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["/bin/sh", script] => {
            let name = script.strip_prefix("/steps/").and_then(|name| name.strip_suffix(".sh"));
            name.is_some_and(|name| !name.contains('/'))
        }
        ["/packer/pack", _, ..] => true,
        _ => false,
    }
}
