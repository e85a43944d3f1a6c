//! Python backends: an interpreter, its packages and the backend in one relocatable tree.

use super::{Context, Parts, PlanError};
use crate::cmd::Cmd;
use crate::floating;
use crate::plan::Fact;
use crate::step::{Action, Step};
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::backend::Python;
use model::macos::{DEPLOYMENT_TARGET, DeploymentTarget, target_of};
use model::name::PinName;
use model::package::{Package, Program};
use model::platform::{Arch, Os, Platform};
use model::time::refresh::begin;

/// The interpreter that is copied on Linux: the distribution's, never one that a version manager put on PATH.
const INTERPRETER: &str = "/usr/bin/python3";
/// What Python's programs compile for, and which wheels are good for it.
const MAC_PLATFORMS: [(Arch, &str); 2] =
    [(Arch::Arm64, "aarch64-apple-darwin"), (Arch::Amd64, "x86_64-apple-darwin")];
/// Whose files are copied, with what they depend on; the second is what most wheels want beside them.
const SHIPPED: [&str; 2] = ["python3", "libstdc++6"];
/// Which index uv asks.
const INDEXES: [&str; 2] = ["UV_DEFAULT_INDEX", "UV_INDEX_URL"];
/// The module that a package's interpreter starts; an entry that is called otherwise gets this name.
const STARTED: &str = "server.py";
/// What all Python backends share.
const COMMON: &str = "backend/python/common";

pub(super) fn parts(context: &Context<'_>, recipe: &Python) -> Result<Parts, PlanError> {
    let recipe = Tree::new(context, recipe)?;
    let mut steps = recipe.environment()?;
    steps.extend(recipe.stubs()?);
    steps.extend(recipe.application()?);
    steps.extend(recipe.finish()?);
    let out = Arg::place(Place::Out);
    let tree = |name: &str| (out.clone().then(format!("/{name}")), name.to_owned());
    let links = (!context.is_mac()).then(|| recipe.links.clone());
    let interpreter = Program {
        // Nothing of the user's environment, site directories or start-up files reaches the interpreter.
        args: ["-I", "-S", "-B", "{package}/app"].map(str::to_owned).into(),
        ..Program::plain("python/bin/python3")
    };
    Ok(Parts {
        flavors: Vec::new(),
        facts: facts(context, recipe.recipe),
        steps,
        // The environment twice: in the output and in the package.
        disk_mib: 1500,
        package: Package {
            data: vec![tree("python"), tree("site-packages"), tree("app"), tree("requirements.lock")],
            links,
            ..context.package(interpreter, out.clone().then("/licenses"))
        },
        deps: Vec::new(),
        refresh: context.host.refresh.clone().filter(|_| recipe.recipe.lock.is_none()),
        cpu: None,
        used_settings: Vec::new(),
    })
}

/// The pin of the interpreter that is copied on a Mac: Apple's is a part of Xcode, and Homebrew's is made for one prefix.
pub(super) fn portable_interpreter(platform: Platform) -> Result<Option<PinName>, PlanError> {
    let name = (platform.os == Os::Darwin).then(|| format!("python-darwin-{}", platform.arch).parse());
    Ok(name.transpose()?)
}

/// The interpreter with its library, the resolver, and where floating requirements are looked for.
fn facts(context: &Context<'_>, recipe: &Python) -> Vec<Fact> {
    let interpreter = Some(INTERPRETER).filter(|_| !context.is_mac());
    let tools = interpreter.into_iter().chain(["uv"]).map(|tool| Fact::Tool(tool.to_owned()));
    // A lock names every file by its digest, wherever it is from.
    let indexes = INDEXES.iter().filter(|_| recipe.lock.is_none());
    let indexes = indexes.map(|variable| Fact::Variable((*variable).to_owned()));
    tools.chain(indexes).chain(context.packages(SHIPPED)).collect()
}

