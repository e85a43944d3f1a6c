//! Python backends: an interpreter, its packages and the backend in one relocatable tree.

mod uv;

use super::{Context, Parts, PlanError};
use crate::cmd::Cmd;
use crate::floating;
use crate::plan::{Fact, TOOLCHAIN};
use crate::step::{Action, Step};
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::build_type::BuildType;
use model::host::Distro;
use model::macos::DeploymentTarget;
use model::name::PinName;
use model::package::{Package, Program};
use model::platform::{Os, Platform};
use model::python::{BACKEND, Python, PythonVersion, Requirements};
use model::script::{Argv, Network, Word};
use model::time::refresh::begin;

/// The interpreter that is copied on Linux: the distribution's, never one that a version manager put on PATH.
const INTERPRETER: &str = "/usr/bin/python3";
/// Whose files are copied, with what they depend on; the second is what most wheels want beside them.
const SHIPPED: [&str; 2] = ["python3", "libstdc++6"];
/// Which index uv asks.
const INDEXES: [&str; 2] = ["UV_DEFAULT_INDEX", "UV_INDEX_URL"];
/// What the interpreter runs while a package is made.
const STANDALONE: &str = include_str!("python/standalone.py");
const BOUNDS: &str = include_str!("python/bounds.py");
const FINISH: &str = include_str!("python/finish.py");
/// What a package starts with, and the line of it that says where the entry lies.
const START: &str = include_str!("python/start.py");
const STARTED: &str = r#"DIRECTORY, MODULE = "", "server""#;
/// What generates the stubs.
const GENERATOR: &str = "grpcio-tools\n";

pub(super) fn parts(context: &Context<'_>, recipe: &Python) -> Result<Parts, PlanError> {
    let tree = Tree::new(context, recipe)?;
    let mut steps = tree.environment()?;
    steps.extend(tree.stubs()?);
    steps.extend(tree.post_install()?);
    steps.extend(tree.application()?);
    steps.extend(tree.finish()?);
    let out = Arg::place(Place::Out);
    let data = |name: &str| (out.clone().then(format!("/{name}")), name.to_owned());
    let links = tree.portable.is_none().then(|| tree.links.clone());
    let interpreter = Program {
        // Nothing of the user's environment, site directories or start-up files reaches the interpreter.
        args: ["-I", "-S", "-B", "{package}/app"].map(str::to_owned).into(),
        ..Program::plain("python/bin/python3")
    };
    Ok(Parts {
        flavors: Vec::new(),
        facts: facts(context, &tree),
        steps,
        // The environment twice: in the output and in the package.
        disk_mib: 1500,
        package: Package {
            data: vec![data("python"), data("site-packages"), data("app"), data(tree.lock_name())],
            links,
            ..context.package(interpreter, out.clone().then("/licenses"))
        },
        deps: Vec::new(),
        refresh: context.host.refresh.clone().filter(|_| tree.requirements.lock.is_none()),
        cpu: None,
        used_settings: Vec::new(),
    })
}

/// The pin of the interpreter that is copied, where the system's is none for that: Apple's is a part of Xcode, Homebrew's is
/// made for one prefix, and a distribution's may be of another version.
pub(super) fn portable_interpreter(
    wanted: Option<&PythonVersion>,
    platform: Platform,
    distro: Option<Distro>,
) -> Result<Option<PinName>, PlanError> {
    let Platform { os, arch } = platform;
    let name = match (os, wanted) {
        (Os::Darwin, Some(version)) if version.as_str() != floating::MAC => {
            format!("python-{version}-{os}-{arch}")
        }
        (Os::Darwin, _) => format!("python-{os}-{arch}"),
        (Os::Linux, Some(version))
            if !distro.is_some_and(|distro| version.has(floating::interpreter(distro).0)) =>
        {
            format!("python-{version}-{os}-{arch}")
        }
        (Os::Linux, _) => return Ok(None),
    };
    Ok(Some(name.parse()?))
}

/// The interpreter with its library, the resolver, and where floating requirements are looked for.
fn facts(context: &Context<'_>, tree: &Tree<'_>) -> Vec<Fact> {
    let requirements = tree.requirements;
    let interpreter = Some(INTERPRETER).filter(|_| tree.portable.is_none());
    let compilers = context.compilers().iter().copied().filter(|_| requirements.build);
    let tools = interpreter.into_iter().chain(["uv"]).chain(compilers);
    let tools = tools.map(|tool| Fact::Tool(tool.to_owned()));
    // A lock names every file by its digest, wherever it is from.
    let indexes = INDEXES.iter().filter(|_| requirements.lock.is_none());
    let indexes = indexes.map(|variable| Fact::Variable((*variable).to_owned()));
    let built = TOOLCHAIN.into_iter().filter(|_| requirements.build);
    let shipped = SHIPPED.into_iter().skip(usize::from(tree.portable.is_some()));
    tools.chain(indexes).chain(context.packages(shipped.chain(built))).collect()
}

