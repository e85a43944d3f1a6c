//! Prebuilt or from source: a pure choice, so that a dry run and a test decide as a build does.

use super::Footing;
use crate::realm::Builder;
use model::key::Key;
use model::name::BackendName;
use model::oci::Tag;
use std::collections::BTreeSet;

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

/// What is known of the bases in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasePresence<'a> {
    /// Nothing, and why.
    Unknown {
        /// Such as `--offline`.
        why: &'a str,
    },
    /// The ones that are there, of those that were asked about.
    Known(&'a BTreeSet<Key>),
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
    base: &Footing,
    known: BasePresence<'_>,
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
    match known {
        BasePresence::Unknown { why } if prebuilt => {
            Ok((Builder::Prebuilt, format!("asked for; whether base `{name}` is there is unknown: {why}")))
        }
        BasePresence::Unknown { why } => {
            let short = key.short();
            Ok((Builder::FromSource, format!("whether base `{name}` ({short}) is there is unknown: {why}")))
        }
        BasePresence::Known(there) if there.contains(key) => {
            Ok((Builder::Prebuilt, format!("the registry has base `{name}` ({})", key.short())))
        }
        BasePresence::Known(_) if prebuilt => {
            Err(ChoiceError::Absent { backend: backend.clone(), base: name.to_string(), tag: base.tag() })
        }
        BasePresence::Known(_) => {
            Ok((Builder::FromSource, format!("the registry has no base `{name}` ({})", key.short())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ground;
    use super::*;
    use crate::toolchain::InstallPlan;

    fn ground(prebuilt: Option<&str>) -> Ground {
        Ground {
            platform: "linux/amd64".parse().unwrap(),
            image: "debian:bookworm-slim".to_owned(),
            distro: model::host::Distro::Debian12,
            path: Vec::new(),
            install: InstallPlan { title: "x".to_owned(), steps: Vec::new(), units: Vec::new() },
            template: None,
            prebuilt: prebuilt.map(|name| name.parse().unwrap()),
        }
    }

    /// Builder and a part of the reason, or a part of the error.
    fn decide(asked: BuilderChoice, base: &Footing, known: BasePresence<'_>) -> (Option<Builder>, String) {
        match choose(asked, &"llama-cpp".parse().unwrap(), base, known) {
            Ok((builder, reason)) => (Some(builder), reason),
            Err(error) => (None, error.to_string()),
        }
    }

    #[test]
    fn every_case_has_its_builder_and_its_reason() {
        use BuilderChoice::{Auto, FromSource, Prebuilt};
        let base = Footing::from(ground(Some("amd64")));
        let (there, none) = (BTreeSet::from([*base.key()]), BTreeSet::new());
        let has = BasePresence::Known(&there);
        let lacks = BasePresence::Known(&none);
        let unknown = BasePresence::Unknown { why: "--offline" };
        let short = base.key().short();
        let named = format!("`amd64` ({short})");
        let plain = Footing::from(ground(None));
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
        let base = ground(None);
        let mut others = vec![base.clone(); 3];
        others[0].image.push_str("@sha256:00");
        others[1].platform = "linux/arm64".parse().unwrap();
        others[2].install.title.push('y');
        let keys: BTreeSet<Key> = others.iter().chain([&base]).map(Ground::key).collect();
        assert_eq!(keys.len(), 4);
        assert_eq!(ground(Some("amd64")).key(), base.key(), "a name is no content");
        assert_eq!(base.tag().as_str().len(), "base-".len() + 64);
    }
}
