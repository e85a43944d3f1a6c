//! Backends that their own Makefile or script builds: steps of ours, then theirs behind a fence.

use super::compiler_cache::through;
use super::go::Stubs;
use super::{Context, Parts, PlanError};
use crate::cmd::Cmd;
use crate::plan::{Fact, TOOLCHAIN};
use crate::proto::CONTRACT;
use crate::request::CompilerCache;
use crate::step::{Action, Step};
use crate::toolchain::apt_install;
use model::arg::{Arg, Place};
use model::macos::homebrew_prefix;
use model::package::{Package, Program};
use model::script::{Argv, Language, Network, Prepare, Script, Word};

/// What one compile job may need, in MiB.
const JOB_MIB: u32 = 1500;
/// Where the backend's own package lies in ours: it brings a `run.sh` and a `lib` of its own.
const APP: &str = "app";
/// Where Go backends have the contract's messages.
const GO_STUBS: &str = "pkg/grpc/proto";
/// What writes both for Python.
const PYTHON_STUBS: [&str; 2] = ["protobuf-compiler", "protobuf-compiler-grpc"];

pub(super) fn parts(context: &Context<'_>, recipe: &Script) -> Result<Parts, PlanError> {
    let tree = Tree::new(context, recipe)?;
    let mut steps = vec![Context::step("stage", Action::Stage { into: tree.src.clone() })?];
    for prepare in &recipe.prepare {
        steps.extend(tree.prepare(*prepare)?);
    }
    for (index, argv) in recipe.steps.iter().enumerate() {
        let Some(cmd) = tree.command(argv)? else { continue };
        steps.push(Context::step(&format!("step-{}", index + 1), cmd)?);
    }
    let out = Arg::place(Place::Out);
    let output = tree.src.clone().then(format!("/{}", recipe.output));
    let packaged = out.clone().then(format!("/{APP}"));
    steps.push(Context::step("collect", Action::Tree { from: output, to: packaged.clone() })?);
    // Some trees track it as a text, and whoever starts it makes it a program.
    let file = packaged.clone().then(format!("/{}", recipe.start));
    steps.push(Context::step("start", Cmd::new("chmod", tree.src.clone()).arg("a+x").arg(file))?);
    let start = Program::plain(format!("{APP}/{}", recipe.start));
    Ok(Parts {
        flavors: Vec::new(),
        facts: facts(context, recipe),
        steps,
        disk_mib: 4000,
        package: Package {
            data: vec![(packaged, APP.to_owned())],
            license_tree: None,
            host_shell: true,
            ..context.package(start, out)
        },
        deps: Vec::new(),
        refresh: context.host.refresh.clone().filter(|_| recipe.network == Network::Host),
        cpu: None,
        used_settings: Vec::new(),
    })
}

/// The backend's own tests, behind the same fence.
pub(super) fn tests(context: &Context<'_>, recipe: &Script) -> Result<Vec<Step>, PlanError> {
    let tree = Tree::new(context, recipe)?;
    let mut steps = Vec::new();
    for (index, argv) in recipe.test.iter().enumerate() {
        let Some(cmd) = tree.command(argv)? else { continue };
        steps.push(Context::step(&format!("test-{}", index + 1), cmd)?);
    }
    Ok(steps)
}

/// Compilers with what they link, and every program that a step names.
fn facts(context: &Context<'_>, recipe: &Script) -> Vec<Fact> {
    let prepared = recipe.prepare.iter().flat_map(|prepare| match prepare {
        Prepare::GoModules => &["go"][..],
        Prepare::GoStubs => &["go", "protoc"],
        Prepare::PythonStubs => &["protoc"],
    });
    let own = match recipe.language {
        Language::Go => &["go"][..],
        Language::Python => &["/usr/bin/python3", "uv"],
        Language::Rust => &["cargo", "rustc"],
        Language::Cpp => &[],
    };
    let steps = recipe.steps.iter().filter_map(|argv| argv.first()).map(Word::as_str);
    let steps = steps.filter(|program| !program.contains('/'));
    let named =
        context.compilers().iter().copied().chain(own.iter().copied()).chain(prepared.copied()).chain(steps);
    let mut facts: Vec<Fact> = named.map(|tool| Fact::Tool(tool.to_owned())).collect();
    facts.extend(context.packages(TOOLCHAIN));
    if recipe.prepare.contains(&Prepare::PythonStubs) {
        facts.extend(context.packages(PYTHON_STUBS));
    }
    facts.sort();
    facts.dedup();
    facts
}

/// The places that the steps work on.
struct Tree<'a> {
    context: &'a Context<'a>,
    recipe: &'a Script,
    build: Arg,
    src: Arg,
}