/// The places that the steps work on.
struct Tree<'a> {
    recipe: &'a Python,
    /// What is installed in this variant.
    requirements: &'a Requirements,
    build: Arg,
    src: Arg,
    backend: Arg,
    out: Arg,
    links: Arg,
    cache: Place,
    /// Whose tree holds the interpreter, where it is not the system's.
    portable: Option<PinName>,
    /// What wheels must be good for, where that is not the machine that installs them.
    wheels_for: Option<(&'static str, DeploymentTarget)>,
    /// The end of the time that floating requirements are of.
    until: Option<String>,
    /// Whether what the package imports is loaded without a device's driver.
    runs_here: bool,
}

impl<'a> Tree<'a> {
    fn new(context: &Context<'a>, recipe: &'a Python) -> Result<Self, PlanError> {
        let build = Arg::place(Place::Build(Context::label("python")?));
        let src = build.clone().then("/src");
        let requirements = recipe.requirements(&context.variant.name);
        let refresh = context.host.refresh.as_deref();
        Ok(Self {
            recipe,
            requirements,
            backend: src.clone().then(format!("/{}", context.backend.dir)),
            out: Arg::place(Place::Out),
            links: Arg::place(Place::Build(Context::label("links")?)),
            until: refresh.filter(|_| requirements.lock.is_none()).and_then(begin),
            cache: Place::Cache(Context::label("uv")?),
            portable: portable_interpreter(
                requirements.version.as_ref(),
                context.platform,
                context.distro(),
            )?,
            wheels_for: uv::wheels_for(context),
            runs_here: context.is_mac() || context.variant.build_type == BuildType::Cpu,
            src,
            build,
        })
    }

    /// The interpreter, and the packages that a lock names; without one, the lock is made first.
    fn environment(&self) -> Result<Vec<Step>, PlanError> {
        let interpreter = match &self.portable {
            Some(pin) => Arg::place(Place::Source(pin.clone())).then("/bin/python3"),
            None => Arg::text(INTERPRETER),
        };
        let standalone = self.build.clone().then("/standalone.py");
        let copy = self
            .python(interpreter)
            .args(["-I", "-S", "-B"])
            .arg(standalone.clone())
            .arg(self.out.clone().then("/python"))
            .arg(self.links.clone().then("/python.link.d"));
        let mut steps = vec![Context::step("stage", Action::Stage { into: self.src.clone() })?];
        if let Some(pin) = &self.portable {
            steps.push(Context::step(&format!("fetch-{pin}"), Action::Fetch { pin: pin.clone() })?);
        }
        steps.extend([
            Context::step("standalone", written(STANDALONE, standalone))?,
            Context::step("interpreter", copy)?,
        ]);
        steps.extend(self.packages()?);
        Ok(steps)
    }

    /// The requirements: all files at once, unless packages are built with what those before theirs installed.
    fn packages(&self) -> Result<Vec<Step>, PlanError> {
        let Requirements { files, lock, isolation, without_dependencies, .. } = self.requirements;
        let mut steps = Vec::new();
        let before = if *isolation { 0 } else { files.len().saturating_sub(1) };
        for count in 1..=before {
            steps.push(Context::step(&format!("resolve-{count}"), self.resolve(&files[..count], &[]))?);
            steps.push(Context::step(&format!("install-{count}"), self.install())?);
        }
        let resolve = match lock {
            Some(file) => copied(self.file(file), self.lock()),
            None => self.resolve(files, &self.requirements.with).into(),
        };
        steps.push(Context::step("resolve", resolve)?);
        steps.push(Context::step("packages", self.install())?);
        if !without_dependencies.is_empty() {
            steps.push(Context::step("resolve-alone", self.resolve_alone(without_dependencies))?);
            steps.push(Context::step("install-alone", self.install())?);
        }
        Ok(steps)
    }

    /// Stubs are generated in a throwaway environment whose generator is no newer than the packaged protobuf: code
    /// that a newer one writes is refused at run time.
    fn stubs(&self) -> Result<Vec<Step>, PlanError> {
        let file = |name: &str| self.build.clone().then(format!("/{name}"));
        let (bounds, constraints, lock) = (file("bounds.py"), file("stubs.txt"), file("stubs.lock"));
        let bound = self.packaged().arg(bounds.clone()).arg(self.lock()).arg(constraints.clone());
        Ok(vec![
            Context::step("bounds", written(BOUNDS, bounds))?,
            Context::step("bound-stubs", bound)?,
            Context::step("resolve-stubs", self.resolve_named(GENERATOR, constraints, lock.clone()))?,
            Context::step("packages-stubs", self.install_named(file("stubs"), lock))?,
        ])
    }

