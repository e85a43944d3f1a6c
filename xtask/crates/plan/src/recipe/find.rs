//! Which backend and which variant are meant: what is asked for, held against what there is.

use super::PlanError;
use model::backend::Backend;
use model::manifest::Manifests;
use model::name::{BackendName, VariantName};
use model::platform::{Os, Platform};
use model::text::suggest;
use model::variant::Variant;
use std::collections::BTreeSet;

/// Why no variant is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoVariant {
    /// There is none of that name.
    #[error("{owner} has no variant `{wanted}`{hint}; it has: {known}")]
    Unknown {
        /// The backend, or the table of all variants.
        owner: String,
        /// As asked for.
        wanted: VariantName,
        /// Suggestion.
        hint: String,
        /// What there is.
        known: String,
    },
    /// There is one, for other platforms.
    #[error(
        "variant `{wanted}` of {owner} is not made for {platform}; it is made for: {platforms}; \
         on {platform} there is: {known}"
    )]
    Platform {
        /// The backend, or the table of all variants.
        owner: String,
        /// As asked for.
        wanted: VariantName,
        /// As asked for.
        platform: Platform,
        /// The variant's platforms.
        platforms: String,
        /// What there is on the platform.
        known: String,
    },
    /// There is nothing for the platform.
    #[error("{owner} is not made for {platform} in any variant; it is made for: {platforms}")]
    Nowhere {
        /// The backend, or the table of all variants.
        owner: String,
        /// As asked for.
        platform: Platform,
        /// All of its platforms.
        platforms: String,
    },
}

/// The backend of that name, or an error that suggests the nearest.
pub fn find_backend<'a>(manifests: &'a Manifests, name: &BackendName) -> Result<&'a Backend, PlanError> {
    manifests.backends.get(name).ok_or_else(|| PlanError::UnknownBackend {
        name: name.clone(),
        hint: suggest::hint(name.as_str(), manifests.backends.keys().map(BackendName::as_str)),
    })
}

/// The variant that is meant on `platform`, of a backend or of all that there are: `wanted`, if it exists there; when
/// none is named, the platform's default, else the first that exists there.
pub fn find_variant<'a>(
    manifests: &'a Manifests,
    backend: Option<&'a Backend>,
    platform: Platform,
    wanted: Option<&VariantName>,
) -> Result<&'a Variant, NoVariant> {
    let offers = offers(manifests, backend);
    if let Some(row) = unpublished(manifests, &offers, platform, wanted) {
        return Ok(row);
    }
    let owner =
        || backend.map_or("backend/variants.yaml".to_owned(), |backend| format!("`{}`", backend.name));
    let there = || offers.iter().filter(|offer| offer.platforms.contains(&platform));
    let meant = wanted.or_else(|| manifests.defaults.get(&platform));
    let found = there().find(|offer| Some(&offer.row.name) == meant);
    let found = if wanted.is_some() { found } else { found.or_else(|| there().next()) };
    if let Some(found) = found {
        return Ok(found.row);
    }
    let names = || offers.iter().map(|offer| offer.row.name.as_str());
    let elsewhere = wanted.and_then(|wanted| offers.iter().find(|offer| offer.row.name == *wanted));
    Err(match (wanted, elsewhere) {
        (Some(wanted), None) => NoVariant::Unknown {
            owner: owner(),
            wanted: wanted.clone(),
            hint: suggest::hint(wanted.as_str(), names()),
            known: names().collect::<Vec<_>>().join(", "),
        },
        (Some(wanted), Some(offer)) if there().next().is_some() => NoVariant::Platform {
            owner: owner(),
            wanted: wanted.clone(),
            platform,
            platforms: listed(offer.platforms),
            known: there().map(|offer| offer.row.name.as_str()).collect::<Vec<_>>().join(", "),
        },
        _ => NoVariant::Nowhere {
            owner: owner(),
            platform,
            platforms: listed(offers.iter().flat_map(|offer| offer.platforms)),
        },
    })
}

/// What is made for one kind of Mac is built on the other as well, by whoever has one: jobs run on the first alone.
fn unpublished<'a>(
    manifests: &'a Manifests,
    offers: &[Offer<'_>],
    platform: Platform,
    wanted: Option<&VariantName>,
) -> Option<&'a Variant> {
    let all = || offers.iter().flat_map(|offer| offer.platforms);
    let is_other_mac = platform.os == Os::Darwin
        && all().any(|other| other.os == Os::Darwin)
        && all().all(|other| *other != platform);
    let name = wanted.or_else(|| manifests.defaults.get(&platform)).filter(|_| is_other_mac)?;
    manifests.variants.get(name).filter(|row| row.platforms.contains(&platform))
}

/// The loader of manifests has checked that every variant that a backend names has a row.
fn offers<'a>(manifests: &'a Manifests, backend: Option<&'a Backend>) -> Vec<Offer<'a>> {
    match backend {
        None => manifests.variants.values().map(|row| Offer { row, platforms: &row.platforms }).collect(),
        Some(backend) => {
            let row = |name| manifests.variants.get(name);
            let offer = |used: &'a model::backend::VariantUse| {
                Some(Offer { row: row(&used.variant)?, platforms: &used.platforms })
            };
            backend.variants.iter().filter_map(offer).collect()
        }
    }
}

/// A variant with the platforms that it can be had for.
struct Offer<'a> {
    row: &'a Variant,
    platforms: &'a [Platform],
}

fn listed<'a>(platforms: impl IntoIterator<Item = &'a Platform>) -> String {
    let platforms: BTreeSet<&Platform> = platforms.into_iter().collect();
    platforms.into_iter().map(|platform| platform.as_str()).collect::<Vec<_>>().join(", ")
}
