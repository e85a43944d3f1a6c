//! The libraries that a Go program opens: one CMake configuration, or one a flavor of which the processor chooses at start.

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
    /// In the order of the choice; none is one configuration without a name.
    flavors: Vec<Flavor>,
}

/// What one configuration is called where it has no flavor.
const ALONE: &str = "engine";

impl<'a> Build<'a> {
    pub(super) fn new(context: &'a Context<'a>, engine: &'a Engine, src: &'a Arg) -> Result<Self, PlanError> {
        let x86 = context.platform.os == Os::Linux && context.platform.arch == Arch::Amd64;
        let order = [Flavor::Avx512, Flavor::Avx2, Flavor::Avx, Flavor::Fallback];
        let here = |flavor: &Flavor| x86 || *flavor == Flavor::Fallback;
        let there: Vec<Flavor> =
            order.into_iter().filter(|one| engine.options.by_flavor.contains_key(one) && here(one)).collect();
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

    fn configurations(&self) -> Vec<Option<Flavor>> {
        let named = self.flavors.iter().copied().map(Some);
        if self.flavors.is_empty() { vec![None] } else { named.collect() }
    }

    pub(super) fn disk_mib(&self) -> u64 {
        cmake::FLAVOR_MIB * u64::try_from(self.flavors.len().max(1)).unwrap_or(1)
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
        for flavor in self.configurations() {
            let name = flavor.map_or(ALONE, Flavor::as_str);
            steps.extend(self.build(name, flavor)?);
            steps.extend(self.collect(name, flavor)?);
        }
        Ok(steps)
    }

    fn build(&self, name: &str, flavor: Option<Flavor>) -> Result<[Step; 2], PlanError> {
        let context = self.context;
        let label = Context::label(name)?;
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
        Ok([
            Context::step(&format!("configure-{name}"), cached(configure))?,
            Context::step(&format!("build-{name}"), cached(compile))?,
        ])
    }

    fn options(&self, flavor: Option<Flavor>) -> BTreeMap<String, Arg> {
        let context = self.context;
        let mut options = BTreeMap::from([("CMAKE_BUILD_TYPE".to_owned(), Arg::text("Release"))]);
        if context.platform.os == Os::Linux {
            for kind in ["SHARED", "MODULE"] {
                // A build id is a hash over the run path of the build directory.
                options.insert(format!("CMAKE_{kind}_LINKER_FLAGS"), Arg::text("-s -Wl,--build-id=none"));
            }
        }
        options.extend(context.options(&self.engine.options, flavor));
        for (key, value) in sealed::options(context) {
            options.insert(key.to_owned(), Arg::text(value));
        }
        for (key, value) in cmake::cmake_settings(context) {
            options.insert(key.clone(), Arg::text(value.clone()));
        }
        options
    }

    fn collect(&self, name: &str, flavor: Option<Flavor>) -> Result<Vec<Step>, PlanError> {
        let build = Arg::place(Place::Build(Context::label(name)?));
        let to = Arg::place(Place::Out).then(format!("/{LIBRARIES}"));
        let mut copies = Vec::new();
        for file in self.engine.libraries.values() {
            copies.push(match flavor {
                Some(flavor) if !self.context.is_mac() => Action::Copy {
                    from: build.clone().then(format!("/{file}")),
                    matching: Vec::new(),
                    to: Arg::place(Place::Out).then(format!("/{}", path(file, Some(flavor)))),
                },
                _ => self.found(&build, file.file_stem().unwrap_or_default(), &to),
            });
        }
        copies.extend(self.engine.beside.iter().map(|glob| self.found(&build, glob, &to)));
        let copies = copies.into_iter().enumerate();
        let mut steps = copies
            .map(|(index, copy)| Context::step(&format!("collect-{name}-{}", index + 1), copy))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(links) = sealed::links(self.context)? {
            let matching = vec![format!("*{}", sealed::LINK)];
            let to = links.then(format!("/{name}"));
            steps.push(Context::step(
                &format!("collect-links-{name}"),
                Action::Copy { from: build, matching, to },
            )?);
        }
        Ok(steps)
    }

    /// Libraries of the build directory by a glob on their stems, with the names that they have by version.
    fn found(&self, build: &Arg, stem: &str, to: &Arg) -> Action {
        let ends: &[&str] = if self.context.is_mac() {
            // A library that is linked as a module ends as on Linux.
            &[".dylib", ".*.dylib", ".so"]
        } else {
            &[".so", ".so.*"]
        };
        let matching = ends.iter().map(|end| format!("{stem}{end}")).collect();
        Action::Copy { from: build.clone(), matching, to: to.clone() }
    }

    /// The package of the program with its libraries.
    pub(super) fn package(&self, program: Package) -> Result<Package, PlanError> {
        let stems = self.engine.libraries.values().filter_map(|file| file.file_stem());
        let stems = stems.chain(self.engine.beside.iter().map(|glob| glob.trim_end_matches('*')));
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
            let each = self.configurations().into_iter();
            told.extend(each.map(|flavor| tell(variable, path(file, flavor), flavor.and_then(processor))));
        }
        told
    }
}

/// Where a configuration's library lies, in the output and in the package.
fn path(file: &Utf8Path, flavor: Option<Flavor>) -> String {
    let (stem, end) = (file.file_stem().unwrap_or_default(), file.extension().unwrap_or("so"));
    let flavor = flavor.map(|flavor| format!("-{flavor}")).unwrap_or_default();
    format!("{LIBRARIES}/{stem}{flavor}.{end}")
}

fn processor(flavor: Flavor) -> Option<Processor> {
    match flavor {
        Flavor::Avx => Some(Processor::Avx),
        Flavor::Avx2 => Some(Processor::Avx2),
        Flavor::Avx512 => Some(Processor::Avx512),
        Flavor::Native | Flavor::Fallback | Flavor::CpuAll | Flavor::Grpc | Flavor::RpcServer => None,
    }
}
