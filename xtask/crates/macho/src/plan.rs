//! Names that hold wherever a package lies, and what is wrong with those that a file has.
//!
//! Paths are relative to the package, and compared as macOS compares them: without regard to case.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use model::text::paths::normalize;

use crate::resolve::{after, is_system};
use crate::{Kind, Link, MachError, Names, Object, Version};

/// What a library that a file names is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every Mac has it.
    System,
    /// A file of the package.
    Inside(Utf8PathBuf),
    /// It may be absent and is. It would be here, so that nobody else's is taken.
    Absent(Utf8PathBuf),
}

/// The names that a file of a package should have; `targets` are those of its libraries, in order.
pub fn plan_names(file: &Utf8Path, object: &Object, targets: &[Target]) -> Result<Names, MachError> {
    if targets.len() != object.dylibs.len() {
        return Err(MachError::Unsupported(
            "it names another number of libraries than were looked for".into(),
        ));
    }
    let mut dylibs: Vec<String> = Vec::new();
    for (dylib, target) in object.dylibs.iter().zip(targets) {
        let name = match target {
            Target::System => dylib.name.clone(),
            Target::Inside(path) | Target::Absent(path) => relative(file, path),
        };
        if let Some(at) = dylibs.iter().position(|other| same(other, &name)) {
            let (first, second) = (object.dylibs[at].name.clone(), dylib.name.clone());
            return Err(MachError::Twice { name, first, second });
        }
        dylibs.push(name);
    }
    let kept = kept(file, object);
    Ok(Names {
        id: object.id.as_ref().map(|_| relative(file, file)),
        dylibs,
        rpaths: object.rpaths.iter().zip(kept).map(|(path, kept)| kept.then(|| path.clone())).collect(),
    })
}

/// What is wrong with a file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A library's name depends on where something lies or is started.
    Name(
        /// The name.
        String,
    ),
    /// It names a library twice.
    Twice(
        /// The name.
        String,
    ),
    /// A run path leaves the package or is there twice.
    RunPath(
        /// The run path.
        String,
    ),
    /// It needs a newer macOS than the package promises, or says none.
    System {
        /// What it needs.
        needs: Option<Version>,
        /// What the package promises.
        promised: Version,
    },
    /// Nothing signs it: no Mac with Apple silicon starts it.
    Unsigned,
}

/// All that is wrong with a file of a package that runs from `promised` on.
pub fn faults(file: &Utf8Path, object: &Object, promised: Version) -> Vec<Fault> {
    let mut faults = Vec::new();
    let names: Vec<&String> = object.dylibs.iter().map(|dylib| &dylib.name).collect();
    let holds = |name: &String| is_system(name) || inside(file, object, name).is_some();
    faults.extend(names.iter().copied().filter(|name| !holds(name)).cloned().map(Fault::Name));
    faults.extend(object.id.iter().filter(|id| inside(file, object, id).is_none()).cloned().map(Fault::Name));
    for (at, name) in names.iter().enumerate() {
        if names[..at].iter().any(|other| same(other, name)) {
            faults.push(Fault::Twice((*name).clone()));
        }
    }
    let paths = object.rpaths.iter().zip(kept(file, object));
    faults.extend(paths.filter(|(_, kept)| !kept).map(|(path, _)| Fault::RunPath(path.clone())));
    if object.min_os.is_none_or(|needs| needs > promised) {
        faults.push(Fault::System { needs: object.min_os, promised });
    }
    if object.signature.is_none() {
        faults.push(Fault::Unsigned);
    }
    faults
}

/// Which run paths stay: those that lead to a place in the package or on every Mac, once.
fn kept(file: &Utf8Path, object: &Object) -> Vec<bool> {
    let clean = |path: &str| path.trim_end_matches('/').to_lowercase();
    let mut seen: Vec<String> = Vec::new();
    let keep = |path: &String| {
        let fresh = !seen.contains(&clean(path));
        seen.push(clean(path));
        fresh && (is_system(path) || inside(file, object, path).is_some())
    };
    object.rpaths.iter().map(keep).collect()
}

/// Where in the package a name leads that holds wherever that is. Programs that load a library lie at the package's root.
fn inside(file: &Utf8Path, object: &Object, name: &str) -> Option<Utf8PathBuf> {
    let here = file.parent().unwrap_or(Utf8Path::new(""));
    let (from, rest) = match (after("@loader_path", name), after("@executable_path", name)) {
        (Some(rest), _) => (here, rest),
        (None, Some(rest)) if object.kind == Kind::Executable => (here, rest),
        (None, Some(rest)) => (Utf8Path::new(""), rest),
        (None, None) => return None,
    };
    normalize(&from.join(rest))
}

/// The name of a file of the package, for another.
fn relative(from: &Utf8Path, to: &Utf8Path) -> String {
    let mut here = from.parent().unwrap_or(Utf8Path::new("")).components().peekable();
    let mut there = to.components().peekable();
    while here.peek().is_some() && here.peek() == there.peek() {
        here.next();
        there.next();
    }
    let up = here.map(|_| "..");
    let parts: Vec<&str> =
        ["@loader_path"].into_iter().chain(up).chain(there.map(|part| part.as_str())).collect();
    parts.join("/")
}

