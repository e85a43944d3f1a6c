//! `root-images` of `backend/variants.yaml`: what no shape says.

use super::issue::Issues;
use super::trail::Trail;
use super::variants::cuda;
use super::words::{distinct, image, listed};
use crate::name::RootName;
use crate::oci::Reference;
use crate::platform::Os;
use crate::root_image::RootImage;
use crate::text::table::Rows;

/// Checks the rows: no two may be published under one name.
pub(super) fn check(issues: &mut Issues, trail: Trail<'_>, rows: &Rows<RootName, RootImage>) {
    for (index, (name, root)) in rows.0.iter().enumerate() {
        let row = trail.key(name.as_str());
        image::<Reference>(issues, row.key("image"), &root.base.image);
        let list = row.key("platforms");
        listed(issues, list, &root.platforms, "name at least one platform");
        distinct(issues, list, &root.platforms);
        for (index, _) in root.platforms.iter().enumerate().filter(|(_, platform)| platform.os != Os::Linux) {
            let help = "use linux/amd64 or linux/arm64".to_owned();
            issues.value(list.index(index), "a root image is a Linux image", help);
        }
        cuda(issues, row, root.base.cuda, root.base.toolkit);
        if let Some((twin, _)) = rows.0[..index].iter().find(|(_, other)| other.suffix == root.suffix) {
            let help = "give one of them another `tag-suffix`".to_owned();
            issues.key(row, format!("root image `{twin}` is published under the same tags"), help);
        }
    }
}
