//! Decides what to execute: pure but for asking which files exist.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::{Condition, EnvHow, EnvRule, Launch, Program, Start};

/// What to execute, wholly decided.
#[derive(Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The file that the kernel executes: the loader, or the program itself.
    pub file: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables to set, in order.
    pub env: Vec<(String, OsString)>,
}

/// Why nothing can be started.
#[derive(Debug, PartialEq, Eq)]
pub enum StartError {
    /// No program's condition holds and file exists.
    NoProgram(
        /// What was tried, and why not.
        Vec<String>,
    ),
    /// The loader separates directories by these characters and cannot escape them.
    Separator(PathBuf),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProgram(tried) => write!(f, "nothing to start: {}", tried.join("; ")),
            Self::Separator(package) => {
                write!(
                    f,
                    "the package's path {} holds `:` or `;`, which separate library directories; move it",
                    package.display()
                )
            }
        }
    }
}

impl std::error::Error for StartError {}

/// Chooses the program and decides its environment. `var` looks a variable up.
pub fn plan(
    launch: &Launch,
    package: &Path,
    args: Vec<OsString>,
    var: impl Fn(&str) -> Option<OsString>,
) -> Result<Invocation, StartError> {
    let program = choose(launch, package, &var)?;
    let mut env: Vec<(String, OsString)> = Vec::new();
    for rule in &launch.env {
        let current = env.iter().rev().find(|(name, _)| *name == rule.name).map(|(_, value)| value.clone());
        if let Some(value) = apply(rule, package, current.or_else(|| var(&rule.name))) {
            env.push((rule.name.clone(), value));
        }
    }
    let mut all = Vec::new();
    let target = package.join(&program.path);
    let file = match (&launch.loader, program.start) {
        (Some(loader), Start::ViaLoader) => {
            if package.as_os_str().as_encoded_bytes().iter().any(|byte| b":;".contains(byte)) {
                return Err(StartError::Separator(package.to_owned()));
            }
            let dirs: Vec<OsString> =
                loader.library_path.iter().map(|dir| package.join(dir).into_os_string()).collect();
            all.extend(["--library-path".into(), dirs.join(OsStr::new(":")), target.into_os_string()]);
            package.join(&loader.path)
        }
        _ => target,
    };
    all.extend(program.args.iter().map(|arg| expand(arg, package)));
    all.extend(args);
    Ok(Invocation { file, args: all, env })
}

fn choose<'a>(
    launch: &'a Launch,
    package: &Path,
    var: &impl Fn(&str) -> Option<OsString>,
) -> Result<&'a Program, StartError> {
    let mut tried = Vec::new();
    for program in &launch.programs {
        if let Condition::Env(name) = &program.when
            && var(name).is_none_or(|value| value.is_empty())
        {
            tried.push(format!("{} needs {name} in the environment", program.path));
            continue;
        }
        if package.join(&program.path).is_file() {
            return Ok(program);
        }
        tried.push(format!("{} is missing", package.join(&program.path).display()));
    }
    Err(StartError::NoProgram(tried))
}

fn apply(rule: &EnvRule, package: &Path, current: Option<OsString>) -> Option<OsString> {
    if rule.if_exists.as_ref().is_some_and(|path| !package.join(path).exists()) {
        return None;
    }
    if rule.cpu.is_some_and(|cpu| !cpu.is_here()) {
        return None;
    }
    let mut value = expand(&rule.value, package);
    match (rule.how, current) {
        (EnvHow::Default, Some(_)) => return None,
        (EnvHow::Prepend, Some(old)) if !old.is_empty() => {
            value.push(":");
            value.push(old);
        }
        _ => {}
    }
    Some(value)
}

