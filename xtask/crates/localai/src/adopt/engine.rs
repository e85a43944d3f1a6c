//! What a Makefile builds with CMake, once or once a flavor: which options each build type, variant and flavor has.

use super::branches::{Taken, taken};
use super::shell::{Command, commands, joined};
use super::words::{Words, is_open};
use camino::{Utf8Path, Utf8PathBuf};
use model::build_type::BuildType;
use model::flavor::Flavor;
use model::name::VariantName;
use model::platform::{Arch, Os, Platform};
use model::variant::Cuda;
use std::collections::{BTreeMap, BTreeSet};

/// Variables of CMake by name.
type Options = BTreeMap<String, String>;

/// Stands for the targets that a variant names, until the options are written.
const TARGETS: &str = "@gpu-targets@";

/// Stands for the directory that the Makefile lies in, wherever a command runs.
const HERE: &str = "/";

/// What a manifest says of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Engine {
    /// From the repository's root.
    pub project: Utf8PathBuf,
    pub target: Option<String>,
    pub options: Options,
    pub build_types: BTreeMap<BuildType, Options>,
    pub by_variant: BTreeMap<VariantName, Options>,
    /// None is one configuration, whose libraries keep their names.
    pub flavors: BTreeMap<Flavor, Options>,
    /// The library's or the program's file in the build directory.
    pub product: String,
    /// Stems of others that come with it.
    pub beside: Vec<String>,
}

/// What the Makefile is called for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Called {
    pub variant: VariantName,
    pub platform: Platform,
    pub build_type: BuildType,
    pub cuda: Option<Cuda>,
}

/// One configuration of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Configuration {
    project: Utf8PathBuf,
    target: Option<String>,
    product: String,
    beside: Vec<String>,
    options: Options,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// Libraries, which a program opens.
    Libraries,
    /// One program.
    Program,
}

/// The configurations of one call; one without a flavor is alone.
type Configurations = BTreeMap<Option<Flavor>, Configuration>;

/// The engine of a Makefile in `dir` that is called for these; why it cannot be told.
pub(super) fn prove(
    text: &str,
    dir: &Utf8Path,
    calls: &[Called],
    made: Made,
) -> Result<Engine, &'static str> {
    let mut all: Vec<(&Called, Configurations)> = Vec::new();
    for call in calls {
        let makefile = call.taken(text).ok_or("its Makefile has conditions that only make can tell")?;
        all.push((call, configurations(&makefile, made)?));
    }
    // The libraries for processors alone say what a flavor is.
    let is_plain = |call: &Called| call.build_type == BuildType::Cpu && call.platform.os == Os::Linux;
    let (_, model) = all.iter().find(|(call, _)| is_plain(call)).or(all.first()).ok_or("it has no rows")?;
    let base = least(model).ok_or("its Makefile compiles other libraries than a flavor each")?;
    let each = || all.iter().flat_map(|(_, configurations)| configurations.values());
    let shape = |one: &Configuration| Configuration { options: Options::new(), ..one.clone() };
    if each().any(|one| shape(one) != shape(base)) {
        return Err("its Makefile builds something else for another build type");
    }
    let options = shared(each().map(|one| &one.options));
    let flavors: BTreeMap<Flavor, Options> = model
        .iter()
        .filter_map(|(flavor, one)| Some(((*flavor)?, without(&one.options, &options))))
        .collect();
    let plain = flavors.get(&Flavor::Fallback).cloned().unwrap_or_default();
    // What calls add to the least of them.
    let added: BTreeMap<&Called, Options> = all
        .iter()
        .filter_map(|(call, configurations)| {
            Some((*call, without(&without(&least(configurations)?.options, &options), &plain)))
        })
        .collect();
    let of_type = |wanted: BuildType| added.iter().filter(move |(call, _)| call.build_type == wanted);
    let used: BTreeSet<BuildType> = calls.iter().map(|call| call.build_type).collect();
    let build_types: BTreeMap<BuildType, Options> = used
        .into_iter()
        .map(|build_type| (build_type, shared(of_type(build_type).map(|(_, added)| added))))
        .filter(|(_, added)| !added.is_empty())
        .collect();
    let by_variant: BTreeMap<VariantName, Options> = added
        .iter()
        .map(|(call, added)| {
            let known = build_types.get(&call.build_type).cloned().unwrap_or_default();
            (call.variant.clone(), without(added, &known))
        })
        .filter(|(_, added)| !added.is_empty())
        .collect();
    let sum = |call: &Called, flavor: &Option<Flavor>| -> Options {
        let (build_type, variant) = (build_types.get(&call.build_type), by_variant.get(&call.variant));
        let flavor = flavor.and_then(|flavor| flavors.get(&flavor));
        let pairs = [Some(&options), build_type, variant, flavor].into_iter().flatten().flatten();
        pairs.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let is_told = |(call, configurations): &(&Called, Configurations)| {
        configurations.iter().all(|(flavor, one)| sum(call, flavor) == one.options)
    };
    if !all.iter().all(is_told) {
        return Err("its flavors or platforms have other options in another build type");
    }
    let Configuration { project, target, product, beside, .. } = shape(base);
    let project = joined(dir, project.as_str().trim_start_matches(HERE));
    Ok(Engine { project, target, options, build_types, by_variant, flavors, product, beside })
}

