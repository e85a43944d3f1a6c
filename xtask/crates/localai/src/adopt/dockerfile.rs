//! The commands of a Dockerfile that build a backend, as steps in a tree, and the packages that it installs for them.

use super::makefile::Makefile;
use super::shell::{Command, commands, joined};
use super::tree::Tree;
use super::words::{Words, is_open};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// Where a whole tree is copied to.
const ROOT: &str = "/LocalAI";
/// Arguments of such files, and what our manifests call the same.
const ARGUMENTS: [(&str, &str); 5] = [
    ("BUILD_TYPE", "${build-type}"),
    ("CUDA_MAJOR_VERSION", "${cuda-major}"),
    ("CUDA_MINOR_VERSION", "${cuda-minor}"),
    ("AMDGPU_TARGETS", "${gpu-targets}"),
    ("TARGETARCH", "${arch}"),
];
/// Programs whose calls build; all others prepare an image, tidy up or tell.
const BUILDERS: [&str; 5] = ["make", "bash", "sh", "cargo", "mkdir"];
/// What every builder has anyway.
const COMMON: [&str; 14] = [
    "build-essential",
    "ca-certificates",
    "ccache",
    "cmake",
    "curl",
    "g++-14",
    "gcc-14",
    "git",
    "gpg-agent",
    "make",
    "pciutils",
    "software-properties-common",
    "unzip",
    "wget",
];

/// What a Dockerfile says about one backend.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Calls, run in the tree's root.
    pub steps: Vec<Vec<String>>,
    /// Variables of all of them.
    pub env: BTreeMap<String, String>,
    /// Debian packages beyond what every builder has.
    pub packages: BTreeSet<String>,
    /// The directory that becomes the package.
    pub output: Utf8PathBuf,
    /// Stubs of the contract that are made in the tree's root before.
    pub stubs: bool,
    /// What had to be guessed, for people.
    pub guessed: Vec<String>,
}

/// One instruction.
struct Instruction {
    word: String,
    rest: String,
}

/// Reads one file for one backend; what is missing otherwise.
pub(super) fn told(text: &str, name: &str, dir: &Utf8Path, tree: &Tree<'_>) -> Result<Told, &'static str> {
    let instructions = instructions(text);
    let mut stages: Vec<&[Instruction]> = instructions.split(|one| one.word == "FROM").collect();
    let last = stages.pop().unwrap_or_default();
    let is_copy = |one: &&Instruction| one.word == "COPY";
    let output = last.iter().filter(is_copy).find_map(|one| one.rest.strip_prefix("--from="));
    let output =
        output.and_then(|rest| rest.split_whitespace().nth(1)).ok_or("no COPY from a builder at its end")?;
    let is_main =
        |stage: &&&[Instruction]| stage.iter().any(|one| is_copy(&one) && !one.rest.contains("--from="));
    let main = stages.iter().rev().find(is_main).ok_or("no stage copies the tree")?;
    let mut reading = Reading {
        tree,
        dir,
        words: Words::from([("BACKEND", name)]),
        aliases: BTreeMap::from([(format!("/{name}"), dir.to_string()), (ROOT.to_owned(), String::new())]),
        told: Told::default(),
    };
    let output = reading.words.expand(output);
    reading.told.output =
        reading.place(output.trim_end_matches("/.")).ok_or("its package is not a part of the tree")?;
    for stage in &stages {
        stage.iter().filter(|one| one.word == "RUN").for_each(|one| reading.packages(&one.rest));
    }
    let mut copied = false;
    for one in *main {
        match one.word.as_str() {
            "ARG" | "ENV" => reading.argument(&one.rest),
            "COPY" => {
                copied = true;
                reading.copy(&one.rest);
            }
            "RUN" if copied => reading.run(&one.rest),
            _ => {}
        }
    }
    if reading.told.steps.is_empty() { Err("none of its commands builds") } else { Ok(reading.told) }
}

struct Reading<'a> {
    tree: &'a Tree<'a>,
    dir: &'a Utf8Path,
    words: Words,
    /// Places of the image and what of the tree stands there.
    aliases: BTreeMap<String, String>,
    told: Told,
}

