//! New names in load commands. Commands keep their order: symbols say by number which library they come from.

use goblin::mach::load_command::{LC_ID_DYLIB, LC_RPATH};

use crate::bytes::{index, put, u32_le};
use crate::layout::Layout;
use crate::object::Link;
use crate::{MachError, Object};

/// All names of a file, as they should become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// A library's own.
    pub id: Option<String>,
    /// Those of the libraries, one for each that the file names.
    pub dylibs: Vec<String>,
    /// The run paths, one for each that the file has; none drops it.
    pub rpaths: Vec<Option<String>>,
}

impl Names {
    /// The names as they are.
    pub fn of(object: &Object) -> Self {
        Self {
            id: object.id.clone(),
            dylibs: object.dylibs.iter().map(|dylib| dylib.name.clone()).collect(),
            rpaths: object.rpaths.iter().cloned().map(Some).collect(),
        }
    }

    /// Are these the names of a file?
    pub(crate) fn are_of(&self, object: &Object) -> bool {
        self.id == object.id
            && self.dylibs.iter().eq(object.dylibs.iter().map(|dylib| &dylib.name))
            && self.rpaths.iter().flatten().eq(&object.rpaths)
    }
}

/// The load commands with new names.
pub(crate) fn rename(head: &[u8], layout: &Layout, names: &Names) -> Result<Vec<u8>, MachError> {
    let mut edited = Vec::with_capacity(head.len());
    let (mut dylibs, mut rpaths) = (names.dylibs.iter(), names.rpaths.iter());
    let short = || MachError::Unsupported("there are fewer new names than it has".into());
    for command in &layout.commands {
        let old = &head[command.at..command.at + command.len];
        match command.kind {
            LC_ID_DYLIB => edited.extend(named(old, names.id.as_deref().ok_or_else(short)?)?),
            LC_RPATH => {
                if let Some(path) = rpaths.next().ok_or_else(short)? {
                    edited.extend(named(old, path)?);
                }
            }
            kind if Link::of(kind).is_some() => {
                edited.extend(named(old, dylibs.next().ok_or_else(short)?)?);
            }
            _ => edited.extend(old),
        }
    }
    Ok(edited)
}

/// A command with another name; the same one if the name is the same.
fn named(old: &[u8], name: &str) -> Result<Vec<u8>, MachError> {
    let at = index(u32_le(old, 8)?);
    let (front, rest) = old.split_at_checked(at).ok_or_else(|| MachError::malformed("a name outside"))?;
    if rest.split(|byte| *byte == 0).next() == Some(name.as_bytes()) {
        return Ok(old.to_vec());
    }
    let mut new = [front, name.as_bytes()].concat();
    // At least one zero ends the name.
    new.resize((new.len() + 8) & !7, 0);
    let len = u32::try_from(new.len()).map_err(|_| MachError::malformed("a name of gigabytes"))?;
    put(&mut new, 4, &len.to_le_bytes())?;
    Ok(new)
}