/// What runs on every processor.
fn least(configurations: &Configurations) -> Option<&Configuration> {
    configurations.get(&Some(Flavor::Fallback)).or(configurations.get(&None))
}

/// What all have.
fn shared<'o>(mut all: impl Iterator<Item = &'o Options>) -> Options {
    let mut kept = all.next().cloned().unwrap_or_default();
    all.for_each(|other| kept.retain(|key, value| other.get(key) == Some(value)));
    kept
}

fn without(from: &Options, other: &Options) -> Options {
    let kept = from.iter().filter(|(key, value)| other.get(*key) != Some(value));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

impl Called {
    /// The Makefile as make reads it then.
    fn taken(&self, text: &str) -> Option<Taken> {
        let is_mac = self.platform.os == Os::Darwin;
        let system = if is_mac { "Darwin" } else { "Linux" };
        let (docker, machine) = match self.platform.arch {
            Arch::Amd64 => ("amd64", "x86_64"),
            Arch::Arm64 => ("arm64", if is_mac { "arm64" } else { "aarch64" }),
        };
        let cuda = self.cuda.map(|cuda| cuda.major.to_string()).unwrap_or_default();
        let given = [
            ("BUILD_TYPE", self.build_type.reference_name()),
            ("CUDA_MAJOR_VERSION", &cuda),
            ("OS", if is_mac { system } else { "" }),
            ("UNAME_S", system),
            ("UNAME_M", machine),
            ("TARGETARCH", docker),
            ("AMDGPU_TARGETS", TARGETS),
        ];
        taken(&text.replace("$(dir $(abspath $(lastword $(MAKEFILE_LIST))))", HERE), &given)
    }
}

/// What each flavor's rule asks another rule for, or what the one rule with CMake does.
fn configurations(makefile: &Taken, made: Made) -> Result<Configurations, &'static str> {
    let mut compilers = Options::new();
    for (name, value) in &makefile.exported {
        let variable = match name.as_str() {
            "CC" => "CMAKE_C_COMPILER",
            "CXX" => "CMAKE_CXX_COMPILER",
            _ => return Err("its Makefile sets the environment of its compilers"),
        };
        compilers.insert(variable.to_owned(), makefile.words.expand(value));
    }
    let mut found = Configurations::new();
    let lines = makefile.rules.iter().flat_map(|(targets, lines)| {
        let target = targets.first().map_or("", String::as_str);
        lines.iter().map(move |line| line.replace("$@", target))
    });
    for call in lines.flat_map(|line| commands(&line, &makefile.words)) {
        let value =
            |name: &str| call.assigned.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let Some(file) = value("SO_TARGET") else { continue };
        let target = call.argv.get(1).ok_or("its Makefile calls itself without a target")?;
        let flavor = file.rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-'));
        let flavor = flavor.map(|(_, flavor)| flavor.parse::<Flavor>()).transpose();
        let flavor = flavor.map_err(|_| "its libraries are not called by a flavor")?;
        let mut words = makefile.words.clone();
        call.assigned.iter().for_each(|(name, value)| words.set(name, value));
        let recipe =
            makefile.recipe(target).ok_or("its Makefile calls itself with a target that it lacks")?;
        found.insert(flavor, configuration(recipe, &words, made)?);
    }
    if found.is_empty() {
        let is_cmake = |command: &Command| command.argv[0] == "cmake";
        let runs = |lines: &[String]| commands(&lines.join("\n"), &makefile.words).iter().any(is_cmake);
        let mut rules = makefile.rules.iter().filter(|(_, lines)| runs(lines));
        let (Some((_, lines)), None) = (rules.next(), rules.next()) else {
            return Err("its Makefile runs CMake in no rule or in several");
        };
        found.insert(None, configuration(lines, &makefile.words, made)?);
    }
    for one in found.values_mut() {
        one.options.extend(compilers.clone());
    }
    Ok(found)
}

