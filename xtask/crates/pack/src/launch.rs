//! What makes a package start: the launcher, its description and its other name.

use camino::{Utf8Path, Utf8PathBuf};
use launcher::{Condition, Cpu, Launch, Loader, Program, Start};
use model::package::Processor;
use model::platform::Os;

use crate::PackError;
use crate::image::{self, Image};
use crate::script;
use crate::spec::{Binary, EnvHow, PackageSpec};
use crate::stage::Staging;

/// The launcher's name in a package.
pub const RUN_FILE: &str = "run";
/// What LocalAI starts: no script, which would need a shell and could not tell where a link to it leads.
pub(crate) const RUN_SH: &str = "run.sh";
pub(crate) const LOADER: &str = "lib/ld.so";

/// The launcher for this machine, linked statically.
pub static LAUNCHER: &[u8] = include_bytes!(env!("PACK_LAUNCHER"));

macro_rules! sources {
    ($($file:literal),*) => {
        /// What it is compiled from, by name, and how: the same wherever that is done.
        pub const LAUNCHER_SOURCES: &[(&str, &str)] =
            &[("build.rs", include_str!("../build.rs")), $(($file, include_str!(concat!("../../launcher/src/", $file)))),*];
    };
}
sources!("cpu.rs", "lib.rs", "locate.rs", "main.rs", "parse.rs", "render.rs", "start.rs");

/// Writes the files that start a package whose programs and libraries are in place.
pub(crate) fn write(spec: &PackageSpec, has_loader: bool, staging: &mut Staging) -> Result<(), PackError> {
    let launch = describe(spec, has_loader, staging.root());
    let text = launcher::render(&launch).map_err(|error| PackError::Spec(error.to_string()))?;
    staging.text(launcher::LAUNCH_FILE.into(), &text, false)?;
    if spec.platform.os == Os::Darwin {
        staging.text(RUN_FILE.into(), &script::render(&launch), true)?;
        return staging.link(RUN_FILE.into(), RUN_SH.into(), RUN_FILE.into());
    }
    if !image::parse(LAUNCHER).is_ok_and(|image| image.runs_on(spec.platform)) {
        return Err(PackError::Spec(format!("this program carries no launcher for {}", spec.platform)));
    }
    staging.bytes(RUN_FILE.into(), LAUNCHER, true)?;
    staging.link(RUN_FILE.into(), RUN_SH.into(), RUN_FILE.into())
}

fn describe(spec: &PackageSpec, has_loader: bool, package: &Utf8Path) -> Launch {
    let loader = || Loader { path: LOADER.into(), library_path: vec!["lib".into()] };
    let program = |binary: &Binary| {
        let dynamic =
            matches!(image::read(&package.join(&binary.to)), Ok(Image::Elf(elf)) if elf.is_dynamic());
        Program {
            start: if dynamic && has_loader { Start::ViaLoader } else { Start::Direct },
            when: binary.if_env.clone().map_or(Condition::Always, Condition::Env),
            path: binary.to.to_string(),
            args: binary.args.clone(),
        }
    };
    let env = spec.env.iter().map(|rule| launcher::EnvRule {
        how: match rule.how {
            EnvHow::Set => launcher::EnvHow::Set,
            EnvHow::Default => launcher::EnvHow::Default,
            EnvHow::Prepend => launcher::EnvHow::Prepend,
        },
        name: rule.name.clone(),
        value: rule.value.clone(),
        if_exists: rule.if_exists.as_ref().map(Utf8PathBuf::to_string),
        cpu: rule.processor.map(|processor| match processor {
            Processor::Avx => Cpu::Avx,
            Processor::Avx2 => Cpu::Avx2,
            Processor::Avx512 => Cpu::Avx512,
        }),
    });
    Launch {
        loader: has_loader.then(loader),
        env: env.collect(),
        programs: spec.binaries.iter().filter(|binary| binary.start).map(program).collect(),
    }
}

#[cfg(test)]
mod sources {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn none_of_the_launcher_is_forgotten() {
        let dir = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../launcher/src");
        let there = dir.read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned());
        let named = LAUNCHER_SOURCES.iter().map(|(name, _)| (*name).to_owned());
        let named: BTreeSet<String> = named.filter(|name| name != "build.rs").collect();
        assert_eq!(there.collect::<BTreeSet<String>>(), named);
    }
}
