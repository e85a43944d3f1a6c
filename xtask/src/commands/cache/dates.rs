//! When tags without a date were first seen: an artifact of the cache itself.
//!
//! Reproducible images say that they were made in 1970, and the distribution API tells no other date. So a collection
//! writes down what it sees; the ages of such tags count from there. Quay tells dates, and needs none of this.

use super::remote::Remote;
use anyhow::Result;
use model::oci::{ImageDigest, Tag};
use oci::{Inventory, Manifest, media};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tag of the record.
pub const TAG: &str = "gc-dates";
const KIND: &str = "application/vnd.inference-backends.dates.v1+json";

/// What was seen, and when first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates(BTreeMap<Tag, Seen>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    digest: ImageDigest,
    since: u64,
}

impl Dates {
    /// Dates what has none.
    pub fn apply(&self, inventory: &mut Inventory) {
        for (tag, tagged) in &mut inventory.tags {
            if tagged.written.is_none()
                && let Some(seen) = self.0.get(tag).filter(|seen| seen.digest == tagged.digest)
            {
                tagged.written = Some(seen.since);
            }
        }
    }

    /// The record after a look at `now`: what still has no date gets this one. It forgets what is gone.
    pub fn renewed(&self, inventory: &mut Inventory, now: u64) -> Self {
        let mut seen = BTreeMap::new();
        for (tag, tagged) in &mut inventory.tags {
            let before = self.0.get(tag).filter(|seen| seen.digest == tagged.digest);
            let since = match (tagged.written, before) {
                (Some(_), None) => continue,
                (Some(since), Some(_)) => since,
                (None, _) => now,
            };
            tagged.written = Some(since);
            seen.insert(tag.clone(), Seen { digest: tagged.digest.clone(), since });
        }
        Self(seen)
    }
}

/// Reads the record; without one nothing was seen.
pub fn read(remote: &Remote) -> Result<Dates> {
    let Remote { client, repository } = remote;
    let tag: Tag = TAG.parse()?;
    let fetched = match client.manifest(repository, &tag.into()) {
        Ok(fetched) => fetched,
        Err(error) if error.is_absent() => return Ok(Dates::default()),
        Err(error) => return Err(error.into()),
    };
    let Manifest::Image(image) = fetched.manifest else { return Ok(Dates::default()) };
    let Some(layer) = image.layers.first().filter(|layer| layer.media_type == KIND) else {
        return Ok(Dates::default());
    };
    let bytes = client.small_blob(repository, &layer.digest)?;
    // One that cannot be read is begun again: tags then are younger than they are, never older.
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Writes the record.
pub fn write(remote: &Remote, dates: &Dates) -> Result<()> {
    let Remote { client, repository } = remote;
    let bytes = serde_json::to_vec(dates)?;
    let layer = client.push_bytes(repository, &bytes)?;
    let config = client.push_bytes(repository, b"{}")?;
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": media::OCI_MANIFEST,
        "artifactType": KIND,
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2 },
        "layers": [{ "mediaType": KIND, "digest": layer, "size": bytes.len() }],
    });
    let tag: Tag = TAG.parse()?;
    let bytes = serde_json::to_vec(&manifest)?;
    client.put_manifest(repository, &tag.into(), &bytes, media::OCI_MANIFEST)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use oci::Tagged;

    #[test]
    fn ages_count_from_the_first_look_at_the_same_content() {
        let digest = |digit: &str| format!("sha256:{}", digit.repeat(64)).parse::<ImageDigest>().unwrap();
        let tag = |text: &str| text.parse::<Tag>().unwrap();
        let look = |tags: &[(&str, &str, Option<u64>)]| Inventory {
            tags: tags
                .iter()
                .map(|(name, digit, written)| {
                    (tag(name), Tagged { digest: digest(digit), written: *written })
                })
                .collect(),
            ..Inventory::default()
        };
        let mut first = look(&[("a", "1", None), ("b", "2", None), ("c", "3", Some(5))]);
        let dates = Dates::default().renewed(&mut first, 100);
        assert_eq!(first.tags[&tag("a")].written, Some(100));

        // b moved, d is new, c goes on having a date of its own.
        let mut second = look(&[("a", "1", None), ("b", "9", None), ("c", "3", Some(5)), ("d", "4", None)]);
        dates.apply(&mut second);
        let dates = dates.renewed(&mut second, 200);
        let written: Vec<Option<u64>> = second.tags.values().map(|tagged| tagged.written).collect();
        assert_eq!(written, [Some(100), Some(200), Some(5), Some(200)]);
        assert_eq!(dates.0.keys().map(Tag::as_str).collect::<Vec<_>>(), ["a", "b", "d"]);
        let text = serde_json::to_string(&dates).unwrap();
        assert_eq!(serde_json::from_str::<Dates>(&text).unwrap(), dates);
    }
}
