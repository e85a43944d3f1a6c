//! What the registry is asked and told for units.

use super::{Containers, work};
use crate::make::{Keyed, Pushed};
use crate::queue::keep_lock;
use crate::session::Session;
use crate::trusted::Signer;
use crate::{registries, wanted};
use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use fetch::Selection;
use fetch::unpack::Limits;
use model::image_names::CacheTag;
use model::key::Key;
use model::oci::ImageDigest;
use oci::Client;
use pack::Manifest;

/// What a package may unpack to: those with a whole CUDA in them are the largest.
const LARGEST: u64 = 32 << 30;

/// Where a Python package keeps what its requirements came to.
const LOCK: &str = "requirements.lock";

/// The registries of one run.
#[derive(Debug)]
pub struct Remote {
    client: Client,
    options: Containers,
}

impl Remote {
    /// With docker's credentials.
    pub fn new(options: Containers) -> Self {
        Self { client: registries::client(), options }
    }

    /// Speaks with them.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Keeps a pushed image under its unit's key, so that nothing collects it and the next run finds it.
    pub fn keep(&self, keyed: &Keyed, digest: &ImageDigest) -> Result<Pushed> {
        let options = &self.options;
        if options.writes_caches() {
            let tag = CacheTag::Image(keyed.key).tag();
            self.client.tag(&options.cache, digest, &tag).with_context(|| {
                format!("the image was pushed and not tagged {tag}; the same command again completes it")
            })?;
        }
        self.note(digest)?;
        Ok(Pushed { digest: digest.clone(), repositories: options.targets() })
    }

    /// Says who made a pushed image, for everybody who finds it under its unit's key.
    pub fn attest(&self, session: &Session, keyed: &Keyed, digest: &ImageDigest) -> Result<()> {
        if !self.options.writes_caches() {
            return Ok(());
        }
        let tag = CacheTag::Image(keyed.key).tag();
        Signer::attest(session, &self.client, &self.options.cache, &tag, digest)
    }

    /// Keeps what the floating requirements of a pushed image came to, so that a timer finds out whether it would be built
    /// of anything else. Without it, it is built.
    pub fn keep_lock(
        &self,
        session: &Session,
        keyed: &Keyed,
        digest: &ImageDigest,
        package: &Utf8Path,
    ) -> Result<()> {
        let Some(steady) = keyed.steady().filter(|_| self.options.writes_caches()) else { return Ok(()) };
        let lock = fs_err::read(package.join(LOCK))?;
        let (client, cache) = (&self.client, &self.options.cache);
        let artifact = keep_lock(client, cache, steady, digest, &lock)?;
        Signer::attest(session, client, cache, &CacheTag::Lock(steady).tag(), &artifact)
    }

    /// Has an image of the cache repository in every repository that it is published to.
    pub fn publish(&self, digest: &ImageDigest) -> Result<Pushed> {
        let options = &self.options;
        for repository in options.publish_to.iter().filter(|repository| **repository != options.cache) {
            self.client.copy_image(&options.cache, &digest.clone().into(), repository, &[]).with_context(
                || {
                    format!(
                        "the image is in {} and not in {repository}; the same command again completes it",
                        options.cache
                    )
                },
            )?;
        }
        self.note(digest)?;
        Ok(Pushed { digest: digest.clone(), repositories: options.targets() })
    }

    /// Keeps an image that is used again until it is merged.
    pub fn renew(&self, key: Key, digest: &ImageDigest) -> Result<()> {
        if !self.options.writes_caches() {
            return Ok(());
        }
        wanted::renew(&self.client, &self.options.cache, &[(key, digest.clone())].into())
    }

    /// The empty file that carries a digest from one CI job to another.
    fn note(&self, digest: &ImageDigest) -> Result<()> {
        if let Some(dir) = &self.options.digests {
            fs_err::create_dir_all(dir)?;
            fs_err::write(dir.join(digest.hex()), "")?;
        }
        Ok(())
    }

    /// Unpacks the package that an image of the cache repository is.
    pub fn pull(&self, keyed: &Keyed, digest: &ImageDigest, scratch: &Utf8Path) -> Result<Utf8PathBuf> {
        let cache = &self.options.cache;
        let image = self.client.manifest(cache, &digest.clone().into())?;
        let package = scratch.join("package");
        fs_err::create_dir_all(&package)?;
        let layers = match &image.manifest {
            oci::Manifest::Image(image) => image.layers.as_slice(),
            oci::Manifest::Index(_) => &[],
        };
        // Our images hold one layer, the package; more would have to be merged, with what they delete.
        let [layer] = layers else {
            bail!("{cache}@{digest} has {} layers, expected the one that is the package", layers.len());
        };
        let file = scratch.join("layer");
        self.client.blob(cache, &layer.digest, &file)?;
        let limits = Limits { bytes: LARGEST, ..Limits::default() };
        fetch::unpack::unpack_file(&file, &package, &limits, &Selection::default())
            .with_context(|| format!("cannot unpack {} of {cache}", layer.digest))?;
        fs_err::remove_file(&file)?;
        let (manifest, unit) = (Manifest::read(&package)?, &keyed.plan.unit);
        ensure!(
            manifest.key == keyed.key.to_string(),
            "{cache}@{digest} holds the package of key {}, not of the key that it is tagged with",
            manifest.key
        );
        let (name, variant) = (manifest.name.as_str(), manifest.variant.as_str());
        ensure!(
            (name, variant, manifest.platform)
                == (unit.backend.as_str(), unit.variant.as_str(), unit.platform),
            "{cache}@{digest} holds {name} · {variant} · {}, not {unit}",
            manifest.platform
        );
        work::check(&package)?;
        Ok(package)
    }
}
