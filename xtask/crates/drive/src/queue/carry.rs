//! Lets images that are as good as new ones be found under the new keys.

use crate::error::told;
use crate::session::Session;
use crate::trusted::Signer;
use ci::queue::{Action, Float, Queue};
use model::image_names::CacheTag;
use model::oci::Repository;
use model::unit::UnitId;
use oci::Client;
use std::collections::BTreeMap;

/// Tags them. What cannot be tagged is not as good: nobody would find it.
pub fn carry(
    session: &Session,
    client: &Client,
    cache: &Repository,
    queue: &Queue,
) -> BTreeMap<UnitId, Float> {
    let mut failed = BTreeMap::new();
    for decided in &queue.units {
        let (Action::Carry { image }, Some(key)) = (&decided.action, decided.key) else { continue };
        let tag = CacheTag::Image(key).tag();
        let tagged = client.tag(cache, image, &tag).map_err(anyhow::Error::from);
        let carried = tagged.and_then(|()| Signer::attest(session, client, cache, &tag, image));
        if let Err(error) = carried {
            let error = told(&error);
            let why = format!("the last image could not be tagged {tag}: {error}");
            failed.insert(decided.unit.clone(), Float::Unknown(why));
        }
    }
    failed
}