/// One configuration, by the commands of the rule that makes a library.
fn configuration(recipe: &[String], words: &Words, made: Made) -> Result<Configuration, &'static str> {
    let (mut project, mut target, mut product) = (None, None, None);
    let mut beside = BTreeSet::new();
    let mut options = Options::new();
    for Command { dir, argv, .. } in commands(&recipe.join("\n"), words) {
        let argv: Vec<&str> = argv.iter().map(|word| word.trim_matches(['(', ')'])).collect();
        match argv.as_slice() {
            ["mkdir" | "rm" | "echo" | "touch" | "true", ..] => {}
            ["cmake", "--build", rest @ ..] => {
                let at = rest.iter().position(|word| *word == "--target");
                target = at.and_then(|at| rest.get(at + 1)).map(|word| (*word).to_owned());
            }
            ["cmake", rest @ ..] => {
                let mut words = rest.iter();
                while let Some(word) = words.next() {
                    match *word {
                        "-S" => project = words.next().map(|source| joined(&dir, source)),
                        "-B" => drop(words.next()),
                        source if !source.starts_with('-') => project = Some(joined(&dir, source)),
                        word => {
                            let (key, value) =
                                option(word).ok_or("its Makefile gives CMake more than options")?;
                            options.insert(key, value);
                        }
                    }
                }
            }
            ["mv" | "cp", rest @ ..] => {
                let files = rest.iter().filter(|word| !word.starts_with('-') && !word.contains('>'));
                let files: Vec<&str> = files.copied().collect();
                if let (Made::Program, [from, _]) = (made, files.as_slice()) {
                    // From the directory that it is built in.
                    product = from.split_once('/').map(|(_, file)| file.to_owned());
                    continue;
                }
                let files: Vec<&str> = files.iter().filter_map(|file| file.rsplit('/').next()).collect();
                for file in files.split_last().map_or(&[][..], |(_, from)| from) {
                    match file.split_once(".so") {
                        Some((stem, _)) if stem.ends_with('*') => drop(beside.insert(stem.to_owned())),
                        // Its name elsewhere comes second.
                        Some((stem, _)) => drop(product.get_or_insert_with(|| format!("{stem}.so"))),
                        None if file.contains(".dylib") || Utf8Path::new(file).extension() == Some("h") => {}
                        None => return Err("its Makefile copies more than libraries"),
                    }
                }
            }
            _ => return Err("what CMake makes is made with more than that"),
        }
    }
    match (project, product) {
        (Some(project), Some(product)) if !is_open(&product) => {
            Ok(Configuration { project, target, product, beside: beside.into_iter().collect(), options })
        }
        _ => Err("its Makefile does not say what comes of CMake"),
    }
}

fn option(word: &str) -> Option<(String, String)> {
    let (key, value) = word.strip_prefix("-D")?.split_once('=')?;
    let value = value.replace(TARGETS, "${gpu-targets}");
    let is_told = !is_open(&value) || value == "${gpu-targets}";
    is_told.then(|| (key.split(':').next().unwrap_or(key).to_owned(), value))
}
