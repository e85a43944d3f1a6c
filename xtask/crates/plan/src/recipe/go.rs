//! Go backends: stubs from the proto, one binary, and the licences of the modules in it.

mod engine;
mod stubs;

pub(super) use stubs::Stubs;

use super::{Context, Parts, PlanError, cmake};
use crate::cmd::Cmd;
use crate::plan::{Fact, TOOLCHAIN};
use crate::step::{Action, Step};
use engine::Build;
use model::arg::{Arg, Place};
use model::backend::Go;
use model::package::Program;

/// What one compile job of the Go tool needs, in MiB.
const JOB_MIB: u32 = 600;
/// The program that gathers licences; it uses nothing but the standard library.
const LICENSES: &str = include_str!("go/licenses.go");

pub(super) fn parts(context: &Context<'_>, recipe: &Go) -> Result<Parts, PlanError> {
    let tree = Tree::new(context, recipe)?;
    let binary = context.backend.name.to_string();
    let engine = recipe.engine.as_ref().map(|engine| Build::new(context, engine, &tree.src)).transpose()?;
    let mut steps = vec![Context::step("stage", Action::Stage { into: tree.src.clone() })?];
    let mut facts = facts(context, recipe);
    if let Some(engine) = &engine {
        steps.extend(engine.steps()?);
        facts.extend(engine.facts());
    }
    facts.sort();
    facts.dedup();
    steps.extend(tree.stubs()?);
    steps.push(tree.compile(&binary)?);
    steps.extend(tree.licenses(&binary)?);
    let program = context.package(Program::plain(binary), Arg::place(Place::Out).then("/licenses"));
    let used = cmake::cmake_settings(context).map(|(key, _)| key.clone());
    Ok(Parts {
        flavors: engine.as_ref().map(Build::flavors).unwrap_or_default(),
        facts,
        steps,
        disk_mib: 500 + engine.as_ref().map_or(0, Build::disk_mib),
        deps: Vec::new(),
        refresh: None,
        cpu: None,
        used_settings: used.filter(|_| engine.is_some()).collect(),
        package: match &engine {
            Some(engine) => engine.package(program)?,
            None => program,
        },
    })
}

fn facts(context: &Context<'_>, recipe: &Go) -> Vec<Fact> {
    let tool = |name: &str| Fact::Tool(name.to_owned());
    let mut facts = vec![tool("go")];
    facts.extend(recipe.stubs.iter().map(|_| tool("protoc")));
    if recipe.cgo {
        facts.extend(context.compilers().iter().copied().map(tool));
        facts.extend(context.packages(TOOLCHAIN));
    }
    facts
}

/// The places that the steps work on.
struct Tree<'a> {
    context: &'a Context<'a>,
    recipe: &'a Go,
    build: Arg,
    src: Arg,
    /// Where Go is run: it finds the module there, or above.
    module: Arg,
}

impl<'a> Tree<'a> {
    fn new(context: &'a Context<'a>, recipe: &'a Go) -> Result<Self, PlanError> {
        let build = Arg::place(Place::Build(Context::label("go")?));
        let src = build.clone().then("/src");
        let module = src.clone().then("/").then(context.backend.dir.as_str());
        Ok(Self { context, recipe, build, src, module })
    }

    fn go(&self, cwd: Arg) -> Result<Cmd, PlanError> {
        Ok(self
            .context
            .for_target(Cmd::new("go", cwd))
            .env("CGO_ENABLED", if self.recipe.cgo { "1" } else { "0" })
            .env("GOOS", self.context.platform.os.as_str())
            .env("GOARCH", self.context.platform.arch.as_str())
            .env("GOAMD64", "v1")
            .env("GOFLAGS", "-mod=readonly")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .tuning("GOCACHE", Place::Cache(Context::label("go-build")?))
            .tuning("GOMODCACHE", Place::Cache(Context::label("go-mod")?)))
    }

    /// What is run here, whatever the package is for.
    fn here(&self, cwd: Arg) -> Result<Cmd, PlanError> {
        Ok(self.go(cwd)?.env("CGO_ENABLED", "0").env("GOOS", "").env("GOARCH", ""))
    }

    fn stubs(&self) -> Result<Vec<Step>, PlanError> {
        if let Some(to) = &self.recipe.stubs {
            let stubs = Stubs { src: &self.src, build: &self.build, to: to.as_str() };
            return stubs.steps(self.module.clone(), |cwd| self.here(cwd));
        }
        let generate = self.here(self.module.clone())?.args(["generate", "./..."]);
        Ok(vec![Context::step("generate", generate.parallel(JOB_MIB))?])
    }

    fn compile(&self, binary: &str) -> Result<Step, PlanError> {
        // What the system's linker writes into it is a hash over where its objects lay.
        let external = self.recipe.cgo && !self.context.is_mac();
        let linker = if external { " -extldflags=-Wl,--build-id=none" } else { "" };
        let compile = self
            .go(self.module.clone())?
            .args(["build", "-trimpath", "-buildvcs=false"])
            .arg(format!("-ldflags=-s -w -buildid={linker}"))
            .arg("-o")
            .arg(Arg::place(Place::Out).then(format!("/{binary}")))
            .arg(self.recipe.package.as_str());
        Context::step("build", compile.parallel(JOB_MIB))
    }

    fn licenses(&self, binary: &str) -> Result<[Step; 2], PlanError> {
        let out = Arg::place(Place::Out);
        let program = self.build.clone().then("/licenses.go");
        let write = Action::Write { text: LICENSES.to_owned(), to: program.clone() };
        let gather = self
            .here(self.module.clone())?
            .arg("run")
            .arg(program)
            .arg("-binary")
            .arg(out.clone().then(format!("/{binary}")))
            .arg("-out")
            .arg(out.then("/licenses"));
        Ok([Context::step("licenses-program", write)?, Context::step("licenses", gather)?])
    }
}