/// As macOS compares names.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

impl Link {
    /// May the library be absent?
    pub fn may_be_absent(self) -> bool {
        self == Self::Weak
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "names `{name}`, which holds on this machine only"),
            Self::Twice(name) => write!(f, "names `{name}` twice, which macOS 15.4 refuses"),
            Self::RunPath(path) => {
                write!(f, "has the run path `{path}` twice, or it is not inside the package")
            }
            Self::System { needs: Some(needs), promised } => write!(
                f,
                "needs macOS {needs}, and the package is for {promised}: build it, or what it is linked with, with \
                 MACOSX_DEPLOYMENT_TARGET={promised}"
            ),
            Self::System { needs: None, .. } => f.write_str("does not say which macOS it needs"),
            Self::Unsigned => f.write_str("is not signed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cpu, Dylib};

    fn object(kind: Kind, names: &[&str], rpaths: &[&str]) -> Object {
        let dylib = |name: &&str| Dylib { link: Link::Load, name: (*name).to_owned() };
        Object {
            kind,
            cpu: Cpu::Arm64,
            min_os: "12.0".parse().ok(),
            id: (kind == Kind::Dylib).then(|| "/usr/local/lib/x.dylib".into()),
            dylibs: names.iter().map(dylib).collect(),
            rpaths: rpaths.iter().map(|&path| path.to_owned()).collect(),
            room: 0,
            signature: Some(crate::Region { offset: 0, size: 0 }),
        }
    }

    #[test]
    fn names_become_relative_and_keep_their_order() {
        let names = [
            "/opt/homebrew/lib/liba.dylib",
            "/usr/lib/libSystem.B.dylib",
            "@rpath/liba.dylib",
            "/gone.dylib",
        ];
        let library = object(Kind::Dylib, &names, &[]);
        let inside = |path: &str| Target::Inside(path.into());
        let targets = [
            inside("lib/liba.dylib"),
            Target::System,
            inside("v/d/x.so"),
            Target::Absent("lib/gone.dylib".into()),
        ];
        let planned = plan_names("lib/libx.dylib".into(), &library, &targets).unwrap();
        let libraries = [
            "@loader_path/liba.dylib",
            "/usr/lib/libSystem.B.dylib",
            "@loader_path/../v/d/x.so",
            "@loader_path/gone.dylib",
        ];
        assert_eq!(planned.dylibs, libraries);
        assert_eq!(planned.id.as_deref(), Some("@loader_path/libx.dylib"));
        let planned = plan_names("server".into(), &object(Kind::Executable, &names, &[]), &targets).unwrap();
        assert_eq!(planned.dylibs[0], "@loader_path/lib/liba.dylib");
        assert_eq!(planned.id, None);
        assert!(plan_names("server".into(), &library, &targets[..3]).is_err());
    }

    #[test]
    fn one_library_under_two_names_is_refused() {
        let program = object(Kind::Executable, &["@rpath/libA.1.dylib", "/opt/liba.dylib"], &[]);
        let targets = ["lib/libA.dylib", "lib/liba.dylib"].map(|path| Target::Inside(path.into()));
        let error = plan_names("server".into(), &program, &targets).unwrap_err().to_string();
        assert!(error.contains("`@rpath/libA.1.dylib` and as `/opt/liba.dylib`"), "{error}");
    }

    #[test]
    fn run_paths_stay_if_they_hold_everywhere() {
        let paths = [
            "/Users/somebody/build",
            "@loader_path/lib",
            "@executable_path/lib",
            "@Loader_path/Lib/",
            "@loader_path/LIB/",
            "@loader_path/../lib",
            "/usr/lib/swift",
            "lib",
            "@loader_path",
        ];
        let kept = |file: &str, kind| {
            let planned = plan_names(file.into(), &object(kind, &[], &paths), &[]).unwrap();
            planned.rpaths.into_iter().flatten().collect::<Vec<_>>()
        };
        let everywhere = ["@loader_path/lib", "@executable_path/lib", "/usr/lib/swift", "@loader_path"];
        assert_eq!(kept("server", Kind::Executable), everywhere);
        assert!(kept("lib/x.dylib", Kind::Dylib).contains(&"@loader_path/../lib".to_owned()));
    }

    #[test]
    fn faults_are_told_at_once() {
        let promised = "11.0".parse().unwrap();
        let mut library = object(Kind::Dylib, &["@rpath/a", "/usr/lib/x", "/USR/lib/x"], &["/b"]);
        library.signature = None;
        let found = faults("lib/x.dylib".into(), &library, promised);
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 7, "{texts:#?}");
        assert!(texts[5].contains("needs macOS 12.0, and the package is for 11.0"), "{texts:#?}");
        let names =
            plan_names("lib/x.dylib".into(), &object(Kind::Dylib, &["@rpath/a"], &["/b"]), &[Target::System]);
        assert!(names.is_ok());
        let sound = object(Kind::Executable, &["@loader_path/lib/a", "/usr/lib/x"], &["@loader_path/lib"]);
        assert_eq!(faults("server".into(), &sound, "12.0".parse().unwrap()), []);
    }
}
