//! Which images go into a merged one: exactly those of its platforms.

use model::image_names::Image;
use model::oci::ImageDigest;
use model::platform::Platform;
use std::collections::BTreeMap;
use std::fmt;

/// An image that was found where the legs of a merge are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its manifest.
    pub digest: ImageDigest,
    /// The manifest's bytes.
    pub size: u64,
    /// The manifest's media type.
    pub media_type: String,
    /// What its configuration says that it runs on, as `os/arch`.
    pub platform: String,
    /// The architecture's variant, such as `v8`, if the configuration has one.
    pub variant: Option<String>,
}

/// The image of one platform.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Leg {
    /// Its manifest.
    pub digest: ImageDigest,
    /// The manifest's bytes.
    pub size: u64,
    /// The manifest's media type.
    pub media_type: String,
    /// What it runs on.
    pub platform: Platform,
    /// The architecture's variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// One image for each platform, in the order of the platforms: what may be merged.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Legs(Vec<Leg>);

/// The images that were found are not those of the platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegsError {
    image: String,
    expected: Vec<Platform>,
    /// Platforms without an image.
    pub missing: Vec<Platform>,
    /// Images for something else, with what that is.
    pub strangers: Vec<(ImageDigest, String)>,
    /// Platforms with several images.
    pub rivals: Vec<(Platform, Vec<ImageDigest>)>,
}

impl Legs {
    /// Checks that there is one image for each of these platforms, and nothing else. What was found twice counts once.
    pub fn of(
        image: &Image,
        expected: impl IntoIterator<Item = Platform>,
        found: Vec<Found>,
    ) -> Result<Self, LegsError> {
        let mut places: BTreeMap<Platform, Vec<Leg>> =
            expected.into_iter().map(|platform| (platform, Vec::new())).collect();
        let mut strangers = Vec::new();
        for Found { digest, size, media_type, platform, variant } in found {
            let known =
                platform.parse().ok().and_then(|known: Platform| Some((known, places.get_mut(&known)?)));
            match known {
                Some((_, legs)) if legs.iter().any(|leg| leg.digest == digest) => {}
                Some((platform, legs)) => legs.push(Leg { digest, size, media_type, platform, variant }),
                None => strangers.push((digest, platform)),
            }
        }
        strangers.sort();
        strangers.dedup();
        let without = |legs: &Vec<Leg>| legs.is_empty();
        let missing =
            places.iter().filter(|(_, legs)| without(legs)).map(|(platform, _)| *platform).collect();
        let several = places.iter().filter(|(_, legs)| legs.len() > 1);
        let rivals = several
            .map(|(platform, legs)| {
                let mut digests: Vec<ImageDigest> = legs.iter().map(|leg| leg.digest.clone()).collect();
                digests.sort();
                (*platform, digests)
            })
            .collect();
        let expected = places.keys().copied().collect();
        let error =
            LegsError { image: image.suffix_or_core().to_owned(), expected, missing, strangers, rivals };
        if error.missing.is_empty() && error.strangers.is_empty() && error.rivals.is_empty() {
            Ok(Self(places.into_values().flatten().collect()))
        } else {
            Err(error)
        }
    }

    /// The legs, in the order of their platforms.
    pub fn iter(&self) -> std::slice::Iter<'_, Leg> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Legs {
    type Item = &'a Leg;
    type IntoIter = std::slice::Iter<'a, Leg>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::error::Error for LegsError {}

impl fmt::Display for LegsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |platforms: &[Platform]| {
            platforms.iter().map(|platform| platform.as_str()).collect::<Vec<_>>().join(" and ")
        };
        let Self { image, expected, missing, strangers, rivals } = self;
        write!(f, "`{image}` is an image for {}, and that is not what was found:", join(expected))?;
        if !missing.is_empty() {
            write!(f, " there is no image for {};", join(missing))?;
        }
        for (digest, platform) in strangers {
            write!(f, " {digest} is for {platform};")?;
        }
        for (platform, digests) in rivals {
            let digests = digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
            write!(f, " {platform} has both {digests};")?;
        }
        f.write_str(" nothing was published; build what is missing, then merge again")
    }
}
