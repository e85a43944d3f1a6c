//! `--set key=value`: a pin's commit, or a CMake option.

use super::{Context, PlanError};
use crate::request::Request;
use model::build_type::BuildType;
use model::name::PinName;
use model::source::{Mirror, Pin, Upstream};
use model::text::suggest;

/// The pin as the user wants it: `--set NAME=COMMIT` moves a git pin for one build.
///
/// The tree's checksum is unknown then; the commit itself is what is verified, and only git mirrors can serve it.
pub(super) fn override_pin(pin: &Pin, request: &Request) -> Result<Pin, PlanError> {
    let Some(value) = request.settings.get(pin.name.as_str()) else { return Ok(pin.clone()) };
    let setting = |why: String| PlanError::Setting { key: pin.name.to_string(), why };
    let Upstream::Git { url, .. } = &pin.upstream else {
        return Err(setting("only a pin on a git repository can be moved this way".to_owned()));
    };
    let commit = value.parse().map_err(|error: model::source::HexError| setting(error.to_string()))?;
    let mut moved = pin.clone();
    moved.upstream = Upstream::Git { url: url.clone(), commit };
    moved.version.clone_from(value);
    moved.tree = None;
    moved.mirrors.retain(|mirror| matches!(mirror, Mirror::Git { .. } | Mirror::Path { .. }));
    Ok(moved)
}

/// Every `--set` must be read by something: a typing error must not be ignored.
pub(super) fn refuse_unused(context: &Context<'_>, used: &[String]) -> Result<(), PlanError> {
    for key in context.request.settings.keys() {
        let why = if context.pins.contains_key(key.as_str()) {
            continue;
        } else if let Some(device) = used.contains(key).then(|| DEVICES.iter().find(|row| row.owns(key))) {
            let Some(device) = device.filter(|device| !device.is_compiled(context)) else { continue };
            device.readers(context)
        } else {
            let known = used.iter().map(String::as_str).chain(context.pins.keys().map(PinName::as_str));
            let hint = suggest::hint(key, known);
            format!("no pin and no CMake option of this backend has that name{hint}")
        };
        return Err(PlanError::Setting { key: key.clone(), why });
    }
    Ok(())
}

/// A kind of device, with the CMake variables that are read where code for it is compiled, and nowhere else.
struct Device {
    switch: &'static str,
    prefixes: &'static [&'static str],
    build_types: &'static [BuildType],
}

const DEVICES: &[Device] = &[
    Device {
        switch: "GGML_CUDA",
        prefixes: &["CMAKE_CUDA_", "GGML_CUDA_"],
        build_types: &[BuildType::Cublas, BuildType::L4t],
    },
    Device {
        switch: "GGML_HIP",
        prefixes: &["AMDGPU_TARGETS", "GPU_TARGETS", "CMAKE_HIP_", "GGML_HIP_"],
        build_types: &[BuildType::Hipblas],
    },
    Device { switch: "GGML_VULKAN", prefixes: &["GGML_VULKAN_"], build_types: &[BuildType::Vulkan] },
    Device {
        switch: "GGML_SYCL",
        prefixes: &["GGML_SYCL_"],
        build_types: &[BuildType::SyclF16, BuildType::SyclF32],
    },
    Device {
        switch: "GGML_METAL",
        prefixes: &["GGML_METAL_"],
        build_types: &[BuildType::Metal, BuildType::Mps],
    },
];

impl Device {
    fn owns(&self, key: &str) -> bool {
        self.prefixes.iter().any(|prefix| key.starts_with(prefix))
    }

    fn is_compiled(&self, context: &Context<'_>) -> bool {
        self.build_types.contains(&context.variant.build_type)
            || context.request.settings.contains_key(self.switch)
    }

    fn readers(&self, context: &Context<'_>) -> String {
        let rows =
            context.backend.variants.iter().filter_map(|used| context.manifests.variants.get(&used.variant));
        let rows = rows.filter(|row| self.build_types.contains(&row.build_type));
        let names: Vec<&str> = rows.map(|row| row.name.as_str()).collect();
        let readers = match names.as_slice() {
            [] => format!("no variant of `{}` does", context.backend.name),
            _ => format!("these do: {}", names.join(", ")),
        };
        format!("nothing in variant `{}` reads it; {readers}", context.variant.name)
    }
}
