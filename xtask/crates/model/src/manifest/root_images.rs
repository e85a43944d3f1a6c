//! `root-images` of `backend/variants.yaml`: raw to checked.

use super::issue::Issues;
use super::raw::{RawRootImage, Table};
use super::trail::Trail;
use super::variants::cuda;
use super::words::{filled, listed, parse, parse_key};
use crate::base::{Base, Toolkit};
use crate::grpc::Grpc;
use crate::image_names::TagSuffix;
use crate::name::RootName;
use crate::platform::Os;
use crate::root_image::RootImage;
use std::collections::BTreeMap;

/// Checks the rows: no two may be published under one name.
pub(super) fn check(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<RawRootImage>,
) -> BTreeMap<RootName, RootImage> {
    let mut rows: BTreeMap<RootName, RootImage> = BTreeMap::new();
    for (text, raw) in table.0 {
        let row = trail.key(&text);
        filled(issues, row.key("image"), &raw.image);
        let list = row.key("platforms");
        listed(issues, list, &raw.platforms, "name at least one platform");
        for (index, platform) in raw.platforms.iter().enumerate() {
            if platform.os != Os::Linux {
                let help = "use linux/amd64 or linux/arm64".to_owned();
                issues.value(list.index(index), "a root image is a Linux image", Some(help));
            } else if raw.platforms[..index].contains(platform) {
                let help = "remove one".to_owned();
                issues.value(list.index(index), format!("{platform} is listed twice"), Some(help));
            }
        }
        let nvidia = matches!(raw.toolkit, Toolkit::Cublas | Toolkit::L4t);
        let cuda = cuda(issues, row, raw.cuda.as_deref(), nvidia);
        let suffix = match raw.tag_suffix {
            Some(text) => match parse::<TagSuffix>(issues, row.key("tag-suffix"), &text) {
                Some(suffix) => Some(suffix),
                None => continue,
            },
            None => None,
        };
        let Some(name) = parse_key::<RootName>(issues, row, &text) else { continue };
        if let Some(twin) = rows.values().find(|other| other.suffix == suffix) {
            let help = "give one of them another `tag-suffix`".to_owned();
            issues.key(
                row,
                format!("root image `{}` is published under the same tags", twin.name),
                Some(help),
            );
        }
        let RawRootImage { platforms, image, distro, toolkit, skip_drivers, .. } = raw;
        let base = Base { image, distro, toolkit, cuda, skip_drivers, grpc: Grpc::System };
        rows.insert(name.clone(), RootImage { name, suffix, platforms, base });
    }
    rows
}
