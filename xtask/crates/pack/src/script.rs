//! What starts a package on macOS: a script, for every Mac has a shell, and a program for it cannot be linked elsewhere.
//!
//! It does what the launcher does, with the same description.

use launcher::{Condition, EnvHow, EnvRule, Launch, Program};

/// Finds the package through links, as the launcher does.
const FRONT: &str = r#"#!/bin/sh
file=$0
while [ -L "$file" ]; do
  link=$(readlink "$file")
  case $link in
    /*) file=$link ;;
    *) file=$(dirname "$file")/$link ;;
  esac
done
package=$(CDPATH= cd -- "$(dirname "$file")" && pwd -P) || exit 127
"#;

/// The script of a launch description, which needs no loader.
pub(crate) fn render(launch: &Launch) -> String {
    let mut script = FRONT.to_owned();
    // What differs between processors is compiled for Linux alone.
    let plain = launch.env.iter().filter(|rule| rule.cpu.is_none());
    plain.for_each(|rule| script.push_str(&variable(rule)));
    launch.programs.iter().for_each(|program| script.push_str(&start(program)));
    script.push_str("echo \"$0: nothing to start in $package\" >&2\nexit 127\n");
    script
}

fn variable(rule: &EnvRule) -> String {
    let name = &rule.name;
    let mut value = expand(&rule.value);
    let mut conditions = Vec::new();
    if let Some(path) = &rule.if_exists {
        let package = if path.starts_with('/') { "" } else { "\"$package\"/" };
        conditions.push(format!("[ -e {package}{} ]", quote(path)));
    }
    match rule.how {
        EnvHow::Set => {}
        EnvHow::Default => conditions.push(format!("[ -z \"${{{name}+set}}\" ]")),
        EnvHow::Prepend => value = format!("{value}\"${{{name}:+:${name}}}\""),
    }
    let set = format!("export {name}={value}\n");
    if conditions.is_empty() {
        set
    } else {
        format!("if {}; then {}fi\n", conditions.join(" && "), set.replace('\n', "; "))
    }
}

fn start(program: &Program) -> String {
    let path = format!("\"$package\"/{}", quote(&program.path));
    let mut words = vec![path.clone()];
    words.extend(program.args.iter().map(|arg| expand(arg)));
    let run = format!("exec {} \"$@\"", words.join(" "));
    let there = format!("[ -f {path} ]");
    match &program.when {
        Condition::Always => format!("if {there}; then {run}; fi\n"),
        Condition::Env(name) => format!("if [ -n \"${{{name}-}}\" ] && {there}; then {run}; fi\n"),
    }
}

/// A word in which `{package}` stands for the package's path.
fn expand(text: &str) -> String {
    text.split("{package}").map(quote).collect::<Vec<_>>().join("\"$package\"")
}

fn quote(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "a shell runs the script, as a user would")]

    use super::*;
    use launcher::Start;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    fn program(path: &str, when: Condition, args: &[&str]) -> Program {
        let args = args.iter().map(|&arg| arg.to_owned()).collect();
        Program { start: Start::Direct, when, path: path.into(), args }
    }

    fn rule(how: EnvHow, name: &str, value: &str, if_exists: Option<&str>) -> EnvRule {
        EnvRule {
            how,
            name: name.into(),
            value: value.into(),
            if_exists: if_exists.map(Into::into),
            cpu: None,
        }
    }

    #[test]
    fn the_script_starts_what_the_launcher_would() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("it's a \"package\"");
        let launch = Launch {
            loader: None,
            env: vec![
                rule(EnvHow::Set, "SET", "{package}/$HOME's", None),
                rule(EnvHow::Default, "DEFAULT", "ours", None),
                rule(EnvHow::Default, "THEIRS", "ours", None),
                rule(EnvHow::Prepend, "LIST", "{package}/lib", None),
                rule(EnvHow::Prepend, "FRESH", "a", Some("run")),
                rule(EnvHow::Set, "ABSENT", "a", Some("none")),
            ],
            programs: vec![
                program("gone", Condition::Always, &[]),
                program("special", Condition::Env("SPECIAL".into()), &[]),
                program("plain", Condition::Always, &["--from", "{package}/x y"]),
            ],
        };
        fs_err::create_dir(&root).unwrap();
        let show = "#!/bin/sh\nprintf '%s|' \"$0\" \"$@\" \"$SET\" \"$DEFAULT\" \"$THEIRS\" \"$LIST\" \"$FRESH\" \"${ABSENT-}\"\n";
        for (name, text) in [("run", render(&launch).as_str()), ("plain", show), ("special", show)] {
            fs_err::write(root.join(name), text).unwrap();
            fs_err::set_permissions(root.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs_err::os::unix::fs::symlink("run", root.join("run.sh")).unwrap();
        fs_err::os::unix::fs::symlink(root.join("run.sh"), dir.path().join("link")).unwrap();
        let run = |special: &str| {
            let mut command = Command::new("./link");
            command.current_dir(dir.path()).args(["a b", ""]).env("THEIRS", "").env("LIST", "old");
            let output =
                command.env("SPECIAL", special).env_remove("FRESH").env_remove("DEFAULT").output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let at = root.to_str().unwrap();
        let env = format!("{at}/$HOME's|ours||{at}/lib:old|a||");
        assert_eq!(run(""), format!("{at}/plain|--from|{at}/x y|a b||{env}"));
        assert_eq!(run("1"), format!("{at}/special|a b||{env}"));
        fs_err::remove_file(root.join("plain")).unwrap();
        let output = Command::new(root.join("run")).output().unwrap();
        assert_eq!(output.status.code(), Some(127));
        assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to start"), "{output:?}");
    }
}
