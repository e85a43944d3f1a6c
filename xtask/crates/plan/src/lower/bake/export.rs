//! Where the result of a target goes.

use super::attributes::Attributes;
use camino::Utf8PathBuf;

/// How an image is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// Without a tag: the digest is read from the metadata file, and merged later.
    ByDigest,
    /// Under the tags that its names carry.
    ByTag,
}

/// Where the result of a target goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Export {
    /// Nowhere: the layers are made, or the caches filled.
    Nothing,
    /// A directory.
    Local {
        /// The directory.
        dest: Utf8PathBuf,
    },
    /// An OCI image as one tar file.
    Oci {
        /// The file.
        dest: Utf8PathBuf,
        /// The name that the image carries.
        name: Option<String>,
        /// Files get the time of `SOURCE_DATE_EPOCH`.
        rewrite_timestamps: bool,
    },
    /// The user's Docker.
    Docker {
        /// The names that it is known by there.
        names: Vec<String>,
        /// Files get the time of `SOURCE_DATE_EPOCH`.
        rewrite_timestamps: bool,
    },
    /// An image that carries files between builders, under a tag: packed well and quickly, times as they are.
    Carrier {
        /// Its reference.
        reference: String,
    },
    /// The builder's image store, or registries.
    Image {
        /// Repositories or, with tags, references.
        names: Vec<String>,
        /// Whether and how it is pushed.
        push: Option<Push>,
        /// Files get the time of `SOURCE_DATE_EPOCH`. Rewrites the layers below as well, so not for large bases.
        rewrite_timestamps: bool,
    },
}

impl Export {
    /// The path on this machine that is written.
    pub fn dest(&self) -> Option<&camino::Utf8Path> {
        match self {
            Self::Local { dest } | Self::Oci { dest, .. } => Some(dest),
            Self::Nothing | Self::Docker { .. } | Self::Carrier { .. } | Self::Image { .. } => None,
        }
    }

    fn attributes(&self) -> String {
        let attributes = match self {
            Self::Nothing => Attributes::of("cacheonly"),
            Self::Local { dest } => Attributes::of("local").with("dest", dest.as_str()),
            Self::Oci { dest, name, .. } => {
                let attributes = Attributes::of("oci").with("dest", dest.as_str());
                match name {
                    Some(name) => attributes.with("name", name),
                    None => attributes,
                }
            }
            Self::Docker { names, .. } => Attributes::of("docker").with("name", &names.join(",")),
            Self::Carrier { reference } => Attributes::of("image")
                .with("name", reference)
                .on("push")
                .with("compression", "zstd")
                .on("force-compression")
                .on("oci-mediatypes"),
            Self::Image { names, push, .. } => {
                let attributes = Attributes::of("image").with("name", &names.join(","));
                match push {
                    None => attributes,
                    Some(Push::ByTag) => attributes.on("push"),
                    Some(Push::ByDigest) => attributes.on("push-by-digest").on("name-canonical").on("push"),
                }
            }
        };
        attributes.on_if("rewrite-timestamp", self.rewrites_timestamps()).finish()
    }

    fn rewrites_timestamps(&self) -> bool {
        match self {
            Self::Nothing | Self::Local { .. } | Self::Carrier { .. } => false,
            Self::Oci { rewrite_timestamps, .. }
            | Self::Docker { rewrite_timestamps, .. }
            | Self::Image { rewrite_timestamps, .. } => *rewrite_timestamps,
        }
    }
}

impl serde::Serialize for Export {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.attributes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_stay_one_attribute() {
        let names = vec!["a/x".to_owned(), "b/y".to_owned()];
        let push = Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true };
        assert_eq!(
            push.attributes(),
            "type=image,\"name=a/x,b/y\",push-by-digest=true,name-canonical=true,push=true,rewrite-timestamp=true"
        );
        let oci = Export::Oci { dest: "/o.tar".into(), name: None, rewrite_timestamps: false };
        assert_eq!(oci.attributes(), "type=oci,dest=/o.tar");
        assert_eq!(Export::Nothing.attributes(), "type=cacheonly");
    }
}
