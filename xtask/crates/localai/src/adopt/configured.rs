//! What one call of a Makefile configures with CMake, and what it makes of that.

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
pub(super) type Options = BTreeMap<String, String>;

/// What the Makefile of a program may run beside git and CMake: whatever else it did would be left out.
const BESIDE: [&str; 11] =
    ["bash", "cmake", "cp", "echo", "exit", "ln", "mkdir", "rm", "sh", "touch", "true"];
/// What a rule that fetches a tree may run, and what of git: nothing that changes a file of it.
const FETCHING: [&str; 7] = ["echo", "exit", "ln", "mkdir", "rm", "touch", "true"];
const OF_GIT: [&str; 7] = ["checkout", "clone", "config", "fetch", "init", "remote", "submodule"];

/// Stands for the targets that a variant names, until the options are written.
const TARGETS: &str = "@gpu-targets@";

/// Stands for the directory that the Makefile lies in, wherever a command runs.
pub(super) const HERE: &str = "/";

/// What the Makefile is called for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Called {
    pub variant: VariantName,
    pub platform: Platform,
    pub build_type: BuildType,
    pub cuda: Option<Cuda>,
}

/// One configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Configuration {
    /// From the directory of the Makefile, or [`HERE`] and below.
    pub project: Utf8PathBuf,
    pub target: Option<String>,
    /// The library's or the program's file in the build directory.
    pub product: String,
    /// Stems of libraries that come with it.
    pub beside: Vec<String>,
    pub options: Options,
}

/// What comes of CMake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// Libraries, which a program opens.
    Libraries,
    /// One program.
    Program,
}

/// The configurations of one call; one without a flavor is alone.
pub(super) type Configurations = BTreeMap<Option<Flavor>, Configuration>;

impl Called {
    /// What it configures then; why that cannot be told.
    pub fn configurations(&self, text: &str, made: Made) -> Result<Configurations, &'static str> {
        let makefile = self.taken(text).ok_or("its Makefile has conditions that only make can tell")?;
        for (_, lines) in &makefile.rules {
            let runs = commands(&lines.join("\n"), &makefile.words);
            let is_git = |command: &Command| command.argv[0] == "git";
            if !runs.iter().any(is_git) {
                if made == Made::Program && !runs.iter().all(|one| BESIDE.contains(&one.argv[0].as_str())) {
                    return Err("its Makefile runs more than CMake");
                }
            } else if !runs.iter().all(fetches) {
                return Err("the rule that fetches its tree does more");
            }
        }
        configurations(&makefile, made)
    }

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

/// Whether a command brings a tree, and leaves it as it came.
fn fetches(Command { argv, .. }: &Command) -> bool {
    match argv.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["git", verb, ..] => OF_GIT.contains(verb),
        [program, ..] => FETCHING.contains(program),
        [] => true,
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
