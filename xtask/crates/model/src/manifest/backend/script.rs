//! The section `script`: what no shape says.

use super::{Argv, Issues, Script, ScriptSection, Trail, Word, distinct, listed, variables};
use crate::script::{Filled, Language};
use camino::Utf8Path;
use std::collections::BTreeMap;

pub(super) fn check(
    issues: &mut Issues,
    trail: Trail<'_>,
    dir: &Utf8Path,
    section: ScriptSection,
) -> Option<Script> {
    let ScriptSection { prepare, env, steps, output, start, network, test } = section;
    distinct(issues, trail.key("prepare"), &prepare);
    variables(issues, trail.key("env"), env.keys());
    let env = environment(issues, trail.key("env"), env);
    listed(issues, trail.key("steps"), &steps, "say what builds it, as in `[make, build]`");
    for (key, commands) in [("steps", &steps), ("test", &test)] {
        for (index, command) in commands.iter().enumerate() {
            self::command(issues, trail.key(key).index(index), command);
        }
    }
    let directory = dir.parent().and_then(Utf8Path::file_name).unwrap_or_default();
    let Ok(language) = directory.parse() else {
        let help = format!("move it to one of {}", Language::ALL.map(|l| format!("backend/{l}/")).join(", "));
        let message = format!("nobody knows what scripts below backend/{directory} are built with");
        issues.key(trail, message, help);
        return None;
    };
    Some(Script { language, prepare, env, steps, output, start, network, test })
}

pub(super) fn environment(
    issues: &mut Issues,
    trail: Trail<'_>,
    texts: BTreeMap<String, String>,
) -> BTreeMap<String, Filled> {
    let mut env = BTreeMap::new();
    for (name, text) in texts {
        match text.parse::<Filled>() {
            Ok(filled) => drop(env.insert(name, filled)),
            Err(error) => issues.value(trail.key(&name), error.to_string(), error.help()),
        }
    }
    env
}

pub(super) fn command(issues: &mut Issues, trail: Trail<'_>, command: &Argv) {
    match command.first().map(Word::as_str) {
        None => issues.value(trail, "an empty command", "write a program and its arguments".to_owned()),
        Some(program) if program.trim().is_empty() || program.starts_with('-') => {
            let help = "begin with a program, as in `[make, build]`".to_owned();
            issues.value(trail.index(0), format!("`{program}` is no program"), help);
        }
        Some(_) => {}
    }
}
