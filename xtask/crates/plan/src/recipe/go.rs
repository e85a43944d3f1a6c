//! Go backends: stubs from the proto, then one static binary.

use super::{Context, Parts, PlanError};
use crate::cmd::Cmd;
use crate::plan::Fact;
use crate::step::Action;
use model::arg::{Arg, Place};
use model::backend::Go;
use model::package::Program;

/// What one compile job of the Go tool needs, in MiB.
const JOB_MIB: u32 = 600;

pub(super) fn parts(context: &Context<'_>, recipe: &Go) -> Result<Parts, PlanError> {
    let build = Arg::place(Place::Build(Context::label("go")?));
    let module = build.clone().then("/src/").then(context.backend.dir.as_str());
    let out = Arg::place(Place::Out);
    let binary = context.backend.name.to_string();
    let go = |cwd: Arg| -> Result<Cmd, PlanError> {
        Ok(context
            .for_target(Cmd::new("go", cwd))
            .env("CGO_ENABLED", "0")
            .env("GOOS", context.platform.os.as_str())
            .env("GOARCH", context.platform.arch.as_str())
            .env("GOAMD64", "v1")
            .env("GOFLAGS", "-mod=readonly")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .tuning("GOCACHE", Place::Cache(Context::label("go-build")?))
            .tuning("GOMODCACHE", Place::Cache(Context::label("go-mod")?)))
    };
    // Generators run on this machine, whatever the package is for.
    let here = || Ok::<_, PlanError>(go(module.clone())?.env("GOOS", "").env("GOARCH", ""));
    let generate = here()?.args(["generate", "./..."]);
    let licenses = here()?
        .args(["run", "./internal/licenses", "-binary"])
        .arg(out.clone().then(format!("/{binary}")))
        .arg("-out")
        .arg(out.clone().then("/licenses"));
    let compile = go(module.clone())?
        .args(["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o"])
        .arg(out.clone().then(format!("/{binary}")))
        .arg(recipe.package.as_str());
    Ok(Parts {
        flavors: Vec::new(),
        facts: vec![Fact::Tool("go".to_owned())],
        steps: vec![
            Context::step("stage", Action::Stage { into: build.then("/src") })?,
            Context::step("generate", generate.parallel(JOB_MIB))?,
            Context::step("build", compile.parallel(JOB_MIB))?,
            Context::step("licenses", licenses)?,
        ],
        disk_mib: 500,
        package: context.package(Program::plain(binary), out.then("/licenses")),
        deps: Vec::new(),
        refresh: None,
        cpu: None,
        used_settings: Vec::new(),
    })
}