/// The places that the steps work on.
struct Tree<'a> {
    recipe: &'a Python,
    build: Arg,
    backend: Arg,
    common: Arg,
    proto: Arg,
    out: Arg,
    links: Arg,
    cache: Place,
    /// Whose tree holds the interpreter, where it is not the system's.
    portable: Option<PinName>,
    /// What wheels must be good for, where that is not the machine that installs them.
    wheels_for: Option<(&'static str, DeploymentTarget)>,
    /// The end of the time that floating requirements are of.
    until: Option<String>,
}

impl<'a> Tree<'a> {
    fn new(context: &Context<'a>, recipe: &'a Python) -> Result<Self, PlanError> {
        let build = Arg::place(Place::Build(Context::label("python")?));
        let src = |path: &str| build.clone().then(format!("/src/{path}"));
        Ok(Self {
            recipe,
            backend: src(context.backend.dir.as_str()),
            common: src(COMMON),
            proto: src("backend"),
            out: Arg::place(Place::Out),
            links: Arg::place(Place::Build(Context::label("links")?)),
            until: context.host.refresh.as_deref().filter(|_| recipe.lock.is_none()).and_then(begin),
            cache: Place::Cache(Context::label("uv")?),
            portable: portable_interpreter(context.platform)?,
            wheels_for: wheels_for(context),
            build,
        })
    }

    /// The interpreter, and the packages that a lock names; without one, the lock is made first.
    fn environment(&self) -> Result<Vec<Step>, PlanError> {
        let interpreter = match &self.portable {
            Some(pin) => Arg::place(Place::Source(pin.clone())).then("/bin/python3"),
            None => Arg::text(INTERPRETER),
        };
        let copy = self
            .python(interpreter)
            .args(["-I", "-S", "-B"])
            .arg(self.common.clone().then("/build/standalone.py"))
            .arg(self.out.clone().then("/python"))
            .arg(self.links.clone().then("/python.link.d"));
        let lock = self.build.clone().then("/requirements.lock");
        let resolve = match &self.recipe.lock {
            Some(file) => copied(self.file(file), lock.clone()),
            None => Action::Run { cmd: self.resolve(lock.clone()) },
        };
        let mut steps =
            vec![Context::step("stage", Action::Stage { into: self.build.clone().then("/src") })?];
        if let Some(pin) = &self.portable {
            steps.push(Context::step(&format!("fetch-{pin}"), Action::Fetch { pin: pin.clone() })?);
        }
        steps.extend([
            Context::step("interpreter", copy)?,
            Context::step("resolve", resolve)?,
            Context::step("packages", self.install("/site-packages", &self.out, lock))?,
        ]);
        Ok(steps)
    }

    fn resolve(&self, lock: Arg) -> Cmd {
        let mut cmd = self.compile();
        if let Some(overrides) = &self.recipe.overrides {
            cmd = cmd.arg("--overrides").arg(self.file(overrides));
        }
        cmd.arg("-o").arg(lock).args(self.recipe.requirements.iter().map(|file| self.file(file)))
    }

    /// Stubs are generated in a throwaway environment whose generator is no newer than the packaged protobuf: code
    /// that a newer one writes is refused at run time.
    fn stubs(&self) -> Result<Vec<Step>, PlanError> {
        let lock = self.build.clone().then("/stubs.lock");
        let resolve = self
            .compile()
            .arg("-c")
            .arg(self.build.clone().then("/requirements.lock"))
            .arg("-o")
            .arg(lock.clone())
            .arg(self.common.clone().then("/build/requirements-stubs.txt"));
        Ok(vec![
            Context::step("resolve-stubs", resolve)?,
            Context::step("packages-stubs", self.install("/stubs", &self.build, lock))?,
        ])
    }

