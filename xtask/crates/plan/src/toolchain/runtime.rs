//! The toolkit's part of an image that only runs what was built: libraries and drivers, no compilers or headers.

use super::action::Probe;
use super::error::DepsError;
use super::planner::Steps;
use super::request::{Drivers, Request, Start};
use super::rows::{cuda, oneapi, rocm, vulkan};
use model::base::Toolkit;
use model::platform::Arch;
use model::source::Pins;

/// Adds what `request`'s toolkit needs at run time.
pub(super) fn toolkit(request: &Request, pins: Pins<'_>, steps: &mut Steps) -> Result<(), DepsError> {
    if request.drivers == Drivers::Skip {
        return Ok(());
    }
    let vendor = request.start == Start::VendorImage;
    let none =
        || DepsError::NoToolkit { toolkit: request.toolkit, distro: request.distro, arch: request.arch };
    match request.toolkit {
        Toolkit::Cpu => Ok(()),
        Toolkit::Vulkan => steps.packages("vulkan", vulkan::RUNTIME.to_vec()),
        Toolkit::Cublas | Toolkit::L4t => {
            let version = request.cuda.ok_or(DepsError::CudaVersionMissing(request.toolkit))?;
            let repository = cuda::repository(pins.repository("nvidia-cuda")?, request, version);
            steps.add("cuda", vec![repository, cuda::runtime(version)], Probe::Packages)
        }
        Toolkit::Hipblas | Toolkit::Sycl if request.arch != Arch::Amd64 => Err(none()),
        Toolkit::Hipblas => {
            let mut actions = Vec::new();
            if !vendor {
                let repository = pins.repository("amd-rocm")?;
                actions.push(rocm::repository(repository, request.distro).ok_or_else(none)?);
            }
            actions.extend(rocm::runtime(!vendor));
            steps.add("rocm", actions, Probe::Packages)
        }
        Toolkit::Sycl => {
            if !vendor {
                let repository = oneapi::compiler_repository(pins.repository("intel-oneapi")?);
                let actions = vec![repository, oneapi::runtime()];
                steps.add("oneapi", actions, Probe::Packages)?;
            }
            let repository = pins.repository("intel-gpu")?;
            let repository = oneapi::gpu_repository(repository, request.distro).ok_or_else(none)?;
            steps.add("intel-gpu", vec![repository, oneapi::gpu_runtime()], Probe::Packages)
        }
    }
}
