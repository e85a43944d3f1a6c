//! What schemas call a `format`: the rules that single texts keep, told by the types that keep them.

use crate::compiler_cache::{RemoteCache, RemoteCacheError};
use crate::image_names::TagSuffix;
use crate::macos::{DeploymentTarget, DeploymentTargetError};
use crate::name::{BackendName, BaseName, PinName, ProtoName, RootName, VariantName};
use crate::python::{
    EntryError, IndexError, IndexUrl, ModulePath, PythonVersion, Requirement, RequirementError,
};
use crate::script::Word;
use crate::source::{Commit, Fingerprint, Sha256};
use crate::staged::{DebianPackage, Formula};
use crate::text::path::{HostPath, PathError, PlainPath, Subdir};
use crate::trust::{NoPublicKey, PublicKey};
use crate::variant::{Cuda, CudaError};
use std::fmt::Display;
use std::str::FromStr;

/// What is wrong with a text, and what to write instead.
pub(super) type Mistake = (String, Option<&'static str>);

/// A format and what finds mistakes in texts of it.
type Format = (&'static str, fn(&str) -> Option<Mistake>);

const FORMATS: [Format; 24] = [
    (BackendName::FORMAT, plain::<BackendName>),
    (BaseName::FORMAT, plain::<BaseName>),
    (PinName::FORMAT, plain::<PinName>),
    (ProtoName::FORMAT, plain::<ProtoName>),
    (RootName::FORMAT, plain::<RootName>),
    (VariantName::FORMAT, plain::<VariantName>),
    (TagSuffix::FORMAT, plain::<TagSuffix>),
    (Commit::FORMAT, plain::<Commit>),
    (DebianPackage::FORMAT, plain::<DebianPackage>),
    (Fingerprint::FORMAT, plain::<Fingerprint>),
    (Formula::FORMAT, plain::<Formula>),
    (HostPath::FORMAT, plain::<HostPath>),
    (PythonVersion::FORMAT, plain::<PythonVersion>),
    (Sha256::FORMAT, plain::<Sha256>),
    (Word::FORMAT, plain::<Word>),
    (PublicKey::FORMAT, |text| helped::<PublicKey>(text, NoPublicKey::HELP)),
    (RemoteCache::FORMAT, |text| helped::<RemoteCache>(text, RemoteCacheError::HELP)),
    (Cuda::FORMAT, |text| helped::<Cuda>(text, CudaError::HELP)),
    (DeploymentTarget::FORMAT, |text| helped::<DeploymentTarget>(text, DeploymentTargetError::HELP)),
    (PlainPath::FORMAT, |text| helped::<PlainPath>(text, PathError::HELP)),
    (ModulePath::FORMAT, |text| helped::<ModulePath>(text, EntryError::HELP)),
    (IndexUrl::FORMAT, |text| helped::<IndexUrl>(text, IndexError::HELP)),
    (Requirement::FORMAT, |text| helped::<Requirement>(text, RequirementError::HELP)),
    (Subdir::FORMAT, |text| helped::<Subdir>(text, PathError::HELP)),
];

/// The mistake in a text of a format; none where the format is not ours.
pub(super) fn mistake(format: &str, text: &str) -> Option<Mistake> {
    FORMATS.iter().find(|(name, _)| *name == format).and_then(|(_, find)| find(text))
}

fn plain<T: FromStr<Err: Display>>(text: &str) -> Option<Mistake> {
    text.parse::<T>().err().map(|error| (error.to_string(), None))
}

fn helped<T: FromStr<Err: Display>>(text: &str, help: &'static str) -> Option<Mistake> {
    plain::<T>(text).map(|(message, _)| (message, Some(help)))
}
