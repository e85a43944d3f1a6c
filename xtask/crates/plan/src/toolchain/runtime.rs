//! The toolkit's part of an image that only runs what was built: libraries and drivers, no compilers or headers.

use super::action::Probe;
use super::error::DepsError;
use super::planner::Steps;
use super::request::{Drivers, Request, Start};
use super::rows::{cuda, oneapi, rocm, vulkan};
use model::base_image::Toolkit;
use model::platform::Arch;

/// Adds what `request`'s toolkit needs at run time.
pub(super) fn toolkit(request: &Request, steps: &mut Steps) -> Result<(), DepsError> {
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
            let actions = vec![cuda::repository(request, version), cuda::runtime(version)];
            steps.add("cuda", actions, Probe::Packages)
        }
        Toolkit::Hipblas | Toolkit::Sycl if request.arch != Arch::Amd64 => Err(none()),
        Toolkit::Hipblas => {
            let mut actions = Vec::new();
            if !vendor {
                actions.push(rocm::repository(request.distro).ok_or_else(none)?);
            }
            actions.extend(rocm::runtime(!vendor));
            steps.add("rocm", actions, Probe::Packages)
        }
        Toolkit::Sycl => {
            if !vendor {
                let actions = vec![oneapi::compiler_repository(), oneapi::runtime()];
                steps.add("oneapi", actions, Probe::Packages)?;
            }
            let repository = oneapi::gpu_repository(request.distro).ok_or_else(none)?;
            steps.add("intel-gpu", vec![repository, oneapi::gpu_runtime()], Probe::Packages)
        }
    }
}
