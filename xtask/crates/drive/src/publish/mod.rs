//! Publishing: platforms become one image, with what is known of it attached, in every repository.

mod attach;
mod carry_out;
mod contents;
mod find;
mod order;
mod there;

pub use carry_out::describe;
pub use order::{Asked, Order, Which};

use crate::session::Session;
use anyhow::{Result, bail};
use ci::merge::{self, About, Act, Legs, Wanted};
use find::There;
use model::oci::Repository;
use oci::Client;
use std::collections::BTreeSet;

/// A merge that was looked into: what it makes, and what is left to do in each repository.
pub struct Merge<'a> {
    session: &'a Session,
    client: &'a Client,
    order: &'a Order,
    about: About,
    index: Vec<u8>,
    wanted: Wanted,
    /// Where the legs were found.
    from: Repository,
    /// The keys of the packages that they must hold, where that is known.
    keys: Option<BTreeSet<String>>,
    todo: Vec<(Repository, Vec<Act>)>,
}

impl<'a> Merge<'a> {
    /// Finds the legs and looks at every repository; writes nothing.
    pub fn look(session: &'a Session, client: &'a Client, order: &'a Order) -> Result<Self> {
        let There { repository: from, found, verified, keys } = find::legs(session, client, order)?;
        if !verified {
            let help = "`registry: trust:` of backend/variants.yaml names nobody";
            session.ui.note(&format!("nobody verified who made these images: {help}"));
        }
        let legs = Legs::of(&order.image, order.platforms.iter().copied(), found)?;
        let about = attach::about(session, order);
        let index = merge::index(&legs, &about)?;
        let wanted = Wanted {
            legs,
            index: oci::ImageDigest::sha256(&index),
            tags: order.tags.clone(),
            sign: order.sign,
            drop_platforms: order.drop_platforms,
        };
        let mut todo = Vec::new();
        for repository in &order.targets {
            let there = there::look(client, repository, &wanted)?;
            todo.push((repository.clone(), merge::acts(&wanted, &there)?));
        }
        Ok(Self { session, client, order, about, index, wanted, from, keys, todo })
    }

    /// Reads everything back: a registry may have taken what it does not give.
    fn verify(&self) -> Result<()> {
        for repository in &self.order.targets {
            let there = there::look(self.client, repository, &self.wanted)?;
            let mut left = merge::acts(&self.wanted, &there)?;
            // Signatures were verified, which says more than that they are there.
            left.retain(|act| *act != Act::Sign);
            if let [first, ..] = left.as_slice() {
                bail!(
                    "{repository} took everything and does not give it back: {} is still to be done; run the merge again",
                    carry_out::describe(first)
                );
            }
        }
        Ok(())
    }
}