fn expand(text: &str, package: &Path) -> OsString {
    // A package that is the whole root is `/`: `{package}/lib` is then `/lib`, not `//lib`.
    let text = if package == Path::new("/") { &text.replace("{package}/", "/") } else { text };
    let parts: Vec<&OsStr> = text.split("{package}").map(OsStr::new).collect();
    parts.join(package.as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    const LLAMA: &str = "launch\t1\nloader\tlib/ld.so\tlib\nenv\tset\tBACKEND_LIB_DIR\t{package}/lib\n\
        env\tdefault\tKEEP\tours\nenv\tprepend\tP\t{package}/bin\nenv\tset\tROCM\t{package}/lib/rocblas\tlib/rocblas\n\
        env\tset\tHERE\t1\t/dev\nenv\tset\tNOT_HERE\t1\t/no/such/path\n\
        exec\tvia-loader\tenv:SERVERS\tgrpc\nexec\tvia-loader\talways\tcpu-all\nexec\tdirect\talways\tfallback\t-x\n";

    fn invoke(files: &[&str], vars: &[(&str, &str)]) -> Result<Invocation, StartError> {
        let dir = std::env::temp_dir().join(format!("launcher {} {}", std::process::id(), files.join("-")));
        std::fs::create_dir_all(&dir).unwrap();
        for file in files {
            std::fs::write(dir.join(file), "").unwrap();
        }
        let var = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v));
        let result = plan(&parse(LLAMA).unwrap(), &dir, vec!["--addr".into()], var);
        std::fs::remove_dir_all(&dir).unwrap();
        result
    }

    fn target(invocation: &Invocation) -> String {
        let file = if invocation.file.ends_with("lib/ld.so") {
            Path::new(&invocation.args[2])
        } else {
            &invocation.file
        };
        file.file_name().unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn prefers_in_order_and_by_environment() {
        let all = ["grpc", "cpu-all", "fallback"];
        assert_eq!(target(&invoke(&all, &[]).unwrap()), "cpu-all");
        assert_eq!(target(&invoke(&all, &[("SERVERS", "h:1")]).unwrap()), "grpc");
        assert_eq!(target(&invoke(&all, &[("SERVERS", "")]).unwrap()), "cpu-all");
        assert_eq!(target(&invoke(&["cpu-all"], &[("SERVERS", "h:1")]).unwrap()), "cpu-all");
        let fallback = invoke(&["fallback"], &[]).unwrap();
        assert_eq!(target(&fallback), "fallback");
        assert_eq!(fallback.args, ["-x", "--addr"]);
    }

    #[test]
    fn says_why_nothing_starts() {
        let Err(StartError::NoProgram(tried)) = invoke(&[], &[]) else { panic!("started nothing") };
        assert_eq!(tried.len(), 3);
        assert!(tried[0].contains("SERVERS") && tried[2].contains("fallback is missing"), "{tried:?}");
    }

    #[test]
    fn environment_rules_apply() {
        let invocation = invoke(&["cpu-all"], &[("KEEP", "theirs"), ("P", "/usr/bin")]).unwrap();
        let get = |name: &str| {
            invocation.env.iter().find(|(n, _)| n == name).map(|(_, v)| v.to_str().unwrap().to_owned())
        };
        assert!(get("BACKEND_LIB_DIR").unwrap().ends_with("/lib"));
        assert_eq!(get("KEEP"), None);
        assert!(get("P").unwrap().ends_with("/bin:/usr/bin"));
        assert_eq!(get("ROCM"), None);
        assert_eq!((get("HERE").as_deref(), get("NOT_HERE")), (Some("1"), None));
    }

    #[test]
    fn the_package_s_path_is_put_in() {
        assert_eq!(expand("{package}/a:{package}", Path::new("/p q")), "/p q/a:/p q");
        assert_eq!(expand("{package}/a:{package}", Path::new("/")), "/a:/");
        assert_eq!(expand("plain", Path::new("/")), "plain");
    }

    #[test]
    fn a_colon_in_the_path_is_refused() {
        let launch = parse("launch\t1\nloader\tld\tlib\nexec\tvia-loader\talways\ta:b\n").unwrap();
        let dir = std::env::temp_dir().join(format!("launcher:{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("a:b"), "").unwrap();
        let result = plan(&launch, &dir, vec![], |_| None);
        std::fs::remove_dir_all(&dir).unwrap();
        assert_eq!(result, Err(StartError::Separator(dir)));
    }
}
