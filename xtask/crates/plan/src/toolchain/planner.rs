//! From a request to ordered steps: the order is the reference's, each step stands only in the plans that need it.

use super::action::{Install, InstallPlan, InstallStep, Probe};
use super::common::write;
use super::error::DepsError;
use super::family::Family;
use super::request::{Drivers, Request, Start};
use super::rows::base::Asked;
use super::rows::{base, cuda, oneapi, protoc, rocm, rust, vulkan};
use super::tool::Tool;
use super::tree::{Source, Trees};
use crate::cmd::Cmd;
use crate::grpc;
use crate::step::Action;
use model::arg::Place;
use model::base::Toolkit;
use model::grpc::{Grpc, GrpcPin};
use model::host::Distro;
use model::name::Label;
use model::platform::{Arch, Os};
use model::source::{Pin, Pins};
use model::variant::Cuda;
use std::collections::BTreeSet;

/// The steps that make a builder as `request` asks for.
pub fn plan(request: &Request, pins: Pins<'_>) -> Result<InstallPlan, DepsError> {
    let mut steps = Steps { trees: request.trees, steps: Vec::new() };
    steps.packages("base", &base_packages(request))?;
    toolkit(request, pins, &mut steps)?;
    let grpc_source = match request.family {
        Family::Cpp(Grpc::Source(pin)) => Some(pin),
        _ => None,
    };
    if grpc_source.is_some() && request.start != Start::Host {
        let pin = pins.source(&format!("protoc-{}", request.arch))?;
        steps.stamped("protoc", &[pin], protoc::release(pin), &[protoc::PROGRAM])?;
    }
    // A host has one already: xtask was compiled with it.
    if request.family == Family::Rust && request.start != Start::Host {
        let pin = pins.source(&format!("rust-{}", request.arch))?;
        steps.stamped("rust", &[pin], rust::release(request.arch, pin), &rust::PROGRAMS)?;
    }
    let mut units = Vec::new();
    match grpc_source {
        Some(pin) if request.start == Start::Host => units.push(pin),
        Some(grpc) => {
            steps.stamped(
                "grpc",
                &grpc::sources(grpc, pins)?,
                grpc_unit(grpc, pins)?,
                &[grpc::IMAGE_MARK],
            )?;
        }
        None => {}
    }
    private_tools(request, pins, &mut steps)?;
    if request.start != Start::Host {
        steps.clean()?;
    }
    Ok(InstallPlan { title: title(request), trees: steps.trees, steps: steps.steps, units })
}

/// What the unit does on a host; its sources are the step's.
fn grpc_unit(grpc: GrpcPin, pins: Pins<'_>) -> Result<Vec<Install>, DepsError> {
    let steps = grpc::steps(grpc, Os::Linux, &grpc::sources(grpc, pins)?).map_err(|_| DepsError::BadTable)?;
    let actions = steps.into_iter().map(|step| step.action);
    Ok(actions.filter(|action| !matches!(action, Action::Fetch { .. })).map(Install::Do).collect())
}

fn title(request: &Request) -> String {
    let toolkit = match request.cuda {
        Some(Cuda { major, minor }) => format!("{} {major}.{minor}", request.toolkit),
        None => request.toolkit.to_string(),
    };
    format!("{}, {}, {toolkit}", request.distro, request.arch)
}

fn base_packages(request: &Request) -> Vec<&'static str> {
    let asked = Asked {
        family: request.family,
        arch: request.arch,
        distro: Some(request.distro),
        host: request.start == Start::Host,
        has_tool: request.tools.is_some() && Tool::of(request.family).is_some(),
    };
    let rows = base::ROWS.iter().filter(|row| (row.applies)(&asked));
    let mut packages: BTreeSet<&'static str> = rows.flat_map(|row| row.packages).copied().collect();
    if adds_repository(request) {
        packages.extend(["curl", "gnupg"]);
    }
    packages.into_iter().collect()
}

fn adds_repository(request: &Request) -> bool {
    let install = request.drivers == Drivers::Install;
    match request.toolkit {
        Toolkit::Cublas => install || (request.arch == Arch::Arm64 && request.family != Family::Runtime),
        Toolkit::L4t | Toolkit::Sycl => install,
        Toolkit::Hipblas => install && request.start != Start::VendorImage,
        Toolkit::Cpu | Toolkit::Vulkan => false,
    }
}

