//! The libraries that a Go program opens: one CMake configuration a flavor, and the processor chooses at start.

use crate::cmd::Cmd;
use crate::plan::{Fact, TOOLCHAIN};
use crate::recipe::compiler_cache::through;
use crate::recipe::{Context, PlanError, cmake, sealed};
use crate::step::{Action, Step};
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::build_type::BuildType;
use model::engine::Engine;
use model::flavor::Flavor;
use model::package::{Package, Processor, Told};
use model::platform::{Arch, Os};
use std::collections::BTreeMap;

/// Where libraries go in the unit's output; the package has them in a directory of the same name.
const LIBRARIES: &str = "lib";

/// An engine as one unit builds it.
pub(super) struct Build<'a> {
    context: &'a Context<'a>,
    engine: &'a Engine,
    /// The staged tree.
    src: &'a Arg,
    /// In the order of the choice.
    flavors: Vec<Flavor>,
}

impl<'a> Build<'a> {
    pub(super) fn new(context: &'a Context<'a>, engine: &'a Engine, src: &'a Arg) -> Result<Self, PlanError> {
        let x86 = context.platform.os == Os::Linux && context.platform.arch == Arch::Amd64;
        let order = [Flavor::Avx512, Flavor::Avx2, Flavor::Avx, Flavor::Fallback];
        let here = |flavor: &Flavor| x86 || *flavor == Flavor::Fallback;
        let there: Vec<Flavor> =
            order.into_iter().filter(|one| engine.flavors.contains_key(one) && here(one)).collect();
        let asked = &context.request.flavors;
        if let Some(flavor) = asked.iter().find(|one| !there.contains(one)) {
            return Err(PlanError::Flavor {
                backend: context.backend.name.clone(),
                flavor: *flavor,
                platform: context.platform,
                variant: context.variant.name.clone(),
                why: "its engine has none of that name there",
            });
        }
        let flavors = there.into_iter().filter(|one| asked.is_empty() || asked.contains(one)).collect();
        Ok(Self { context, engine, src, flavors })
    }

    pub(super) fn flavors(&self) -> Vec<Flavor> {
        let mut flavors = self.flavors.clone();
        flavors.sort_unstable();
        flavors
    }

    pub(super) fn disk_mib(&self) -> u64 {
        cmake::FLAVOR_MIB * u64::try_from(self.flavors.len()).unwrap_or(1)
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let tools = self.context.compilers().iter().chain(&["cmake"]);
        let mut facts: Vec<Fact> = tools.map(|tool| Fact::Tool((*tool).to_owned())).collect();
        if !self.context.is_mac() {
            facts.extend(self.context.packages(TOOLCHAIN));
            facts.extend(cmake::vulkan_facts(self.context));
        }
        facts
    }

    pub(super) fn steps(&self) -> Result<Vec<Step>, PlanError> {
        let mut steps = Vec::new();
        for flavor in &self.flavors {
            steps.extend(self.build(*flavor)?);
            steps.extend(self.collect(*flavor)?);
        }
        Ok(steps)
    }

    fn build(&self, flavor: Flavor) -> Result<Vec<Step>, PlanError> {
        let context = self.context;
        let label = Context::label(flavor.as_str())?;
        let build = Arg::place(Place::Build(label.clone()));
        let project = self.engine.project.as_ref().map_or(context.backend.dir.as_str(), |dir| dir.as_str());
        let mut configure = Cmd::new("cmake", self.src.clone())
            .args(["-G", "Ninja", "-S"])
            .arg(self.src.clone().then(format!("/{project}")))
            .arg("-B")
            .arg(build.clone());
        for (key, value) in self.options(flavor) {
            configure = configure.arg(Arg::text(format!("-D{key}=")).then(value));
        }
        if let Some(prefix) = sealed::prefix(context) {
            configure = configure.arg(format!("-DCMAKE_PREFIX_PATH={prefix}"));
        }
        let mut compile = Cmd::new("cmake", build.clone()).arg("--build").arg(build);
        if let Some(target) = &self.engine.target {
            compile = compile.args(["--target", target.as_str()]);
        }
        let compile = compile.parallel(cmake::job_mib(context.variant.build_type));
        let (cache, os) = (context.request.compiler_cache, context.platform.os);
        let cached = |cmd| Action::from(through(context.for_target(cmd), cache, os, &label));
        Ok(vec![
            Context::step(&format!("configure-{flavor}"), cached(configure))?,
            Context::step(&format!("build-{flavor}"), cached(compile))?,
        ])
    }

