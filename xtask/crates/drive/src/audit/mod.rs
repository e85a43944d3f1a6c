//! Looks at what registries have of what the manifests promise.

mod files;
mod images;
mod repository;

use crate::registries;
use crate::session::Session;
use anyhow::Result;
use ci::audit::{Promise, Seen};
use model::image_names::CacheTag;
use model::oci::{Repository, Tag};
use oci::Client;
use plan::presence::Answers;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    /// What is promised.
    pub promises: &'a [Promise],
    /// Tags that are asked for.
    pub tags: &'a BTreeSet<Tag>,
    /// What tags begin with; those that are not asked for are told.
    pub names: &'a [&'a str],
    /// Look at those as well.
    pub strangers: bool,
    /// Where the images are published.
    pub repositories: &'a [Repository],
    /// Where they are under their keys.
    pub cache: Option<&'a Repository>,
    /// Bytes of the largest image that is read.
    pub read: u64,
}

/// Asks; writes nothing. Any registry that does not answer is an error.
pub fn look(session: &Session, client: &Client, question: &Question<'_>) -> Result<Seen> {
    let kept = question.cache.map(|cache| kept(session, client, cache, question.promises)).transpose()?;
    let mut found = images::Found::default();
    let mut named = Vec::new();
    for repository in question.repositories {
        named.push(repository::look(client, repository, question, &mut found)?);
    }
    let images = files::read(session, client, found, question.read)?;
    let platforms: BTreeMap<_, _> =
        images.iter().map(|(digest, image)| (digest.clone(), image.platform.clone())).collect();
    let repositories = named.into_iter().map(|one| one.there(&platforms)).collect();
    Ok(Seen { repositories, images, kept })
}

/// What the cache repository has under the keys of this checkout.
fn kept(session: &Session, client: &Client, cache: &Repository, promises: &[Promise]) -> Result<Answers> {
    let keys = promises.iter().flat_map(|promise| promise.legs.values()).filter_map(|leg| leg.key);
    registries::ask_for_all(session, client, cache, keys.map(|key| CacheTag::Image(key).tag()))
}