/// Compilers and headers, or what runs without them: libraries and drivers.
fn toolkit(request: &Request, pins: Pins<'_>, steps: &mut Steps) -> Result<(), DepsError> {
    let install = request.drivers == Drivers::Install;
    let (vendor, runtime) = (request.start == Start::VendorImage, request.family == Family::Runtime);
    let none =
        || DepsError::NoToolkit { toolkit: request.toolkit, distro: request.distro, arch: request.arch };
    match request.toolkit {
        Toolkit::Cpu => Ok(()),
        Toolkit::Vulkan | Toolkit::Hipblas | Toolkit::Sycl if !install => Ok(()),
        Toolkit::Cublas | Toolkit::L4t if !install && runtime => Ok(()),
        Toolkit::Hipblas | Toolkit::Sycl if request.arch != Arch::Amd64 => Err(none()),
        Toolkit::Vulkan if runtime => steps.packages("vulkan", vulkan::RUNTIME),
        Toolkit::Vulkan => match request.distro {
            Distro::Ubuntu2204 | Distro::Ubuntu2404 => {
                steps.packages("vulkan-tools", vulkan::SDK_TOOLS)?;
                let pin = pins.source("vulkan-sdk")?;
                let sdk = vulkan::sdk(request.arch, pin, label("vulkan-sdk")?);
                steps.stamped("vulkan-sdk", &[pin], sdk, &["/usr/bin/glslc"])
            }
            Distro::Debian12 => {
                steps.packages("vulkan", vulkan::DEBIAN)?;
                let mark = format!("{}/usr/include/vulkan/vulkan_core.h", vulkan::HEADERS);
                steps.stamped("vulkan-headers", &[], vulkan::newer_headers(), &[&mark])
            }
            Distro::Debian13 => steps.packages("vulkan", vulkan::DEBIAN),
        },
        Toolkit::Sycl => {
            if !vendor {
                let repository = repository(pins, "intel-oneapi", "all", "main")?;
                let packages = if runtime { oneapi::RUNTIME } else { oneapi::COMPILER };
                steps.add("oneapi", vec![repository, Install::packages_of(packages)], Probe::Packages)?;
            }
            let repository =
                repository(pins, "intel-gpu", ubuntu(request.distro).ok_or_else(none)?, "unified")?;
            let packages = Install::packages_of(oneapi::GPU_RUNTIME);
            steps.add("intel-gpu", vec![repository, packages], Probe::Packages)
        }
        Toolkit::Cublas | Toolkit::L4t => {
            let version = request.cuda.ok_or(DepsError::CudaVersionMissing(request.toolkit))?;
            let repository =
                || Ok::<_, DepsError>(cuda::repository(pins.repository("nvidia-cuda")?, request, version));
            if install {
                let toolkit = if runtime { cuda::runtime(version) } else { cuda::toolkit(request, version) };
                steps.add("cuda", vec![repository()?, toolkit], Probe::Packages)?;
            }
            // As in the reference, whether or not the toolkit was skipped.
            if request.toolkit == Toolkit::Cublas && request.arch == Arch::Arm64 && !runtime {
                let repository = (!install).then(repository).transpose()?;
                let actions = repository.into_iter().chain([cuda::arm_maths(version)]).collect();
                steps.add("cuda-arm", actions, Probe::Packages)?;
            }
            Ok(())
        }
        Toolkit::Hipblas => {
            let mut actions = Vec::new();
            if !vendor {
                let suite = ubuntu(request.distro).ok_or_else(none)?;
                actions.push(repository(pins, "amd-rocm", suite, "main")?);
            }
            actions.extend([rocm::libraries(runtime, !vendor), Cmd::root("ldconfig").into()]);
            steps.add("rocm", actions, Probe::Packages)
        }
    }
}

/// A vendor's repository.
fn repository(
    pins: Pins<'_>,
    name: &str,
    suite: &'static str,
    component: &'static str,
) -> Result<Install, DepsError> {
    let pinned = pins.repository(name)?.clone();
    Ok(Install::AptRepository { pinned, suite, component: Some(component) })
}

