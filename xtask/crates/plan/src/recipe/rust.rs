//! Rust backends: one binary from a locked workspace, with the licences of the crates in it.

use super::{Context, Parts, PlanError, sealed};
use crate::cmd::Cmd;
use crate::plan::Fact;
use crate::step::Action;
use model::arg::{Arg, Place};
use model::backend::Rust;
use model::macos::{DEPLOYMENT_TARGET, DeploymentTarget, target_of};
use model::package::{Package, Program};
use model::platform::{Arch, Os, Platform};

/// What one compile job of rustc needs, in MiB.
const JOB_MIB: u32 = 800;
/// The program that collects licences; it uses nothing but the standard library.
const LICENSES: &str = "src/bin/licenses.rs";
const EDITION: &str = "2024";
/// Whose files the linker adds, with what they depend on.
const LINKED: [&str; 2] = ["gcc", "libc6-dev"];
/// Where cargo is run: it reads the configuration of every directory above, and there is none above this.
const ROOT: &str = "/";
/// What cargo has between two flags for rustc.
const NEXT_FLAG: &str = "\u{1f}";

pub(super) fn parts(context: &Context<'_>, recipe: &Rust) -> Result<Parts, PlanError> {
    let rust = Tree::new(context, recipe)?;
    let target = triple(context.platform);
    let binary = recipe.binary.as_str();
    let fetch = rust.cargo("fetch").args(["--locked", "--target", target]);
    let build = rust
        .cargo("build")
        .args(["--locked", "--offline", "--release", "--target", target, "--bin", binary])
        .arg("--target-dir")
        .arg(rust.target.clone())
        // Where there is no jobserver.
        .tuning("CARGO_BUILD_JOBS", Arg::jobs())
        .parallel(JOB_MIB);
    // It runs on this machine, whatever the package is for. Cargo would compile every crate a second time for it.
    let tool = rust.build.clone().then("/licenses");
    let compile = Cmd::new("rustc", rust.workspace.clone())
        .args(["--edition", EDITION, LICENSES, "-o"])
        .arg(tool.clone());
    let licenses = Cmd::new(tool, rust.workspace.clone())
        .arg(target)
        .arg(rust.out.clone().then("/licenses"))
        .tuning("CARGO_HOME", rust.home.clone());
    let product = rust.target.clone().then(format!("/{target}/release/{binary}"));
    let collect =
        Action::Copy { from: product, matching: Vec::new(), to: rust.out.clone().then(format!("/{binary}")) };
    let mut steps = vec![
        Context::step("stage", Action::Stage { into: rust.build.clone().then("/src") })?,
        Context::step("fetch", fetch)?,
        Context::step("build", build)?,
        Context::step("collect", collect)?,
        Context::step("licenses-tool", compile)?,
        Context::step("licenses", licenses)?,
    ];
    if let Some(links) = &rust.links {
        let to = links.clone().then(format!("/binary{}", sealed::LINK));
        let links = Action::Copy { from: rust.linked(), matching: Vec::new(), to };
        steps.push(Context::step("collect-links", links)?);
    }
    let package = context.package(Program::plain(binary), rust.out.then("/licenses"));
    Ok(Parts {
        flavors: Vec::new(),
        facts: facts(context),
        steps,
        disk_mib: 1500,
        package: Package { links: rust.links, ..package },
        deps: Vec::new(),
        refresh: None,
        cpu: None,
        used_settings: Vec::new(),
    })
}

fn facts(context: &Context<'_>) -> Vec<Fact> {
    let linkers = if context.is_mac() { ["cc", "xcrun"] } else { ["cc", "ld"] };
    let tools = ["cargo", "rustc"].into_iter().chain(linkers).map(|tool| Fact::Tool(tool.to_owned()));
    // Those of the root directory cannot be switched off.
    let read = ["/.cargo/config.toml", "/.cargo/config"].map(|path| Fact::Configuration(path.into()));
    tools.chain(read).chain(context.packages(LINKED)).collect()
}

/// The name that rustc has for a platform.
fn triple(platform: Platform) -> &'static str {
    match (platform.os, platform.arch) {
        (Os::Linux, Arch::Amd64) => "x86_64-unknown-linux-gnu",
        (Os::Linux, Arch::Arm64) => "aarch64-unknown-linux-gnu",
        (Os::Darwin, Arch::Arm64) => "aarch64-apple-darwin",
        (Os::Darwin, Arch::Amd64) => "x86_64-apple-darwin",
    }
}

/// The places that the steps work on.
struct Tree {
    build: Arg,
    workspace: Arg,
    target: Arg,
    out: Arg,
    home: Arg,
    links: Option<Arg>,
    config: Option<Arg>,
    macos: Option<DeploymentTarget>,
}

impl Tree {
    fn new(context: &Context<'_>, recipe: &Rust) -> Result<Self, PlanError> {
        let build = Arg::place(Place::Build(Context::label("rust")?));
        let target = target_of(context.platform, &context.manifests.macos);
        let workspace = build.clone().then("/src/").then(context.backend.dir.as_str());
        let config = recipe.config.as_ref().map(|file| workspace.clone().then(format!("/{file}")));
        Ok(Self {
            workspace,
            config,
            target: build.clone().then("/target"),
            out: Arg::place(Place::Out),
            home: Arg::place(Place::Cache(Context::label("cargo")?)),
            links: sealed::links(context)?,
            macos: target,
            build,
        })
    }

    /// What the linker says that it read.
    fn linked(&self) -> Arg {
        self.build.clone().then(format!("/binary{}", sealed::LINK))
    }

    /// In the form in which directories may have spaces, and commas for the linker, in their names.
    fn flags(&self) -> Arg {
        let remap = |from: &Arg, to: &str| Arg::text("--remap-path-prefix=").then(from.clone()).then(to);
        let flags = remap(&self.build, "=/build").then(NEXT_FLAG).then(remap(&self.home, "=/cargo"));
        if self.macos.is_some() {
            // Packages get other install names: the header must have room for them.
            return flags.then(NEXT_FLAG).then("-Clink-arg=-Wl,-headerpad_max_install_names");
        }
        if self.links.is_none() {
            return flags;
        }
        let flags = flags.then(NEXT_FLAG).then("-Clink-arg=-Xlinker");
        flags.then(NEXT_FLAG).then("-Clink-arg=--dependency-file=").then(self.linked())
    }

    /// Cargo with the workspace, but not in it. Crates are fetched into a cache, each checked against the lock; no path of
    /// this machine reaches the binary.
    fn cargo(&self, verb: &str) -> Cmd {
        let config = self.config.iter().flat_map(|file| [Arg::text("--config"), file.clone()]);
        let cargo = Cmd::new("cargo", ROOT);
        let cargo = match &self.macos {
            Some(target) => cargo.env(DEPLOYMENT_TARGET, target.as_str()),
            None => cargo,
        };
        cargo
            .args(config)
            .arg(verb)
            .arg("--manifest-path")
            .arg(self.workspace.clone().then("/Cargo.toml"))
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags())
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .tuning("CARGO_HOME", self.home.clone())
            .tuning("CARGO_TERM_PROGRESS_WHEN", "never")
    }
}
