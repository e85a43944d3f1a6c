//! The libraries that a Makefile builds with CMake, once a flavor: which options each build type and each flavor has.

use super::branches::{Taken, taken};
use super::shell::{Command, commands, joined};
use super::words::{Words, is_open};
use camino::{Utf8Path, Utf8PathBuf};
use model::build_type::BuildType;
use model::flavor::Flavor;
use std::collections::BTreeMap;

/// Variables of CMake by name.
type Options = BTreeMap<String, String>;

/// Stands for the targets that a variant names, until the options are written.
const TARGETS: &str = "@gpu-targets@";

/// What a manifest says of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Engine {
    /// From the repository's root.
    pub project: Utf8PathBuf,
    pub target: Option<String>,
    pub options: Options,
    pub build_types: BTreeMap<BuildType, Options>,
    pub flavors: BTreeMap<Flavor, Options>,
    /// The library's file in the build directory.
    pub library: String,
}

/// One configuration of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Configuration {
    project: Utf8PathBuf,
    target: Option<String>,
    library: String,
    options: Options,
}

/// The engine of a Makefile in `dir`; why it cannot be told.
pub(super) fn prove(text: &str, dir: &Utf8Path) -> Result<Engine, &'static str> {
    let mut all: BTreeMap<(BuildType, Flavor), Configuration> = BTreeMap::new();
    for build_type in BuildType::ALL {
        let system = if matches!(build_type, BuildType::Metal) { "Darwin" } else { "Linux" };
        let given = [
            ("BUILD_TYPE", build_type.reference_name()),
            ("OS", if system == "Darwin" { system } else { "" }),
            ("UNAME_S", system),
            ("AMDGPU_TARGETS", TARGETS),
        ];
        let makefile = taken(text, &given).ok_or("its Makefile has conditions that only make can tell")?;
        for (flavor, configuration) in configurations(&makefile)? {
            all.insert((build_type, flavor), configuration);
        }
    }
    let first = all
        .get(&(BuildType::Cpu, Flavor::Fallback))
        .ok_or("its Makefile compiles one library, or others than a flavor each")?;
    let shape = |one: &Configuration| (one.project.clone(), one.target.clone(), one.library.clone());
    if all.values().any(|one| shape(one) != shape(first)) {
        return Err("its Makefile builds something else for another build type");
    }
    let mut options = first.options.clone();
    options.retain(|key, value| all.values().all(|one| one.options.get(key) == Some(value)));
    let without = |from: &Options, other: &Options| -> Options {
        let kept = from.iter().filter(|(key, value)| other.get(*key) != Some(value));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let of_cpu = all.iter().filter(|((build_type, _), _)| *build_type == BuildType::Cpu);
    let flavors: BTreeMap<Flavor, Options> =
        of_cpu.map(|((_, flavor), one)| (*flavor, without(&one.options, &options))).collect();
    let fallback = &flavors[&Flavor::Fallback];
    let of_fallback = all.iter().filter(|((_, flavor), _)| *flavor == Flavor::Fallback);
    let build_types: BTreeMap<BuildType, Options> = of_fallback
        .map(|((build_type, _), one)| (*build_type, without(&without(&one.options, &options), fallback)))
        .filter(|(_, added)| !added.is_empty())
        .collect();
    let sum = |build_type: &BuildType, flavor: &Flavor| -> Options {
        let parts = [Some(&options), build_types.get(build_type), flavors.get(flavor)];
        let pairs = parts.into_iter().flatten().flatten();
        pairs.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    if all.iter().any(|((build_type, flavor), one)| sum(build_type, flavor) != one.options) {
        return Err("its flavors have other options in another build type");
    }
    let (project, target, library) = shape(first);
    Ok(Engine { project: joined(dir, project.as_str()), target, options, build_types, flavors, library })
}

/// What each flavor's rule asks another rule for.
fn configurations(makefile: &Taken) -> Result<BTreeMap<Flavor, Configuration>, &'static str> {
    let mut compilers = Options::new();
    for (name, value) in &makefile.exported {
        let variable = match name.as_str() {
            "CC" => "CMAKE_C_COMPILER",
            "CXX" => "CMAKE_CXX_COMPILER",
            _ => return Err("its Makefile sets the environment of its compilers"),
        };
        compilers.insert(variable.to_owned(), makefile.words.expand(value));
    }
    let mut found = BTreeMap::new();
    let lines = makefile.rules.iter().flat_map(|(targets, lines)| {
        let target = targets.first().map_or("", String::as_str);
        lines.iter().map(move |line| line.replace("$@", target))
    });
    for call in lines.flat_map(|line| commands(&line, &makefile.words)) {
        let value =
            |name: &str| call.assigned.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let (Some(args), Some(file)) = (value("CMAKE_ARGS"), value("SO_TARGET")) else { continue };
        let target = call.argv.get(1).ok_or("its Makefile calls itself without a target")?;
        let flavor = file.rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-'));
        let flavor = flavor.and_then(|(_, flavor)| flavor.parse::<Flavor>().ok());
        let flavor = flavor.ok_or("its libraries are not called by a flavor")?;
        let mut words = makefile.words.clone();
        words.set("CMAKE_ARGS", args);
        words.set("SO_TARGET", file);
        let recipe =
            makefile.recipe(target).ok_or("its Makefile calls itself with a target that it lacks")?;
        let mut one = configuration(recipe, &words)?;
        one.options.extend(compilers.clone());
        found.insert(flavor, one);
    }
    Ok(found)
}

/// One configuration, by the commands of the rule that makes a library.
fn configuration(recipe: &[String], words: &Words) -> Result<Configuration, &'static str> {
    let (mut project, mut target, mut library) = (None, None, None);
    let mut options = Options::new();
    for Command { dir, argv, .. } in commands(&recipe.join("\n"), words) {
        let argv: Vec<&str> = argv.iter().map(|word| word.trim_matches(['(', ')'])).collect();
        match argv.as_slice() {
            ["mkdir" | "rm" | "echo", ..] => {}
            ["cmake", "--build", rest @ ..] => {
                let at = rest.iter().position(|word| *word == "--target");
                target = at.and_then(|at| rest.get(at + 1)).map(|word| (*word).to_owned());
            }
            ["cmake", source, rest @ ..] if !source.starts_with('-') => {
                project = Some(joined(&dir, source));
                for word in rest {
                    let (key, value) = option(word).ok_or("its Makefile gives CMake more than options")?;
                    options.insert(key, value);
                }
            }
            ["mv" | "cp", from, _, ..] => {
                let file = from.split_once('/').map_or(*from, |(_, file)| file);
                // Its name elsewhere comes second.
                library.get_or_insert_with(|| file.to_owned());
            }
            _ => return Err("its library is made with more than CMake"),
        }
    }
    match (project, library) {
        (Some(project), Some(library)) if !is_open(&library) => {
            Ok(Configuration { project, target, library, options })
        }
        _ => Err("its Makefile does not say which library comes of CMake"),
    }
}

fn option(word: &str) -> Option<(String, String)> {
    let (key, value) = word.strip_prefix("-D")?.split_once('=')?;
    let value = value.replace(TARGETS, "${gpu-targets}");
    let is_told = !is_open(&value) || value == "${gpu-targets}";
    is_told.then(|| (key.split(':').next().unwrap_or(key).to_owned(), value))
}
