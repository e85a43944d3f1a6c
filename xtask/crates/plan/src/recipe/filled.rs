//! Texts of a manifest with what the variant and the machine decide of them.

use super::Context;
use model::arg::Arg;
use model::cmake_options::OptionTables;
use model::flavor::Flavor;
use model::host::Distro;
use model::script::{Filled, Part, Placeholder};
use std::collections::BTreeMap;

impl Context<'_> {
    /// The text with what the variant and the machine decide.
    pub(super) fn fill(&self, text: &Filled) -> Arg {
        text.parts().iter().fold(Arg::default(), |arg, part| match part {
            Part::Text(text) => arg.then(text.as_str()),
            Part::Placeholder(Placeholder::Jobs) => arg.then(Arg::jobs()),
            Part::Placeholder(placeholder) => arg.then(self.value(*placeholder)),
        })
    }

    /// What CMake is given in one configuration; what comes to nothing is left out.
    pub(super) fn options(&self, tables: &OptionTables, flavor: Option<Flavor>) -> BTreeMap<String, Arg> {
        let (build_type, variant) = (self.variant.build_type, &self.variant.name);
        let given = tables.given(build_type, self.platform, variant, flavor);
        let mut options = BTreeMap::new();
        for (key, value) in given {
            let is_open = !value.parts().is_empty();
            let filled = self.fill(value);
            if is_open && filled.to_string().is_empty() {
                options.remove(key);
            } else {
                options.insert(key.clone(), filled);
            }
        }
        options
    }

    fn value(&self, placeholder: Placeholder) -> String {
        let (variant, platform) = (self.variant, self.platform);
        let cuda = |part: fn(&model::variant::Cuda) -> u8| {
            variant.cuda.as_ref().map_or_else(String::new, |cuda| part(cuda).to_string())
        };
        match placeholder {
            Placeholder::BuildType => variant.build_type.reference_name().to_owned(),
            Placeholder::PythonBuildType => variant.python_build_type.reference_name().to_owned(),
            Placeholder::CudaMajor => cuda(|cuda| cuda.major),
            Placeholder::CudaMinor => cuda(|cuda| cuda.minor),
            Placeholder::Ubuntu => match self.distro() {
                Some(distro @ (Distro::Ubuntu2204 | Distro::Ubuntu2404)) => distro.digits().to_owned(),
                _ => String::new(),
            },
            Placeholder::GpuTargets => variant.gpu_targets.join(","),
            Placeholder::GpuTargetList => variant.gpu_targets.join(";"),
            Placeholder::Arch => platform.arch.to_string(),
            Placeholder::Os => platform.os.as_str().to_owned(),
            // The machine's.
            Placeholder::Jobs => String::new(),
        }
    }
}