impl Reading<'_> {
    /// A path of the image as one of the tree.
    fn place(&self, path: &str) -> Option<Utf8PathBuf> {
        let path = path.trim_end_matches('/');
        let fits = |(to, _): &(&String, &String)| Utf8Path::new(path).starts_with(to.as_str());
        let (to, from) = self.aliases.iter().filter(fits).max_by_key(|(to, _)| to.len())?;
        let rest = path[to.len()..].trim_start_matches('/');
        Some(joined(Utf8Path::new(from), rest))
    }

    /// A word with the paths of the image in it replaced, and arguments as placeholders.
    fn word(&self, word: &str) -> String {
        let (before, path) = word.split_once('=').map_or(("", word), |(name, value)| (name, value));
        let mut text = match self.place(path).filter(|_| path.starts_with('/')) {
            Some(place) if before.is_empty() => place.into_string(),
            Some(place) => format!("{before}={place}"),
            None => word.to_owned(),
        };
        for (argument, ours) in ARGUMENTS {
            text = text.replace(&format!("${{{argument}}}"), ours);
        }
        text
    }

    fn argument(&mut self, rest: &str) {
        let names = rest.split_whitespace().map(|word| word.split('=').next().unwrap_or(word));
        for name in names {
            if let Some((_, ours)) = ARGUMENTS.iter().find(|(argument, _)| *argument == name) {
                self.told.env.insert(name.to_owned(), (*ours).to_owned());
            }
        }
    }

    fn copy(&mut self, rest: &str) {
        let words = self.words.split(rest).unwrap_or_default();
        let [from, to] = words.as_slice() else { return };
        let from = joined(Utf8Path::new(""), from.trim_end_matches('/'));
        if from == "" || self.place(to).is_some_and(|place| place == from) {
            return;
        }
        let Some(place) = self.place(to) else {
            self.aliases.insert(to.clone(), from.into_string());
            return;
        };
        let step = if self.tree.has(&from) {
            vec!["cp".to_owned(), from.into_string(), place.into_string()]
        } else {
            vec!["cp".to_owned(), "-R".to_owned(), format!("{from}/."), place.into_string()]
        };
        if !self.tree.has(Utf8Path::new(&step[1])) {
            self.told.steps.push(vec!["mkdir".to_owned(), "-p".to_owned(), step[3].clone()]);
        }
        self.told.steps.push(step);
    }

    /// Whether a command runs for this backend, as far as the tree can tell.
    fn runs(&self, command: &Command) -> bool {
        let test = |words: &[&str]| match words {
            ["[", "-f" | "-e" | "-d", path, "]"] => {
                Some(self.place(path).is_some_and(|place| self.tree.below(&place).next().is_some()))
            }
            ["[", left, "=" | "==", right, "]"] if !is_open(left) => Some(left == right),
            _ => None,
        };
        command.runs(test) == Some(true)
    }

    fn packages(&mut self, text: &str) {
        for command in commands(text, &self.words) {
            let mut words = command.argv.iter().skip_while(|word| *word != "install").skip(1).peekable();
            if !command.argv[0].starts_with("apt") || words.peek().is_none() || !self.runs(&command) {
                continue;
            }
            let names = words.filter(|word| !word.starts_with('-') && !is_open(word) && !word.contains('='));
            self.told.packages.extend(names.filter(|name| !COMMON.contains(&name.as_str())).cloned());
        }
    }

    fn run(&mut self, text: &str) {
        let (mounts, text) = options(text);
        for mount in mounts {
            let field = |name: &str| {
                let of = |part: &str| part.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
                mount.split(',').find_map(of)
            };
            if let (Some(from), Some(to)) = (field("source"), field("target")) {
                self.aliases.insert(to, from);
            }
        }
        for command in commands(text, &self.words) {
            if self.runs(&command) {
                self.command(&command);
            }
        }
    }

    fn command(&mut self, command: &Command) {
        let Command { dir, assigned, argv, .. } = command;
        if !BUILDERS.contains(&argv[0].as_str()) || argv.iter().any(|word| word == "-n") {
            return;
        }
        let at = self.place(dir.as_str()).unwrap_or_default();
        let text = argv.get(1).and_then(|path| self.tree.text(&self.place(path)?));
        // A script that knows where the tree lies in the image works nowhere else: its own calls are the steps.
        if let Some(text) = text.filter(|text| argv[0].ends_with("sh") && text.contains(ROOT)) {
            let calls = commands(&text, &self.words);
            calls
                .iter()
                .filter(|call| call.argv[0] == "make" && call.guards.is_empty())
                .for_each(|call| self.command(call));
            return;
        }
        if argv[0] == "make" && at == "" && argv.iter().any(|word| word.starts_with("protogen")) {
            self.told.stubs = true;
            return;
        }
        for (name, value) in assigned {
            let value = self.word(value);
            self.told.env.insert(name.clone(), value);
        }
        let mut words: Vec<String> = argv.iter().map(|word| self.word(word)).collect();
        // Make reads them from its environment as well, and placeholders stand there.
        words.retain(|word| {
            let argument =
                word.split_once('=').filter(|(_, value)| ARGUMENTS.iter().any(|(_, ours)| value == ours));
            let kept = argument.is_none();
            self.told.env.extend(argument.map(|(name, value)| (name.to_owned(), value.to_owned())));
            kept
        });
        if argv[0] == "make" && at != "" {
            words.splice(1..1, ["-C".to_owned(), at.to_string()]);
        } else if argv[0].ends_with("sh") && at != "" && words.len() > 1 && !argv[1].starts_with('/') {
            words[1] = joined(&at, &words[1]).into_string();
        }
        let unknown = words.iter().position(|word| is_open(word));
        if let Some(unknown) = unknown {
            let Some(target) = self.target(&at) else { return };
            self.told.guessed.push(format!("`{}` is taken for {target}", words[unknown]));
            words[unknown] = target;
        }
        self.told.steps.push(words);
    }

    /// What a Makefile builds for a processor that nobody chose: one package for all of them, or for any of them.
    fn target(&self, at: &Utf8Path) -> Option<String> {
        let makefile = Makefile::read(&self.tree.text(&at.join("Makefile"))?, &[]);
        let name = self.dir.file_name().unwrap_or_default();
        let targets = ["cpu-all", "fallback"].map(|flavor| format!("{name}-{flavor}"));
        targets.into_iter().find(|target| makefile.has(target))
    }
}

/// The options of a RUN, by what follows `--mount=`, and its command.
fn options(text: &str) -> (Vec<&str>, &str) {
    let mut mounts = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let (option, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        mounts.extend(option.strip_prefix("--mount="));
        rest = after.trim_start();
    }
    (mounts, rest)
}

/// The instructions of a file, with lines joined and comments gone; a heredoc is the text of its RUN.
fn instructions(text: &str) -> Vec<Instruction> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut whole = line.to_owned();
        while let Some(open) = whole.strip_suffix('\\') {
            let next = lines.by_ref().map(str::trim).find(|line| !line.starts_with('#')).unwrap_or_default();
            whole = format!("{} {next}", open.trim_end());
        }
        let (word, rest) = whole.split_once(char::is_whitespace).unwrap_or((&whole, ""));
        let mut rest = rest.to_owned();
        if let Some((_, here)) = rest.split_once("<<") {
            let end =
                here.split_whitespace().next().unwrap_or_default().trim_matches(['-', '"', '\'']).to_owned();
            let body: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != end).collect();
            rest = body.join("\n");
        }
        found.push(Instruction { word: word.to_ascii_uppercase(), rest });
    }
    found
}
