//! Reads a launch description: strict, one error with its line number.

use std::fmt;

use crate::{Condition, Cpu, EnvHow, EnvRule, Launch, Loader, Program, Start};

/// Why a launch description was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What was expected.
    pub reason: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ParseError {}

/// Reads a launch description.
pub fn parse(text: &str) -> Result<Launch, ParseError> {
    let mut launch = Launch::default();
    let mut lines = text.lines().enumerate();
    match lines.next() {
        Some((_, "launch\t1")) => {}
        _ => {
            return Err(ParseError {
                line: 1,
                reason: "expected `launch`, a tab and the version `1`".into(),
            });
        }
    }
    for (index, line) in lines {
        if line.contains(['\r', '\0']) {
            return Err(ParseError { line: index + 1, reason: "a carriage return or a NUL".into() });
        }
        let fields: Vec<&str> = line.split('\t').collect();
        read_line(&mut launch, &fields).map_err(|reason| ParseError { line: index + 1, reason })?;
    }
    check(&launch).map_err(|reason| ParseError { line: text.lines().count(), reason })?;
    Ok(launch)
}

/// What holds for a description as a whole; `render` asks the same.
pub(crate) fn check(launch: &Launch) -> Result<(), String> {
    if launch.programs.is_empty() {
        return Err("expected at least one `exec` line".into());
    }
    if let Some(rule) = launch.env.iter().find(|rule| rule.cpu.is_some() && rule.if_exists.is_none()) {
        return Err(format!("{} depends on the processor, and on no file", rule.name));
    }
    if launch.loader.is_none() && launch.programs.iter().any(|p| p.start == Start::ViaLoader) {
        return Err("an `exec` line says `via-loader` but there is no `loader` line".into());
    }
    let paths = launch.programs.iter().map(|p| &p.path);
    let paths = paths.chain(launch.loader.iter().flat_map(|l| l.library_path.iter().chain([&l.path])));
    let conditions = launch.env.iter().filter_map(|e| e.if_exists.as_deref());
    // One of the machine only says whether a variable is set.
    let conditions = conditions.map(|path| path.strip_prefix('/').unwrap_or(path));
    for path in paths.map(String::as_str).chain(conditions) {
        relative(path)?;
    }
    let conditions = launch.programs.iter().filter_map(|p| match &p.when {
        Condition::Env(name) => Some(name),
        Condition::Always => None,
    });
    for name in launch.env.iter().map(|e| &e.name).chain(conditions) {
        if name.is_empty() || name.contains('=') {
            return Err(format!("`{name}` is not the name of an environment variable"));
        }
    }
    Ok(())
}

fn read_line(launch: &mut Launch, fields: &[&str]) -> Result<(), String> {
    match fields {
        ["loader", path, dirs @ ..] if !dirs.is_empty() => {
            let loader = Loader { path: (*path).into(), library_path: owned(dirs) };
            if launch.loader.replace(loader).is_some() {
                return Err("a second `loader` line".into());
            }
        }
        ["env", how, name, value, rest @ ..] if rest.len() <= 2 => {
            let how = match *how {
                "set" => EnvHow::Set,
                "default" => EnvHow::Default,
                "prepend" => EnvHow::Prepend,
                other => return Err(format!("expected set, default or prepend, found `{other}`")),
            };
            let if_exists = rest.first().map(|path| (*path).into());
            let known = |word: &&str| Cpu::ALL.into_iter().find(|cpu| cpu.as_str() == *word);
            let cpu = match rest.get(1) {
                Some(word) => Some(known(word).ok_or_else(|| format!("`{word}` is no processor"))?),
                None => None,
            };
            launch.env.push(EnvRule { how, name: (*name).into(), value: (*value).into(), if_exists, cpu });
        }
        ["exec", start, when, path, args @ ..] => {
            let start = match *start {
                "via-loader" => Start::ViaLoader,
                "direct" => Start::Direct,
                other => return Err(format!("expected via-loader or direct, found `{other}`")),
            };
            let when = match (*when, when.strip_prefix("env:")) {
                ("always", _) => Condition::Always,
                (_, Some(name)) => Condition::Env(name.into()),
                (other, None) => return Err(format!("expected always or env:NAME, found `{other}`")),
            };
            launch.programs.push(Program { start, when, path: (*path).into(), args: owned(args) });
        }
        _ => {
            return Err("expected one of: loader PATH DIR…, env HOW NAME VALUE [PATH [CPU]], \
                        exec START WHEN PATH [ARG…], fields separated by one tab"
                .into());
        }
    }
    Ok(())
}

fn owned(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

/// A path that stays inside the package.
fn relative(path: &str) -> Result<(), String> {
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(format!("`{path}` is not a plain path relative to the package"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> (usize, String) {
        let error = parse(text).unwrap_err();
        (error.line, error.reason)
    }

    #[test]
    fn reads_every_kind_of_line() {
        let launch = parse(
            "launch\t1\nloader\tlib/ld.so\tlib\nenv\tdefault\tA\t{package}/x y\tlib/x\n\
             exec\tvia-loader\tenv:B\tbin b\t-v\nexec\tdirect\talways\tc\n",
        )
        .unwrap();
        assert_eq!(launch.loader.unwrap().library_path, ["lib"]);
        assert_eq!(launch.env[0].if_exists.as_deref(), Some("lib/x"));
        assert_eq!(launch.programs[0].when, Condition::Env("B".into()));
        assert_eq!(launch.programs[0].args, ["-v"]);
        assert_eq!(launch.programs[1].start, Start::Direct);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(reason("").0, 1);
        for odd in ["\0", "\r"] {
            let text = format!("launch\t1\nexec\tdirect\talways\ta{odd}b\n");
            assert!(reason(&text).1.contains("NUL"), "{odd:?}");
        }
        assert_eq!(reason("launch\t2\nexec\tdirect\talways\ta\n").0, 1);
        assert_eq!(reason("launch\t1\n\nexec\tdirect\talways\ta\n").0, 2);
        assert_eq!(reason("launch\t1\nexec direct always a\n").0, 2);
        assert!(reason("launch\t1\nexec\tdirect\tnever\ta\n").1.contains("`never`"));
        assert!(reason("launch\t1\nexec\tshell\talways\ta\n").1.contains("`shell`"));
        assert!(reason("launch\t1\nenv\tset\tA=B\tv\nexec\tdirect\talways\ta\n").1.contains("A=B"));
        assert!(reason("launch\t1\nexec\tvia-loader\talways\ta\n").1.contains("no `loader`"));
        assert!(reason("launch\t1\n").1.contains("at least one"));
    }

    #[test]
    fn refuses_paths_that_leave_the_package() {
        for path in ["/bin/sh", "../x", "a//b", "./a", "a/.."] {
            let text = format!("launch\t1\nexec\tdirect\talways\t{path}\n");
            assert!(reason(&text).1.contains("relative to the package"), "{path}");
        }
    }
}
