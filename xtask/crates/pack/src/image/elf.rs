//! What an ELF file says about itself to the loader.

use goblin::elf::dynamic::{DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME};
use goblin::elf::header::{EM_386, EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC};
use model::platform::{Arch, Platform};

use super::layout::Layout;
use super::versions::{self, Requirement};
use super::{ImageError, Source};

/// An ELF object, as far as packaging cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elf {
    /// What it is made for.
    pub machine: Machine,
    /// Executable, shared or neither.
    pub kind: Kind,
    /// The loader that the kernel starts for it.
    pub interpreter: Option<String>,
    /// Its own name.
    pub soname: Option<String>,
    /// The libraries it needs, in order.
    pub needed: Vec<String>,
    /// Directories searched first, also for what its dependencies need.
    pub rpath: Vec<String>,
    /// Directories searched for its own needs, after `LD_LIBRARY_PATH`.
    pub runpath: Vec<String>,
    /// Symbol versions that must exist in libraries.
    pub requires: Vec<Requirement>,
    /// Symbol versions that it defines.
    pub provides: Vec<String>,
}

/// What an object file is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// x86-64.
    X86_64,
    /// 64-bit ARM, little-endian.
    Aarch64,
    /// 32-bit x86.
    X86,
    /// Anything else, by its ELF number.
    Other(u16),
}

impl Machine {
    /// What the object files of a platform are made for.
    pub fn of(platform: Platform) -> Self {
        match platform.arch {
            Arch::Amd64 => Self::X86_64,
            Arch::Arm64 => Self::Aarch64,
        }
    }
}

/// What an ELF file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Runs at a fixed address.
    Executable,
    /// A library, or a program that runs at any address.
    Shared,
    /// Not for the loader: relocatable objects, core dumps, kernel modules.
    Other,
}

impl Elf {
    /// Does the loader take part in starting or loading it?
    pub fn is_dynamic(&self) -> bool {
        self.interpreter.is_some() || !self.needed.is_empty()
    }
}

pub(super) fn read<S: Source + ?Sized>(source: &S) -> Result<Elf, ImageError> {
    let layout = Layout::read(source)?;
    let machine = match (layout.header.e_machine, layout.is_64()) {
        (EM_X86_64, true) => Machine::X86_64,
        (EM_AARCH64, true) => Machine::Aarch64,
        (EM_386, false) => Machine::X86,
        (other, _) => Machine::Other(other),
    };
    let kind = match layout.header.e_type {
        ET_EXEC => Kind::Executable,
        ET_DYN => Kind::Shared,
        _ => Kind::Other,
    };
    Ok(Elf {
        machine,
        kind,
        interpreter: layout.interpreter()?,
        soname: layout.strings_of(DT_SONAME)?.into_iter().next(),
        needed: layout.strings_of(DT_NEEDED)?,
        rpath: directories(&layout.strings_of(DT_RPATH)?),
        runpath: directories(&layout.strings_of(DT_RUNPATH)?),
        requires: versions::requires(&layout)?,
        provides: versions::provides(&layout)?,
    })
}

/// The entries of run paths; an empty entry is kept, for it means the working directory.
pub(super) fn directories(paths: &[String]) -> Vec<String> {
    paths.iter().flat_map(|path| path.split(':')).map(ToOwned::to_owned).collect()
}
