//! What the builders of a variant start from: its own images first, then the rows of `consumers`.

use super::super::issue::Issues;
use super::super::trail::Trail;
use crate::base::{Base, Consumer, PrebuiltBase};
use crate::build_type::BuildType;
use crate::name::BaseName;
use crate::platform::{Arch, Os, Platform};
use crate::script::Language;
use crate::variant::{Cuda, Start};
use std::collections::BTreeMap;

/// What builders start from: as a rule, and in some languages instead.
#[derive(Default)]
pub(super) struct Starts {
    pub bases: BTreeMap<Arch, Base>,
    pub prebuilt: BTreeMap<Arch, BaseName>,
    pub by_language: BTreeMap<Arch, BTreeMap<Language, Start>>,
}

/// Finds them for every Linux platform. `bases` is none where what it says is not sure.
pub(super) fn starts(
    issues: &mut Issues,
    trail: Trail<'_>,
    platforms: &[Platform],
    images: &BTreeMap<Arch, (Vec<Language>, Base)>,
    bases: Option<(&BTreeMap<BaseName, PrebuiltBase>, &[Consumer])>,
    (build_type, cuda): (BuildType, Option<Cuda>),
) -> Starts {
    let start = |platform: Platform, language: Option<Language>| {
        let serves = |languages: &[Language]| {
            languages.is_empty() || language.is_some_and(|one| languages.contains(&one))
        };
        let image = images.get(&platform.arch).filter(|(languages, _)| serves(languages));
        if let Some((_, base)) = image {
            return Some(Start { base: base.clone(), prebuilt: None });
        }
        let (bases, consumers) = bases?;
        let rows =
            consumers.iter().filter(|row| row.serves(build_type, cuda, platform) && serves(&row.languages));
        // A prebuilt base and the same made on the spot come from one definition.
        let row = bases.get(&rows.max_by_key(|row| !row.languages.is_empty())?.base)?;
        Some(Start { base: row.base.clone(), prebuilt: Some(row.name.clone()) })
    };
    let mut found = Starts::default();
    for platform in platforms.iter().copied().filter(|platform| platform.os == Os::Linux) {
        let usual = start(platform, None);
        let each = Language::ALL.into_iter().map(|language| (language, start(platform, Some(language))));
        let each: Vec<_> = each.filter(|(_, own)| *own != usual).collect();
        if usual.is_none() && each.len() < Language::ALL.len() && bases.is_some() {
            let help = format!("add a row to `consumers`, or `images: {{ {}: ... }}`", platform.arch);
            issues.key(trail, format!("nothing says what {platform} starts from"), help);
        }
        for (language, own) in each {
            let Some(own) = own else { continue };
            found.by_language.entry(platform.arch).or_default().insert(language, own);
        }
        if let Some(Start { base, prebuilt }) = usual {
            found.bases.insert(platform.arch, base);
            found.prebuilt.extend(prebuilt.map(|row| (platform.arch, row)));
        }
    }
    found
}
