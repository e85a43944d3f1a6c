//! Builds one image.

use super::Shared;
use crate::bake::{Contexts, Definition, Job};
use crate::helpers::Helper;
use crate::session::Session;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use exec::buildx::Buildx;
use exec::buildx::progress::Summary;
use model::oci::ImageDigest;
use plan::lower::{ImageBuild, ImageTo};
use plan::made::{Made, What};

/// Builds it, every step anew if it is to be `fresh`. The image's digest, if it was pushed.
pub fn build(
    session: &Session,
    shared: &Shared,
    buildx: &Buildx,
    made: &Made<'_>,
    to: &ImageTo,
    fresh: bool,
) -> Result<Option<ImageDigest>> {
    let contexts = Contexts::new(session, &made.name())?;
    contexts.add_template(session, made.template())?;
    contexts.add_install(&made.image)?;
    contexts.add_pins(session, &made.image)?;
    let entry = match made.what {
        What::Base(_) => None,
        What::Root(_) => Some(Helper::Entry.directory(session, made.platform())?),
    };
    let definition = Definition::new(None, |network| {
        let build = ImageBuild {
            made,
            repository: &shared.repository,
            contexts: &contexts,
            entry: entry.as_deref(),
            network,
            read_cache: session.manifests.registry.trust.is_none(),
            write_cache: shared.decision.cache.write,
            fresh,
            to,
        };
        build.bake()
    })?;
    let target = made.target()?;
    let logs = session.root.join("target/xtask-logs/images").join(target.as_str());
    fs_err::create_dir_all(&logs)?;
    let title = made.title();
    let writes: Vec<Utf8PathBuf> = match to {
        ImageTo::File(file) => file.parent().map(ToOwned::to_owned).into_iter().collect(),
        ImageTo::Nothing | ImageTo::Push(_) | ImageTo::Load(_) => Vec::new(),
    };
    let job = Job {
        title: &title,
        short: &title,
        definition: &definition,
        target: target.as_str(),
        contexts: &contexts,
        reads: entry.iter().cloned().collect(),
        writes,
        logs: &logs,
        timings: None,
    };
    let (finished, _) = job.run(session, buildx)?;
    for warning in &finished.summary.warnings {
        session.ui.warn(&format!("{title}: {warning}"));
    }
    let Summary { ran, cached, .. } = finished.summary;
    session.ui.detail(&format!("{title}: {ran} steps ran, {cached} were cached"));
    if !matches!(to, ImageTo::Push(_)) {
        return Ok(None);
    }
    let digest = finished.digests.get(target.as_str()).context("buildx told no digest of what it pushed")?;
    Ok(Some(digest.parse().context("buildx told a digest that is none")?))
}
