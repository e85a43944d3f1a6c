//! `merge`: the images of single platforms become one.

use crate::cli::Merge as Args;
use crate::exit::Done;
use anyhow::Result;
use drive::error::Coded;
use drive::publish::{Merge, Order, describe};
use drive::registries;
use drive::session::Session;
use drive::trusted::Signer;

/// Merges, or lists what can be merged.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let Some(asked) = args.asked() else { return list(session, args.json) };
    if session.offline {
        return Err(Coded::Usage("a merge needs the registry: run it without --offline".to_owned()).into());
    }
    let order = Order::of(session, &asked)?;
    if order.sign {
        // Said before anything is looked at, let alone written.
        Signer::of_merge(session)?;
    }
    let client = registries::client();
    let merge = Merge::look(session, &client, &order)?;
    let outcome = if args.dry_run { merge.outcome(true) } else { merge.carry_out()? };
    if args.json || session.ui.json() {
        session.ui.data(&outcome)?;
        return Ok(Done::Well);
    }
    let mut acts = 0;
    for place in &outcome.repositories {
        acts += place.acts.len();
        if args.dry_run {
            for act in &place.acts {
                session.ui.line(format_args!("{}: would {}", place.repository, describe(act)));
            }
        }
        for tag in &place.tags {
            session.ui.detail(&format!("{}:{tag} is {}", place.repository, outcome.digest));
        }
    }
    let tags: Vec<&str> = order.tags.iter().map(model::oci::Tag::as_str).collect();
    let platforms: Vec<&str> = outcome.legs.iter().map(|leg| leg.platform.as_str()).collect();
    let what = format!("{} for {} as {}", outcome.digest, platforms.join(" and "), tags.join(", "));
    session.ui.done(&match (args.dry_run, acts) {
        (true, _) => {
            format!("would publish {what}: {acts} things to do in {} repositories", order.targets.len())
        }
        (false, 0) => format!("already published: {what}"),
        (false, _) => format!("published {what} in {} repositories", order.targets.len()),
    });
    Ok(Done::Well)
}

fn list(session: &Session, json: bool) -> Result<Done> {
    let groups = session.manifests.groups()?;
    if json || session.ui.json() {
        session.ui.data(&groups)?;
        return Ok(Done::Well);
    }
    for group in groups {
        let platforms: Vec<&str> = group.platforms().map(model::platform::Platform::as_str).collect();
        session.ui.line(format_args!("{:<44} {}", group.suffix, platforms.join(" ")));
    }
    Ok(Done::Well)
}
