//! Prebuilt or from source: a pure choice, so that a dry run and a test decide as a build does.

use super::BuilderImage;
use super::builder::Builder;
use crate::presence::Presence;
use model::name::BackendName;
use model::oci::Tag;

/// The builder as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BuilderChoice {
    /// Prebuilt where the registry has the base, else from source.
    #[default]
    Auto,
    /// From the prebuilt base.
    Prebuilt,
    /// From the bare image.
    FromSource,
}

/// The prebuilt base that was asked for cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// Nobody makes it.
    #[error(
        "`{backend}` has no prebuilt base: it starts from the image {image} itself; leave `--builder prebuilt` away"
    )]
    NoBase {
        /// Who asked.
        backend: BackendName,
        /// What it starts from.
        image: String,
    },
    /// Somebody else made what the registry has.
    #[error(
        "the registry's {tag}, the base that `{backend}` starts from, is not used: {why}; make it anew with \
             `cargo xtask base-images --for {backend} --push`, or build with `--builder fromsource`"
    )]
    Refused {
        /// Who asked.
        backend: BackendName,
        /// The tag that was looked at.
        tag: Tag,
        /// Why not.
        why: String,
    },
    /// The registry does not have it.
    #[error(
        "the registry has no {tag}, the base `{base}` as `{backend}` needs it now: make it with \
         `cargo xtask base-images --for {backend} --push`, or build with `--builder fromsource`"
    )]
    Absent {
        /// Who asked.
        backend: BackendName,
        /// The base's name.
        base: String,
        /// The tag that was looked for.
        tag: Tag,
    },
}

/// The way to come by `base`, and the reason for it.
pub fn choose(
    asked: BuilderChoice,
    backend: &BackendName,
    base: &BuilderImage,
    presence: &Presence,
) -> Result<(Builder, String), ChoiceError> {
    let prebuilt = asked == BuilderChoice::Prebuilt;
    if asked == BuilderChoice::FromSource {
        return Ok((Builder::FromSource, "asked for with --builder fromsource".to_owned()));
    }
    let Some(name) = &base.prebuilt else {
        if prebuilt {
            return Err(ChoiceError::NoBase { backend: backend.clone(), image: base.image.clone() });
        }
        return Ok((Builder::FromSource, format!("nobody makes a base of {} ahead", base.image)));
    };
    let key = base.key();
    match presence {
        Presence::Unknown(why) if prebuilt => {
            Ok((Builder::Prebuilt, format!("asked for; whether base `{name}` is there is unknown: {why}")))
        }
        Presence::Unknown(why) => {
            let short = key.short();
            Ok((Builder::FromSource, format!("whether base `{name}` ({short}) is there is unknown: {why}")))
        }
        Presence::Present(_) => {
            Ok((Builder::Prebuilt, format!("the registry has base `{name}` ({})", key.short())))
        }
        Presence::Refused(why) if prebuilt => {
            Err(ChoiceError::Refused { backend: backend.clone(), tag: base.tag(), why: why.clone() })
        }
        Presence::Refused(why) => {
            let short = key.short();
            Ok((Builder::FromSource, format!("the registry's base `{name}` ({short}) is not used: {why}")))
        }
        Presence::Absent if prebuilt => {
            Err(ChoiceError::Absent { backend: backend.clone(), base: name.to_string(), tag: base.tag() })
        }
        Presence::Absent => {
            Ok((Builder::FromSource, format!("the registry has no base `{name}` ({})", key.short())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ingredients;
    use super::*;
    use crate::toolchain::{InstallPlan, Trees};
    use model::key::Key;
    use std::collections::BTreeSet;

    fn made_of(prebuilt: Option<&str>) -> Ingredients {
        Ingredients {
            platform: "linux/amd64".parse().unwrap(),
            image: "debian:bookworm-slim".to_owned(),
            distro: model::host::Distro::Debian12,
            path: Vec::new(),
            install: InstallPlan {
                title: "x".to_owned(),
                trees: Trees::Mounted,
                steps: Vec::new(),
                units: Vec::new(),
            },
            template: None,
            prebuilt: prebuilt.map(|name| name.parse().unwrap()),
        }
    }

    /// Builder and a part of the reason, or a part of the error.
    fn decide(asked: BuilderChoice, base: &BuilderImage, known: &Presence) -> (Option<Builder>, String) {
        match choose(asked, &"llama-cpp".parse().unwrap(), base, known) {
            Ok((builder, reason)) => (Some(builder), reason),
            Err(error) => (None, error.to_string()),
        }
    }

    #[test]
    fn every_case_has_its_builder_and_its_reason() {
        use BuilderChoice::{Auto, FromSource, Prebuilt};
        let base = BuilderImage::from(made_of(Some("amd64")));
        let has = &Presence::Present(format!("sha256:{}", "1".repeat(64)).parse().unwrap());
        let lacks = &Presence::Absent;
        let unknown = &Presence::Unknown("--offline".to_owned());
        let short = base.key().short();
        let named = format!("`amd64` ({short})");
        let plain = BuilderImage::from(made_of(None));
        let table = [
            (Auto, &base, has, Some(Builder::Prebuilt), named.as_str()),
            (Auto, &base, lacks, Some(Builder::FromSource), named.as_str()),
            (Auto, &base, unknown, Some(Builder::FromSource), "--offline"),
            (Prebuilt, &base, has, Some(Builder::Prebuilt), named.as_str()),
            (Prebuilt, &base, lacks, None, "cargo xtask base-images --for llama-cpp --push"),
            (Prebuilt, &base, unknown, Some(Builder::Prebuilt), "--offline"),
            (FromSource, &base, has, Some(Builder::FromSource), "asked for"),
            (Auto, &plain, has, Some(Builder::FromSource), "debian:bookworm-slim"),
            (Prebuilt, &plain, has, None, "debian:bookworm-slim"),
        ];
        for (asked, base, known, builder, text) in table {
            let (got, why) = decide(asked, base, known);
            assert_eq!(got, builder, "{asked:?} {known:?}: {why}");
            assert!(why.contains(text), "{asked:?} {known:?}: {why}");
        }
    }

    #[test]
    fn a_key_covers_platform_image_and_script() {
        let base = made_of(None);
        let mut others = vec![base.clone(); 3];
        others[0].image.push_str("@sha256:00");
        others[1].platform = "linux/arm64".parse().unwrap();
        others[2].install.title.push('y');
        let key = |made_of: &Ingredients| BuilderImage::from(made_of.clone()).key();
        let keys: BTreeSet<Key> = others.iter().chain([&base]).map(key).collect();
        assert_eq!(keys.len(), 4);
        assert_eq!(key(&made_of(Some("amd64"))), key(&base), "a name is no content");
        assert_eq!(BuilderImage::from(base).tag().as_str().len(), "base-".len() + 64);
    }
}
