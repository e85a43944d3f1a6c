//! From a request to ordered steps: the order is the reference's, each step stands only in the plans that need it.

use super::action::{Action, InstallPlan, InstallStep, Probe};
use super::call::Call;
use super::error::DepsError;
use super::lower::write;
use super::request::{CmakeFrom, Drivers, Family, Request, Start};
use super::rows::{base, cmake, cuda, oneapi, protoc, rocm, rust, vulkan};
use super::tool::Tool;
use super::{grpc, runtime};
use model::base::Toolkit;
use model::grpc::Grpc;
use model::host::Distro;
use model::name::Label;
use model::platform::Arch;
use model::source::Pins;
use model::variant::Cuda;
use std::collections::BTreeSet;

/// The steps that make a builder as `request` asks for.
pub fn plan(request: &Request, pins: Pins<'_>) -> Result<InstallPlan, DepsError> {
    let mut steps = Steps::default();
    if let Some(mirror) = &request.mirror {
        steps.stamped("apt-mirror", vec![Action::AptMirror { call: mirror.rewrite(request.distro) }], &[])?;
    }
    steps.packages("base", base_packages(request))?;
    match request.family {
        Family::Runtime => runtime::toolkit(request, pins, &mut steps)?,
        _ => toolkit(request, pins, &mut steps)?,
    }
    let grpc_source = match request.family {
        Family::Cpp(Grpc::Source(pin)) => Some(pin),
        _ => None,
    };
    if grpc_source.is_some() && request.start != Start::Host {
        steps.stamped("protoc", protoc::release(request.arch, pins)?, &[protoc::PROGRAM])?;
    }
    if request.cmake == CmakeFrom::Source {
        steps.stamped("cmake", cmake::source(pins)?, &[cmake::PROGRAM])?;
    }
    // A host has one already: xtask was compiled with it.
    if request.family == Family::Rust && request.start != Start::Host {
        steps.stamped("rust", rust::release(request.arch, pins)?, &rust::PROGRAMS)?;
    }
    let mut units = Vec::new();
    match grpc_source {
        Some(pin) if request.start == Start::Host => units.push(pin),
        Some(pin) => steps.stamped("grpc", grpc::image_actions(pin, pins)?, &[grpc::IMAGE_MARK])?,
        None => {}
    }
    private_tools(request, pins, &mut steps)?;
    if request.start != Start::Host {
        steps.clean()?;
    }
    Ok(InstallPlan { title: title(request), steps: steps.0, units })
}

fn title(request: &Request) -> String {
    let toolkit = match request.cuda {
        Some(Cuda { major, minor }) => format!("{} {major}.{minor}", request.toolkit),
        None => request.toolkit.to_string(),
    };
    format!("{}, {}, {toolkit}", request.distro, request.arch)
}

fn base_packages(request: &Request) -> Vec<&'static str> {
    let rows = base::ROWS.iter().filter(|row| (row.applies)(request));
    let mut packages: BTreeSet<&'static str> = rows.flat_map(|row| row.packages).copied().collect();
    if adds_repository(request) {
        packages.extend(["curl", "gnupg"]);
    }
    packages.into_iter().collect()
}

fn adds_repository(request: &Request) -> bool {
    let install = request.drivers == Drivers::Install;
    match request.toolkit {
        Toolkit::Cublas if request.family == Family::Runtime => install,
        Toolkit::Cublas => install || request.arch == Arch::Arm64,
        Toolkit::L4t | Toolkit::Sycl => install,
        Toolkit::Hipblas => install && request.start != Start::VendorImage,
        Toolkit::Cpu | Toolkit::Vulkan => false,
    }
}