impl<'a> Tree<'a> {
    fn new(context: &'a Context<'a>, recipe: &'a Script) -> Result<Self, PlanError> {
        let build = Arg::place(Place::Build(Context::label("script")?));
        Ok(Self { context, recipe, src: build.clone().then("/src"), build })
    }

    /// One of the backend's commands, behind the fence.
    fn command(&self, argv: &Argv) -> Result<Option<Cmd>, PlanError> {
        let Some((program, given)) = argv.split_first() else { return Ok(None) };
        let mut cmd = Cmd::new(program.as_str(), self.src.clone()).args(given.iter().map(Word::as_str));
        for (name, text) in &self.recipe.env {
            cmd = cmd.env(name, self.context.fill(text));
        }
        cmd = self.context.for_target(cmd).parallel(JOB_MIB).fenced(self.recipe.network);
        if self.has_go() {
            cmd = self.go_cache(cmd)?;
            if self.recipe.network == Network::None {
                cmd = cmd.env("GOPROXY", "off").env("GOFLAGS", "-modcacherw -buildvcs=false");
            }
        }
        Ok(Some(self.cached(cmd)?))
    }

    /// Objects are shared where the images of the language have ccache; a server of sccache is on the other side of the
    /// fence.
    fn cached(&self, cmd: Cmd) -> Result<Cmd, PlanError> {
        let has_one = matches!(self.recipe.language, Language::Cpp | Language::Go);
        let cache = match self.context.request.compiler_cache {
            CompilerCache::Ccache if has_one => CompilerCache::Ccache,
            _ => CompilerCache::Off,
        };
        Ok(through(cmd, cache, self.context.platform.os, &Context::label("script")?))
    }

    fn has_go(&self) -> bool {
        let prepared = |prepare: &Prepare| matches!(prepare, Prepare::GoModules | Prepare::GoStubs);
        self.recipe.language == Language::Go || self.recipe.prepare.iter().any(prepared)
    }

    /// Modules lie in the build itself: what is before the fence must be there behind it.
    fn go_cache(&self, cmd: Cmd) -> Result<Cmd, PlanError> {
        Ok(cmd
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .env("GOMODCACHE", self.build.clone().then("/go-mod"))
            .tuning("GOCACHE", Place::Cache(Context::label("go-build")?)))
    }

    fn go(&self, cwd: Arg) -> Result<Cmd, PlanError> {
        // Whoever builds must be able to remove what was downloaded.
        self.go_cache(Cmd::new("go", cwd).env("GOFLAGS", "-modcacherw -mod=readonly"))
    }

    /// Where `go.mod` lies: in the root, if that is an input by name.
    fn module(&self) -> Arg {
        if self.is_root() {
            self.src.clone()
        } else {
            self.src.clone().then(format!("/{}", self.context.backend.dir))
        }
    }

    fn is_root(&self) -> bool {
        self.context.backend.inputs.include.iter().any(|glob| glob == "go.mod")
    }

    fn prepare(&self, prepare: Prepare) -> Result<Vec<Step>, PlanError> {
        let protoc = || Cmd::new("protoc", self.src.clone()).args(["-I", "backend"]);
        match prepare {
            Prepare::GoModules => {
                let go = self.go(self.module())?;
                // The root's module may require what a hundred other programs need: what is imported is downloaded.
                let modules = if self.is_root() {
                    go.args(["list", "-deps", "-test"]).arg(format!("./{}/...", self.context.backend.dir))
                } else {
                    go.args(["mod", "download"])
                };
                Ok(vec![Context::step("go-modules", modules)?])
            }
            Prepare::GoStubs => Stubs { src: &self.src, build: &self.build, to: GO_STUBS }
                .steps(self.module(), |cwd| self.go(cwd)),
            Prepare::PythonStubs => {
                let to = self.src.clone().then(format!("/{}", self.context.backend.dir));
                let prefix =
                    if self.context.is_mac() { homebrew_prefix(self.context.platform.arch) } else { "/usr" };
                let stubs = protoc()
                    .arg(format!("--plugin=protoc-gen-grpc_python={prefix}/bin/grpc_python_plugin"))
                    .arg(Arg::text("--python_out=").then(to.clone()))
                    .arg(Arg::text("--grpc_python_out=").then(to))
                    .arg(CONTRACT);
                let mut steps = Vec::new();
                if self.context.in_container() {
                    for (index, action) in apt_install(&PYTHON_STUBS).into_iter().enumerate() {
                        steps.push(Context::step(&format!("python-stubs-packages-{}", index + 1), action)?);
                    }
                }
                steps.push(Context::step("python-stubs", stubs)?);
                Ok(steps)
            }
        }
    }
}
