//! What a Mach-O file says about itself to the loader.

use goblin::mach::cputype::{CPU_TYPE_ARM64, CPU_TYPE_X86_64};
use goblin::mach::header::{MH_BUNDLE, MH_DYLIB, MH_EXECUTE};
use goblin::mach::load_command as lc;
use model::platform::Arch;

use crate::bytes::{index, u32_le};
use crate::layout::{Command, Layout};
use crate::{MachError, Version};

const PLATFORM_MACOS: u32 = 1;
const CPU_SUBTYPE_ARM64E: u32 = 2;

/// A thin Mach-O file, as far as packaging cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Executable, library, bundle or none of them.
    pub kind: Kind,
    /// What it is made for.
    pub cpu: Cpu,
    /// The first macOS that runs it; none if it does not say, or is made for another system.
    pub min_os: Option<Version>,
    /// A library's own name.
    pub id: Option<String>,
    /// The libraries that it names, in the order that its symbols count them.
    pub dylibs: Vec<Dylib>,
    /// Directories that stand for `@rpath`.
    pub rpaths: Vec<String>,
    /// Bytes that its load commands may still grow by.
    pub room: u64,
    /// Where its signature lies.
    pub signature: Option<Region>,
}

/// Where something lies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its first byte.
    pub offset: u64,
    /// Its length.
    pub size: u64,
}

impl Region {
    pub(crate) fn end(self) -> u64 {
        self.offset.saturating_add(self.size)
    }
}

/// A library that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dylib {
    /// How it is loaded.
    pub link: Link,
    /// Its install name.
    pub name: String,
}

/// How a library is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It must be there.
    Load,
    /// It may be absent.
    Weak,
    /// Its symbols are the file's own.
    Reexport,
    /// When it is first used.
    Lazy,
    /// A library above, which names this one.
    Upward,
}

/// What a Mach-O file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program.
    Executable,
    /// A library.
    Dylib,
    /// What programs open by file name; nothing can be linked against it.
    Bundle,
    /// Not for the loader: relocatable objects, debug files.
    Other,
}

/// What a file is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// Apple silicon.
    Arm64,
    /// Intel.
    X86_64,
    /// Anything else, by its number.
    Other(u32),
}

impl Cpu {
    pub(crate) fn of(kind: u32, sub: u32) -> Self {
        match (kind, sub & 0x00ff_ffff) {
            (CPU_TYPE_ARM64, sub) if sub != CPU_SUBTYPE_ARM64E => Self::Arm64,
            (CPU_TYPE_X86_64, _) => Self::X86_64,
            (other, _) => Self::Other(other),
        }
    }
}

impl From<Arch> for Cpu {
    fn from(arch: Arch) -> Self {
        match arch {
            Arch::Amd64 => Self::X86_64,
            Arch::Arm64 => Self::Arm64,
        }
    }
}

impl Link {
    pub(crate) fn of(command: u32) -> Option<Self> {
        match command {
            lc::LC_LOAD_DYLIB => Some(Self::Load),
            lc::LC_LOAD_WEAK_DYLIB => Some(Self::Weak),
            lc::LC_REEXPORT_DYLIB => Some(Self::Reexport),
            lc::LC_LAZY_LOAD_DYLIB => Some(Self::Lazy),
            lc::LC_LOAD_UPWARD_DYLIB => Some(Self::Upward),
            _ => None,
        }
    }
}

impl Object {
    /// Reads the first [`head_len`](crate::head_len) bytes of a file of `size` bytes.
    pub fn parse(head: &[u8], size: u64) -> Result<Self, MachError> {
        let layout = Layout::read(head, size)?;
        let mut object = Self {
            kind: match layout.file_type {
                MH_EXECUTE => Kind::Executable,
                MH_DYLIB => Kind::Dylib,
                MH_BUNDLE => Kind::Bundle,
                _ => Kind::Other,
            },
            cpu: Cpu::of(layout.cpu.0, layout.cpu.1),
            min_os: None,
            id: None,
            dylibs: Vec::new(),
            rpaths: Vec::new(),
            room: layout.first - layout.end as u64,
            signature: layout.signature,
        };
        for command in &layout.commands {
            object.add(head, *command)?;
        }
        Ok(object)
    }

    fn add(&mut self, head: &[u8], command: Command) -> Result<(), MachError> {
        match command.kind {
            lc::LC_ID_DYLIB if self.id.is_some() => {
                return Err(MachError::malformed("a library with two names"));
            }
            lc::LC_ID_DYLIB => self.id = Some(name(head, command)?),
            lc::LC_RPATH => self.rpaths.push(name(head, command)?),
            lc::LC_VERSION_MIN_MACOSX => self.min_os = Some(Version::unpack(u32_le(head, command.at + 8)?)),
            lc::LC_BUILD_VERSION if u32_le(head, command.at + 8)? == PLATFORM_MACOS => {
                self.min_os = Some(Version::unpack(u32_le(head, command.at + 12)?));
            }
            kind => {
                if let Some(link) = Link::of(kind) {
                    self.dylibs.push(Dylib { link, name: name(head, command)? });
                }
            }
        }
        Ok(())
    }
}

/// The name that a command holds, at the offset that its third word gives.
fn name(head: &[u8], command: Command) -> Result<String, MachError> {
    let wrong = || MachError::malformed("a name outside of its load command");
    let at = index(u32_le(head, command.at + 8)?);
    let bytes = head.get(command.at..command.at + command.len).and_then(|bytes| bytes.get(at..));
    let bytes = bytes.filter(|_| at >= 12).ok_or_else(wrong)?;
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let name = std::str::from_utf8(&bytes[..end]);
    name.map(ToOwned::to_owned).map_err(|_| MachError::malformed("a name that is not UTF-8"))
}
