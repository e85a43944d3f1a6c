//! Actions as lines of a script.

use super::directories::Directories;
use super::word::{quote, word};
use crate::cmd::{Cmd, Weight};
use crate::step::Action;
use model::arg::Place;
use model::name::Label;

/// Prints how many jobs of so many MiB fit: no more than processors, and never none. Parallel commands call it.
pub const JOBS: &str = r"jobs() {
  memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || :)
  case $limit in
    '' | *[!0-9]*) ;;
    *) limit=$((limit / 1024)); [ $limit -ge $memory ] || memory=$limit ;;
  esac
  fit=$((memory / 1024 / $1))
  all=$(nproc)
  [ $fit -le $all ] || fit=$all
  [ $fit -ge 1 ] || fit=1
  echo $fit
}";

/// What a script says before a step.
pub fn heading(id: &Label) -> String {
    format!("echo {}", quote(&format!("== {id}")))
}

/// The line that makes directories.
pub fn make_directories(directories: impl IntoIterator<Item = String>) -> String {
    let directories: Vec<String> = directories.into_iter().map(|directory| quote(&directory)).collect();
    format!("mkdir -p {}", directories.join(" "))
}

/// A command as one line; a parallel one reads the variable `JOBS`.
pub fn line(cmd: &Cmd, at: &Directories) -> String {
    let mut words = Vec::new();
    if cmd.weight != Weight::Light {
        words.push("CMAKE_BUILD_PARALLEL_LEVEL=\"$JOBS\"".to_owned());
    }
    let variables = cmd.env.iter().chain(&cmd.tuning);
    words.extend(variables.map(|(name, value)| format!("{name}={}", word(value, at))));
    words.push(word(&cmd.program, at));
    words.extend(cmd.args.iter().map(|arg| word(arg, at)));
    let mut line = words.join(" ");
    if let Some(text) = &cmd.stdin {
        line = format!("printf '%s' {} | {line}", quote(text));
    }
    match &cmd.cwd {
        Some(cwd) => format!("(cd {} && {line})", word(cwd, at)),
        None => line,
    }
}

/// What does `action`, each line ending the script where it fails.
pub fn lines(action: &Action, at: &Directories) -> Vec<String> {
    match action {
        Action::Fetch { pin } => {
            let tree = quote(&at.of(&Place::Source(pin.clone())));
            vec![format!("[ -d {tree} ] || {{ echo {tree} is not mounted >&2; exit 1; }}")]
        }
        Action::Stage { into } => {
            let (from, into) = (quote(&format!("{}/.", at.inputs())), word(into, at));
            vec![format!("mkdir -p {into}"), format!("cp -RP --preserve=mode {from} {into}")]
        }
        Action::Copy { from, matching, to } => copy(&word(from, at), matching, &word(to, at)),
        Action::Tree { from, to } => {
            let (tree, from, to) = (quote(&at.text(from)), word(&from.clone().then("/."), at), word(to, at));
            vec![
                format!(
                    "[ ! -e {to} ] || {{ echo {to} is there already, and was to be a copy of {tree} >&2; exit 1; }}"
                ),
                format!("mkdir -p {to}"),
                format!("cp -RP --preserve=mode {from} {to}"),
                format!("chmod -R u+w {to}"),
            ]
        }
        Action::Write { text, to } => {
            let to = word(to, at);
            vec![format!("mkdir -p \"$(dirname {to})\""), format!("printf '%s' {} >{to}", quote(text))]
        }
        Action::Run { cmd } => {
            let jobs = match cmd.weight {
                Weight::Light => None,
                Weight::Parallel { mib_per_job } => Some(format!("JOBS=$(jobs {mib_per_job})")),
            };
            jobs.into_iter().chain([line(cmd, at)]).collect()
        }
        Action::FirstOf { cmds } => {
            vec![cmds.iter().map(|cmd| line(cmd, at)).collect::<Vec<_>>().join(" || ")]
        }
    }
}

fn copy(from: &str, matching: &[String], to: &str) -> Vec<String> {
    if matching.is_empty() {
        return vec![
            format!("mkdir -p \"$(dirname {to})\""),
            format!("cp -PT --preserve=mode --remove-destination {from} {to}"),
        ];
    }
    let names: Vec<String> = matching.iter().map(|glob| format!("-name {}", quote(glob))).collect();
    vec![
        format!("mkdir -p {to}"),
        // Without a single match cp has no operand and fails.
        format!(
            "find {from} ! -type d '(' {} ')' -print0 | sort -z | xargs -0 cp -P --preserve=mode -t {to}",
            names.join(" -o ")
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_needs_it() {
        let at = Directories::default();
        let cmd = Cmd::root("sed").args(["-e", "s#a b#c'd#", "", "x=1"]).env("LANG", "C").within("/a b");
        assert_eq!(line(&cmd, &at), r#"(cd '/a b' && LANG=C sed -e "s#a b#c'd#" '' 'x=1')"#);
        let either = Action::FirstOf { cmds: vec![Cmd::new("a", "/x"), Cmd::user("b")] };
        assert_eq!(lines(&either, &at), ["(cd /x && a) || b"]);
        let tee = Cmd::root("tee").arg("/f").stdin("one\n100%\n");
        assert_eq!(line(&tee, &at), "printf '%s' 'one\n100%\n' | tee /f");
        let make = Action::from(Cmd::user("make").parallel(100));
        assert_eq!(lines(&make, &at), ["JOBS=$(jobs 100)", "CMAKE_BUILD_PARALLEL_LEVEL=\"$JOBS\" make"]);
    }
}