/// What vendors call the suite of a distribution that they publish for: of these, Ubuntu alone.
fn ubuntu(distro: Distro) -> Option<&'static str> {
    match distro {
        Distro::Ubuntu2204 => Some("jammy"),
        Distro::Ubuntu2404 => Some("noble"),
        Distro::Debian12 | Distro::Debian13 => None,
    }
}

fn private_tools(request: &Request, pins: Pins<'_>, steps: &mut Steps) -> Result<(), DepsError> {
    let Some(tools) = &request.tools else { return Ok(()) };
    if let Some(tool) = Tool::of(request.family)
        && !request.present.get(tool.program()).is_some_and(|version| tool.is_served_by(version))
    {
        steps.steps.push(tool.step(
            pins.wheel(tool.program())?,
            tools,
            request.arch,
            label(tool.program())?,
        )?);
    }
    Ok(())
}

fn label(id: &str) -> Result<Label, DepsError> {
    id.parse().map_err(|_| DepsError::BadTable)
}

/// Where the stamps of steps are.
const STAMPS: &str = "/usr/local/share/xtask";

/// The steps so far.
struct Steps {
    trees: Trees,
    steps: Vec<InstallStep>,
}

impl Steps {
    /// One step that reads no source.
    fn add(&mut self, id: &str, actions: Vec<Install>, done: Probe) -> Result<(), DepsError> {
        self.steps.push(InstallStep { id: label(id)?, sources: Vec::new(), actions, done });
        Ok(())
    }

    /// A step that installs packages and nothing else.
    fn packages(&mut self, id: &str, packages: &[&'static str]) -> Result<(), DepsError> {
        self.add(id, vec![Install::packages_of(packages)], Probe::Packages)
    }

    /// A step that is done when its results and a stamp are there; the stamp's name changes with the step. It begins with
    /// the trees of `pins`, and leaves nothing of what it worked in.
    fn stamped(
        &mut self,
        id: &str,
        pins: &[&Pin],
        work: Vec<Install>,
        results: &[&str],
    ) -> Result<(), DepsError> {
        let sources: Vec<Source> = pins.iter().map(|pin| Source::of(pin)).collect();
        let mut places = BTreeSet::new();
        for action in &work {
            if let Install::Do(action) = action {
                action.add_places(&mut places);
            }
        }
        let mut actions = Vec::new();
        for pin in pins {
            actions.extend(self.trees.fetch(pin)?.into_iter().map(Install::Do));
        }
        if !places.is_empty() {
            actions.push(Cmd::root("mkdir").arg("-p").args(places.iter().cloned()).into());
        }
        actions.extend(work);
        let downloaded = sources.iter().filter(|_| self.trees == Trees::Downloaded);
        let gone = downloaded.map(|source| Place::Source(source.name.clone()));
        let gone: Vec<Place> =
            gone.chain(places.into_iter().filter(|place| matches!(place, Place::Build(_)))).collect();
        if !gone.is_empty() {
            actions.push(Cmd::root("rm").arg("-rf").args(gone).into());
        }
        let content = serde_json::to_vec(&(&sources, &actions)).map_err(|_| DepsError::BadTable)?;
        let stamp = format!("{STAMPS}/{id}-{}", &blake3::hash(&content).to_hex()[..16]);
        let stamps = [Cmd::root("mkdir").args(["-p", STAMPS]), write(&stamp, &format!("{id}\n"))];
        actions.extend(stamps.map(Install::from));
        let files = results.iter().map(|file| (*file).to_owned()).chain([stamp]).collect();
        self.steps.push(InstallStep { id: label(id)?, sources, actions, done: Probe::Files(files) });
        Ok(())
    }

    /// Package archives and lists do not belong into an image.
    fn clean(&mut self) -> Result<(), DepsError> {
        let cmds = [
            Cmd::root("apt-get").arg("clean"),
            Cmd::root("find").args(["/var/lib/apt/lists", "-mindepth", "1", "-delete"]),
        ];
        self.add("clean", cmds.map(Install::from).into(), Probe::FollowsOthers)
    }
}
