//! Writes a launch description so that `parse` reads back the same.

use std::fmt;

use crate::{Condition, Cpu, EnvHow, Launch, Start, parse};

/// Why a description cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderError(
    /// What is wrong with it.
    pub String,
);

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RenderError {}

/// The text of a launch description; refuses what `parse` would refuse.
pub fn render(launch: &Launch) -> Result<String, RenderError> {
    parse::check(launch).map_err(RenderError)?;
    let mut text = String::new();
    line(&mut text, &["launch", "1"])?;
    if let Some(loader) = &launch.loader {
        let mut fields = vec!["loader", &loader.path];
        fields.extend(loader.library_path.iter().map(String::as_str));
        line(&mut text, &fields)?;
    }
    for rule in &launch.env {
        let how = match rule.how {
            EnvHow::Set => "set",
            EnvHow::Default => "default",
            EnvHow::Prepend => "prepend",
        };
        let mut fields = vec!["env", how, &rule.name, &rule.value];
        fields.extend(rule.if_exists.as_deref());
        fields.extend(rule.cpu.map(Cpu::as_str));
        line(&mut text, &fields)?;
    }
    for program in &launch.programs {
        let start = match program.start {
            Start::ViaLoader => "via-loader",
            Start::Direct => "direct",
        };
        let when = match &program.when {
            Condition::Always => "always".to_owned(),
            Condition::Env(name) => format!("env:{name}"),
        };
        let mut fields = vec!["exec", start, &when, &program.path];
        fields.extend(program.args.iter().map(String::as_str));
        line(&mut text, &fields)?;
    }
    Ok(text)
}

fn line(text: &mut String, fields: &[&str]) -> Result<(), RenderError> {
    if let Some(field) = fields.iter().find(|field| field.contains(['\t', '\n', '\r', '\0'])) {
        return Err(RenderError(format!("{field:?} holds a tab, a line end or a NUL")));
    }
    text.push_str(&fields.join("\t"));
    text.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnvRule, Loader, Program};

    fn sample() -> Launch {
        Launch {
            loader: Some(Loader {
                path: "lib/ld.so".into(),
                library_path: vec!["lib".into(), "venv/x libs".into()],
            }),
            env: [EnvHow::Set, EnvHow::Default, EnvHow::Prepend]
                .map(|how| EnvRule {
                    how,
                    name: "A".into(),
                    value: "{package}/a b".into(),
                    if_exists: None,
                    cpu: None,
                })
                .into(),
            programs: vec![Program {
                start: Start::ViaLoader,
                when: Condition::Env("X".into()),
                path: "server".into(),
                args: vec!["-B".into(), String::new()],
            }],
        }
    }

    #[test]
    fn parse_reads_back_what_was_written() {
        let mut launch = sample();
        launch.env[1].if_exists = Some("lib/rocblas".into());
        assert_eq!(parse(&render(&launch).unwrap()).unwrap(), launch);
    }

    #[test]
    fn refuses_what_would_not_read_back() {
        let mut launch = sample();
        launch.programs[0].args[0] = "a\tb".into();
        assert!(render(&launch).is_err());
        let mut launch = sample();
        launch.programs[0].path = "../server".into();
        assert!(render(&launch).is_err());
    }
}