    /// What the manifest does to installed packages, behind the fence: all that is downloaded is there.
    fn post_install(&self) -> Result<Vec<Step>, PlanError> {
        let command = |argv: &Argv| {
            let (program, given) = argv.split_first()?;
            let cmd = match program.as_str() {
                "python" => self.python(self.interpreter()).args(["-s", "-B"]).env("PYTHONPATH", self.site()),
                _ => Cmd::new(self.word(program), self.site()),
            };
            Some(cmd.within(self.site()).args(given.iter().map(|word| self.word(word))).fenced(Network::None))
        };
        let commands = self.recipe.post_install.iter().filter_map(command).enumerate();
        commands.map(|(index, cmd)| Context::step(&format!("post-install-{}", index + 1), cmd)).collect()
    }

    fn application(&self) -> Result<Vec<Step>, PlanError> {
        let app = |path: &str| self.out.clone().then(format!("/app{path}"));
        let (directory, module) = self.recipe.entry.module();
        let start = START.replace(STARTED, &format!("DIRECTORY, MODULE = {directory:?}, {module:?}"));
        let protoc = self
            .python(self.interpreter())
            .env("PYTHONPATH", self.build.clone().then("/stubs"))
            .args(["-s", "-B", "-m", "grpc_tools.protoc", "-I"])
            .arg(self.src.clone().then("/backend"))
            .arg(Arg::text("--python_out=").then(app("")))
            .arg(Arg::text("--grpc_python_out=").then(app("")))
            .arg("backend.proto");
        let mut steps = vec![Context::step("app", Action::Tree { from: self.backend.clone(), to: app("") })?];
        for (index, package) in self.recipe.packages.iter().enumerate() {
            let name = package.file_name().unwrap_or_default();
            let from = self.src.clone().then(format!("/{package}"));
            let tree = Action::Tree { from, to: app(&format!("/{name}")) };
            steps.push(Context::step(&format!("package-{}", index + 1), tree)?);
        }
        steps.extend([
            Context::step("entry", written(&start, app("/__main__.py")))?,
            Context::step(
                "lock",
                copied(self.lock(), self.out.clone().then(format!("/{}", self.lock_name()))),
            )?,
            Context::step("stubs", protoc)?,
        ]);
        Ok(steps)
    }

    /// Bytecode and licences; then the packaged interpreter must be able to import everything.
    fn finish(&self) -> Result<Vec<Step>, PlanError> {
        let program = self.build.clone().then("/finish.py");
        let finish = self.packaged().arg(program.clone()).arg(self.out.clone());
        let mut steps =
            vec![Context::step("finisher", written(FINISH, program))?, Context::step("finish", finish)?];
        if self.runs_here {
            let check = self.packaged().arg(self.out.clone().then("/app")).arg("--help");
            steps.push(Context::step("check", check)?);
        }
        Ok(steps)
    }

    /// What uv knows a lock of its kind by.
    fn lock_name(&self) -> &'static str {
        match &self.requirements.lock {
            Some(file) if file.extension() == Some("toml") => "pylock.toml",
            _ => "requirements.lock",
        }
    }

    fn lock(&self) -> Arg {
        self.build.clone().then(format!("/{}", self.lock_name()))
    }

    fn site(&self) -> Arg {
        self.out.clone().then("/site-packages")
    }

    fn interpreter(&self) -> Arg {
        self.out.clone().then("/python/bin/python3")
    }

    fn file(&self, path: &Utf8Path) -> Arg {
        self.backend.clone().then(format!("/{path}"))
    }

    /// A word of the manifest's, with the backend's directory in its place.
    fn word(&self, word: &Word) -> Arg {
        let mut parts = word.as_str().split(BACKEND);
        let first = Arg::text(parts.next().unwrap_or_default());
        parts.fold(first, |arg, rest| arg.then(self.backend.clone()).then(rest))
    }

    fn python(&self, program: impl Into<Arg>) -> Cmd {
        Cmd::new(program, self.build.clone()).env("PYTHONDONTWRITEBYTECODE", "1")
    }

    /// The package's interpreter, which sees nothing but its own library.
    fn packaged(&self) -> Cmd {
        self.python(self.interpreter()).args(["-I", "-S", "-B"])
    }
}

fn copied(from: Arg, to: Arg) -> Action {
    Action::Copy { from, matching: Vec::new(), to }
}

fn written(text: &str, to: Arg) -> Action {
    Action::Write { text: text.to_owned(), to }
}