    fn options(&self, flavor: Flavor) -> BTreeMap<String, Arg> {
        let context = self.context;
        let mut options = BTreeMap::from([("CMAKE_BUILD_TYPE".to_owned(), Arg::text("Release"))]);
        if context.platform.os == Os::Linux {
            for kind in ["SHARED", "MODULE"] {
                // A build id is a hash over the run path of the build directory.
                options.insert(format!("CMAKE_{kind}_LINKER_FLAGS"), Arg::text("-s -Wl,--build-id=none"));
            }
        }
        let build_type = self.engine.build_types.get(&context.variant.build_type);
        let tables = [Some(&self.engine.options), build_type, self.engine.flavors.get(&flavor)];
        for (key, value) in tables.into_iter().flatten().flatten() {
            options.insert(key.clone(), context.fill(value));
        }
        for (key, value) in sealed::options(context) {
            options.insert(key.to_owned(), Arg::text(value));
        }
        for (key, value) in cmake::cmake_settings(context) {
            options.insert(key.clone(), Arg::text(value.clone()));
        }
        options
    }

    fn collect(&self, flavor: Flavor) -> Result<Vec<Step>, PlanError> {
        let build = Arg::place(Place::Build(Context::label(flavor.as_str())?));
        let out = Arg::place(Place::Out);
        let mut steps = Vec::new();
        for (index, file) in self.engine.libraries.values().enumerate() {
            let copy = if self.context.is_mac() {
                // A library that is linked as a module ends as on Linux.
                let stem = file.file_stem().unwrap_or_default();
                let matching = vec![format!("{stem}.dylib"), format!("{stem}.so")];
                let to = out.clone().then(format!("/{LIBRARIES}"));
                Action::Copy { from: build.clone(), matching, to }
            } else {
                let to = out.clone().then(format!("/{}", path(file, flavor)));
                Action::Copy { from: build.clone().then(format!("/{file}")), matching: Vec::new(), to }
            };
            steps.push(Context::step(&format!("collect-{flavor}-{}", index + 1), copy)?);
        }
        if let Some(links) = sealed::links(self.context)? {
            let matching = vec![format!("*{}", sealed::LINK)];
            let to = links.then(format!("/{flavor}"));
            steps.push(Context::step(
                &format!("collect-links-{flavor}"),
                Action::Copy { from: build, matching, to },
            )?);
        }
        Ok(steps)
    }

    /// The package of the program with its libraries.
    pub(super) fn package(&self, program: Package) -> Result<Package, PlanError> {
        let stems = self.engine.libraries.values().filter_map(|file| file.file_stem());
        let vulkan = self.context.variant.build_type == BuildType::Vulkan;
        Ok(Package {
            libraries: Some(Arg::place(Place::Out).then(format!("/{LIBRARIES}"))),
            told: self.told(),
            own_libraries: stems.map(|stem| format!("{stem}*")).collect(),
            vulkan_drivers: vulkan.then(|| cmake::VULKAN_DRIVERS.to_owned()),
            links: sealed::links(self.context)?,
            ..program
        })
    }

    fn told(&self) -> Vec<Told> {
        let tell =
            |variable: &String, path: String, processor| Told { variable: variable.clone(), path, processor };
        let mut told = Vec::new();
        for (variable, file) in &self.engine.libraries {
            if self.context.is_mac() {
                let stem = file.file_stem().unwrap_or_default();
                told.extend(
                    ["dylib", "so"].map(|end| tell(variable, format!("{LIBRARIES}/{stem}.{end}"), None)),
                );
                continue;
            }
            let each =
                self.flavors.iter().map(|flavor| tell(variable, path(file, *flavor), processor(*flavor)));
            told.extend(each);
        }
        told
    }
}

/// Where a flavor's library lies, in the output and in the package.
fn path(file: &Utf8Path, flavor: Flavor) -> String {
    let (stem, end) = (file.file_stem().unwrap_or_default(), file.extension().unwrap_or("so"));
    format!("{LIBRARIES}/{stem}-{flavor}.{end}")
}

fn processor(flavor: Flavor) -> Option<Processor> {
    match flavor {
        Flavor::Avx => Some(Processor::Avx),
        Flavor::Avx2 => Some(Processor::Avx2),
        Flavor::Avx512 => Some(Processor::Avx512),
        Flavor::Native | Flavor::Fallback | Flavor::CpuAll | Flavor::Grpc | Flavor::RpcServer => None,
    }
}