    fn application(&self) -> Result<Vec<Step>, PlanError> {
        let app = |path: &str| self.out.clone().then(format!("/app{path}"));
        let python = || vec!["*.py".to_owned()];
        let runtime = self.common.clone().then("/runtime");
        let protoc = self
            .python(self.out.clone().then("/python/bin/python3"))
            .env("PYTHONPATH", self.build.clone().then("/stubs"))
            .args(["-s", "-B", "-m", "grpc_tools.protoc", "-I"])
            .arg(self.proto.clone())
            .arg(Arg::text("--python_out=").then(app("")))
            .arg(Arg::text("--grpc_python_out=").then(app("")))
            .arg("backend.proto");
        let backend = Action::Copy { from: self.backend.clone(), matching: python(), to: app("") };
        let shared = Action::Copy { from: runtime.clone(), matching: python(), to: app("/runtime") };
        let mut steps = vec![
            Context::step("app", backend)?,
            Context::step("runtime", shared)?,
            Context::step("entry", copied(runtime.then("/start.py"), app("/__main__.py")))?,
            Context::step(
                "lock",
                copied(
                    self.build.clone().then("/requirements.lock"),
                    self.out.clone().then("/requirements.lock"),
                ),
            )?,
            Context::step("stubs", protoc)?,
        ];
        if self.recipe.entry.as_str() != STARTED {
            steps.push(Context::step(
                "server",
                copied(self.file(&self.recipe.entry), app(&format!("/{STARTED}"))),
            )?);
        }
        Ok(steps)
    }

    /// Bytecode and licences; then the packaged interpreter must be able to import everything.
    fn finish(&self) -> Result<Vec<Step>, PlanError> {
        let isolated = || self.python(self.out.clone().then("/python/bin/python3")).args(["-I", "-S", "-B"]);
        let finish = isolated().arg(self.common.clone().then("/build/finish.py")).arg(self.out.clone());
        let check = isolated().arg(self.out.clone().then("/app")).arg("--help");
        Ok(vec![Context::step("finish", finish)?, Context::step("check", check)?])
    }

    fn file(&self, path: &Utf8Path) -> Arg {
        self.backend.clone().then(format!("/{path}"))
    }

    fn python(&self, program: impl Into<Arg>) -> Cmd {
        Cmd::new(program, self.build.clone()).env("PYTHONDONTWRITEBYTECODE", "1")
    }

    fn uv(&self) -> Cmd {
        self.python("uv")
            .env("UV_PYTHON_DOWNLOADS", "never")
            .env("UV_LINK_MODE", "copy")
            .tuning("UV_NO_PROGRESS", "1")
            .tuning("UV_CACHE_DIR", self.cache.clone())
    }

    /// For the oldest system that packages run on, not for the one that builds them.
    fn pip(&self, verb: &str) -> Cmd {
        let uv = match &self.wheels_for {
            Some((_, target)) => self.uv().env(DEPLOYMENT_TARGET, target.as_str()),
            None => self.uv(),
        };
        let platform = self.wheels_for.iter().flat_map(|(platform, _)| ["--python-platform", platform]);
        uv.args(["pip", verb]).args(platform).args(["-q", "--python"])
    }

    fn compile(&self) -> Cmd {
        self.pip("compile")
            .arg(self.out.clone().then("/python/bin/python3"))
            .args(["--no-build", "--no-header", "--no-annotate", "--generate-hashes"])
            .args(floating::bounds(self.until.as_deref(), &self.recipe.undated))
    }

    fn install(&self, target: &str, below: &Arg, lock: Arg) -> Cmd {
        self.pip("install")
            .arg(self.out.clone().then("/python/bin/python3"))
            .arg("--target")
            .arg(below.clone().then(target))
            .args(["--no-build", "--no-deps", "--require-hashes", "-r"])
            .arg(lock)
    }
}

fn wheels_for(context: &Context<'_>) -> Option<(&'static str, DeploymentTarget)> {
    let target = target_of(context.platform, &context.manifests.macos)?;
    let (_, platform) = MAC_PLATFORMS.into_iter().find(|(arch, _)| *arch == context.platform.arch)?;
    Some((platform, target))
}

fn copied(from: Arg, to: Arg) -> Action {
    Action::Copy { from, matching: Vec::new(), to }
}
