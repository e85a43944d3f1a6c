//! Rule: what is installed and compiled is said in one place, and templates only run it.

use crate::read::docker::{Instruction, directives, instructions};
use crate::{Found, Repository, Rule};
use camino::Utf8Path;
use model::manifest::Spot;
use plan::lower::SECRETS;

pub(super) const RULE: Rule = Rule {
    name: "install-logic",
    meaning: "templates of docker/ run the rendered scripts and the packer alone, and bring in what xtask stages alone",
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

/// What xtask stages beside the templates.
const CONTEXTS: [&str; 7] = ["entry", "inputs", "packer", "pins", "seed", "sources", "steps"];
/// What xtask gives a value.
const ARGUMENTS: [&str; 7] =
    ["BASE_IMAGE", "BUILDER_BASE_IMAGE", "BUILDER_TARGET", "CACHE_ID", "FENCE", "MAX_BYTES", "RUN_ID"];
/// What a stage may start from, beside another: nothing, or what xtask says.
const GROUNDS: [&str; 5] =
    ["scratch", "${BASE_IMAGE}", "${BUILDER_BASE_IMAGE}", "${BUILDER_TARGET}", "fenced-${FENCE}"];
/// What an image tells those that run it, and no build.
const TOLD: [&str; 2] = ["NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_VISIBLE_DEVICES"];

const STAGE_IT: &str = "stage it by xtask, as a context, and use COPY or a bind mount";
const SAY_IT: &str = "say it in xtask/crates/plan/src/toolchain/rows or in the family's recipe: bases, from-source builds and \
                      bare machines all run that";

fn run(repository: &Repository<'_>, found: &mut Found) {
    let filled = repository
        .files
        .get(Utf8Path::new(BASE))
        .and_then(|text| instructions(text).into_iter().find(|instruction| instruction.keyword == "RUN"));
    for (file, text) in repository.below("docker", &[""]).filter(|(file, _)| is_template(file)) {
        for spot in directives(text) {
            let message = "a template is read by BuildKit itself, and by nobody of its own choice";
            found.add(file, spot, message, "remove the directive");
        }
        let mut stages = Vec::new();
        let mut from_source = false;
        for instruction in instructions(text) {
            if instruction.keyword == "FROM" {
                from_source = stage(&instruction).is_some_and(|name| name == "builder-fromsource");
            }
            let problem = problem(&instruction, &stages);
            let is_rendered = problem.is_none();
            if let Some(Problem(spot, message, help)) = problem {
                found.add(file, spot, message, help);
            }
            stages.extend(stage(&instruction));
            let differs = filled.as_ref().is_some_and(|base| !instruction.is_like(base));
            if is_rendered && from_source && instruction.keyword == "RUN" && differs {
                let message = format!("a builder from source must run word for word what {BASE} runs");
                let help = "copy the instruction: a difference is a layer that is made twice";
                found.add(file, instruction.spot, message, help);
            }
        }
    }
}

/// What is wrong with an instruction, and where.
struct Problem(Spot, String, &'static str);

/// What is wrong with an instruction that has these stages before it.
fn problem(instruction: &Instruction, stages: &[String]) -> Option<Problem> {
    let Instruction { keyword, spot, flags, body, body_spot } = instruction;
    let wrong = |message: String, help| Some(Problem(*body_spot, message, help));
    let mut words = body.split_whitespace();
    match keyword.as_str() {
        "FROM" => match (words.next().unwrap_or_default(), stage(instruction), flags.first()) {
            (_, _, Some(flag)) => Some(Problem(flag.spot, option(&flag.text), STAGE_IT)),
            (_, Some(name), _) if CONTEXTS.contains(&name.as_str()) => wrong(
                format!("a stage that is called `{name}` hides what xtask stages by that name"),
                "rename it",
            ),
            (image, ..) if GROUNDS.contains(&image) || stages.iter().any(|stage| stage == image) => None,
            (image, ..) => {
                let message = format!(
                    "`{image}` is an image that no key covers, expected one of {}",
                    GROUNDS.join(", ")
                );
                wrong(message, "name it in backend/variants.yaml, from where it comes as an argument")
            }
        },
        "ARG" => words.map(name_of).find(|name| !ARGUMENTS.contains(name)).and_then(|name| {
            wrong(
                format!("`{name}` is an argument that xtask gives no value, and every command sees it"),
                SAY_IT,
            )
        }),
        "ENV" => names_of_env(body)
            .into_iter()
            .find(|name| !TOLD.contains(name))
            .and_then(|name| wrong(format!("`{name}` is a variable that every command sees"), SAY_IT)),
        "COPY" => copied(instruction, stages),
        "RUN" if !is_rendered(body) => {
            let message = "a template runs `[\"/bin/sh\", \"/steps/….sh\"]` or `[\"/packer/pack\", …]` alone";
            wrong(message.to_owned(), SAY_IT)
        }
        "RUN" => flags.iter().find_map(|flag| {
            let why = mounted(&flag.text, stages)?;
            Some(Problem(flag.spot, why, STAGE_IT))
        }),
        known if KNOWN.contains(&known) => None,
        other => Some(Problem(*spot, format!("`{other}` brings something in that no key covers"), STAGE_IT)),
    }
}

/// The name that an instruction gives to what follows.
fn stage(instruction: &Instruction) -> Option<String> {
    let words: Vec<&str> = instruction.body.split_whitespace().collect();
    match words[..] {
        [_, r#as, name] if instruction.keyword == "FROM" && r#as.eq_ignore_ascii_case("as") => {
            Some(name.to_ascii_lowercase())
        }
        _ => None,
    }
}

fn option(flag: &str) -> String {
    format!("`{flag}` is an option that no template needs")
}

fn name_of(word: &str) -> &str {
    word.split('=').next().unwrap_or_default()
}

/// `A=b C=d`, or the old `A b`.
fn names_of_env(body: &str) -> Vec<&str> {
    let is_old = body.split_whitespace().next().is_some_and(|first| !first.contains('='));
    let words = body.split_whitespace().take(if is_old { 1 } else { usize::MAX });
    // What has no sign is the rest of a value with a space in it.
    words.filter(|word| is_old || word.contains('=')).map(name_of).collect()
}

/// What a copy brings in from elsewhere.
fn copied(instruction: &Instruction, stages: &[String]) -> Option<Problem> {
    let here = |message: &str| Some(Problem(instruction.body_spot, message.to_owned(), STAGE_IT));
    let [flag] = &instruction.flags[..] else {
        return here("a copy from no stage or context, or with other options than `--from`");
    };
    match flag.text.strip_prefix("--from=") {
        Some(from) if is_known(from, stages) && !instruction.body.contains("<<") => None,
        Some(from) if is_known(from, stages) => here("a copy of what is written here"),
        Some(from) => Some(Problem(flag.spot, unknown(from), STAGE_IT)),
        None => Some(Problem(flag.spot, option(&flag.text), STAGE_IT)),
    }
}

fn is_known(from: &str, stages: &[String]) -> bool {
    CONTEXTS.contains(&from) || stages.iter().any(|stage| stage == from)
}

fn unknown(from: &str) -> String {
    format!("`{from}` is no stage of this template, nor what xtask stages ({})", CONTEXTS.join(", "))
}

/// What is wrong with an option of a command.
fn mounted(flag: &str, stages: &[String]) -> Option<String> {
    // It takes something away, and brings nothing in.
    if flag == "--network=none" {
        return None;
    }
    let Some(options) = flag.strip_prefix("--mount=") else { return Some(option(flag)) };
    let options: Vec<(&str, &str)> =
        options.split(',').map(|one| one.split_once('=').unwrap_or((one, ""))).collect();
    let get = |names: &[&str]| options.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| *value);
    if let Some(from) = get(&["from"]).filter(|from| !is_known(from, stages)) {
        return Some(unknown(from));
    }
    match (get(&["type"]).unwrap_or("bind"), get(&["from"]), get(&["id"])) {
        ("bind", Some(_), _) => None,
        ("bind", None, _) => Some(format!("`{flag}` mounts from no stage or context")),
        ("cache", None, Some(id)) if id.starts_with("${CACHE_ID}") => None,
        ("cache", ..) => Some(format!(
            "`{flag}` is no cache of the unit's own, expected `id=${{CACHE_ID}}…` and no `from`"
        )),
        ("secret", _, Some(id)) if id == "ca" || SECRETS.contains(&id) => {
            let env = get(&["env"]).filter(|env| *env != id);
            env.map(|env| format!("`{flag}` hands `{id}` on as `{env}`"))
        }
        ("secret", ..) => Some(format!("`{flag}` is no secret that xtask hands on")),
        (other, ..) => Some(format!("`{flag}` is a mount of type `{other}`")),
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