fn toolkit(request: &Request, pins: Pins<'_>, steps: &mut Steps) -> Result<(), DepsError> {
    let install = request.drivers == Drivers::Install;
    let vendor = request.start == Start::VendorImage;
    let none =
        || DepsError::NoToolkit { toolkit: request.toolkit, distro: request.distro, arch: request.arch };
    match request.toolkit {
        Toolkit::Cpu => {}
        Toolkit::Vulkan | Toolkit::Hipblas | Toolkit::Sycl if !install => {}
        Toolkit::Vulkan => match request.distro {
            Distro::Ubuntu2204 | Distro::Ubuntu2404 => {
                steps.packages("vulkan-tools", vulkan::SDK_TOOLS.to_vec())?;
                steps.stamped("vulkan-sdk", vulkan::sdk(request.arch, pins)?, &["/usr/bin/glslc"])?;
            }
            Distro::Debian12 => {
                steps.packages("vulkan", vulkan::DEBIAN.to_vec())?;
                let mark = format!("{}/usr/include/vulkan/vulkan_core.h", vulkan::HEADERS);
                steps.stamped("vulkan-headers", vulkan::newer_headers(), &[&mark])?;
            }
            Distro::Debian13 => steps.packages("vulkan", vulkan::DEBIAN.to_vec())?,
        },
        Toolkit::Sycl => {
            if request.arch != Arch::Amd64 {
                return Err(none());
            }
            if !vendor {
                let repository = oneapi::compiler_repository(pins.repository("intel-oneapi")?);
                let actions = vec![repository, oneapi::compiler()];
                steps.add("oneapi", actions, Probe::Packages)?;
            }
            let repository = pins.repository("intel-gpu")?;
            let repository = oneapi::gpu_repository(repository, request.distro).ok_or_else(none)?;
            steps.add("intel-gpu", vec![repository, oneapi::gpu_runtime()], Probe::Packages)?;
        }
        Toolkit::Cublas | Toolkit::L4t => {
            let version = request.cuda.ok_or(DepsError::CudaVersionMissing(request.toolkit))?;
            let repository =
                || Ok::<_, DepsError>(cuda::repository(pins.repository("nvidia-cuda")?, request, version));
            if install {
                steps.add("cuda", vec![repository()?, cuda::toolkit(request, version)], Probe::Packages)?;
            }
            // As in the reference, whether or not the toolkit was skipped.
            if request.toolkit == Toolkit::Cublas && request.arch == Arch::Arm64 {
                let mut actions = vec![cuda::arm_maths(version)];
                if !install {
                    actions.insert(0, repository()?);
                }
                steps.add("cuda-arm", actions, Probe::Packages)?;
            }
        }
        Toolkit::Hipblas => {
            if request.arch != Arch::Amd64 {
                return Err(none());
            }
            let mut actions = Vec::new();
            if !vendor {
                let repository = pins.repository("amd-rocm")?;
                actions.push(rocm::repository(repository, request.distro).ok_or_else(none)?);
            }
            actions.extend(rocm::libraries(!vendor));
            steps.add("rocm", actions, Probe::Packages)?;
        }
    }
    Ok(())
}

fn private_tools(request: &Request, pins: Pins<'_>, steps: &mut Steps) -> Result<(), DepsError> {
    let Some(tools) = &request.tools else { return Ok(()) };
    if let Some(tool) = Tool::of(request.family)
        && !request.present.get(tool.program()).is_some_and(|version| tool.is_served_by(version))
    {
        steps.0.push(tool.step(pins.wheel(tool.program())?, tools, request.arch, label(tool.program())?)?);
    }
    Ok(())
}

fn label(id: &str) -> Result<Label, DepsError> {
    id.parse().map_err(|_| DepsError::BadTable)
}

/// The steps of a plan that is being made.
#[derive(Default)]
pub(super) struct Steps(Vec<InstallStep>);

impl Steps {
    /// One step.
    pub(super) fn add(&mut self, id: &str, actions: Vec<Action>, done: Probe) -> Result<(), DepsError> {
        self.0.push(InstallStep { id: label(id)?, actions, done });
        Ok(())
    }

    /// A step that installs packages and nothing else.
    pub(super) fn packages(&mut self, id: &str, packages: Vec<&'static str>) -> Result<(), DepsError> {
        self.add(id, vec![Action::AptInstall { packages, versioned: Vec::new() }], Probe::Packages)
    }

    /// A step that is done when its results and a stamp are there; the stamp's name changes with the step.
    fn stamped(&mut self, id: &str, mut actions: Vec<Action>, results: &[&str]) -> Result<(), DepsError> {
        let content = serde_json::to_vec(&actions).map_err(|_| DepsError::BadTable)?;
        let digest = blake3::hash(&content).to_hex();
        let stamp = format!("/usr/local/share/xtask/{id}-{}", &digest[..16]);
        for call in
            [Call::root("mkdir").args(["-p", "/usr/local/share/xtask"]), write(&stamp, &format!("{id}\n"))]
        {
            actions.push(Action::Run { call });
        }
        let files = results.iter().map(|file| (*file).to_owned()).chain([stamp]).collect();
        self.add(id, actions, Probe::Files(files))
    }

    /// Package archives and lists do not belong into an image.
    fn clean(&mut self) -> Result<(), DepsError> {
        let calls = [
            Call::root("apt-get").arg("clean"),
            Call::root("find").args(["/var/lib/apt/lists", "-mindepth", "1", "-delete"]),
        ];
        let actions = calls.map(|call| Action::Run { call }).into();
        self.add("clean", actions, Probe::FollowsOthers)
    }
}
