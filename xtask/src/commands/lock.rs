//! `lock`: what requirements come to, for good.

use super::build_backend::known;
use super::replace::replace;
use crate::cli::Lock;
use crate::exit::Done;
use anyhow::{Context, Result, bail};
use drive::session::Session;
use exec::uv::Uv;
use model::backend::{Backend, Recipe, VariantUse};
use model::host::Host;
use plan::floating::{ask_for_lock, difference, interpreter, oldest};

/// Resolves each variant, and writes its lock or says what differs.
pub fn run(session: &Session, args: &Lock) -> Result<Done> {
    let backend = known(session, &args.backend)?;
    let Recipe::Python(python) = &backend.recipe else {
        bail!("`{}` has no requirements: `lock` is for backends of the family python", backend.name)
    };
    let wanted = |used: &&VariantUse| args.variant.as_ref().is_none_or(|name| *name == used.variant);
    let uses: Vec<&VariantUse> = backend.variants.iter().filter(wanted).collect();
    if uses.is_empty() {
        let names: Vec<&str> = backend.variants.iter().map(|used| used.variant.as_str()).collect();
        bail!("`{}` has no such variant: name one of {}", backend.name, names.join(", "));
    }
    let uv = Uv::new(session.programs()?, session.sealed()?, &session.scratch("caches")?.join("uv"))?;
    let mut differs = false;
    for used in &uses {
        if let Some(why) = python.requirements(&used.variant).beyond_one_resolution() {
            bail!("`{}` has no lock in `{}`: {why}, which none says; it floats", backend.name, used.variant);
        }
    }
    for used in uses {
        let named = python.requirements(&used.variant).lock.as_ref();
        let name = named.map_or_else(|| format!("pylock.{}.toml", used.variant), ToString::to_string);
        let path = backend.dir.join(&name);
        let file = session.root.join(&path);
        let before = if file.exists() { fs_err::read_to_string(&file)? } else { String::new() };
        let now = resolved(session, &uv, backend, used, &before)?;
        let told = difference(&before, &now);
        differs |= told.is_some();
        match &told {
            None => session.ui.line(format_args!("{path}: the same")),
            Some(told) => session.ui.line(format_args!("{path}: {told}")),
        }
        if args.diff || told.is_none() {
            continue;
        }
        replace(&file, &now)?;
        if named.is_none() {
            session.ui.line(format_args!(
                "  add `lock: {name}` to `python.by-variant.{}` in {}/backend.yaml, and nothing floats there",
                used.variant, backend.dir
            ));
        }
    }
    Ok(if args.diff && differs { Done::Differs } else { Done::Well })
}

/// For this machine as well, where it builds the variant, and for all that the lock of before was for: machines do not
/// undo each other's.
fn resolved(
    session: &Session,
    uv: &Uv,
    backend: &Backend,
    used: &VariantUse,
    before: &str,
) -> Result<String> {
    let variant = session.manifests.variants.get(&used.variant).context("a variant of no row: a defect")?;
    let Host { platform, distro, refresh, .. } = &session.host;
    let here = distro.filter(|_| variant.native && used.platforms.contains(platform));
    let here = here.map(|distro| interpreter(distro).0);
    let others: Vec<&str> = here.into_iter().chain(oldest(before)).collect();
    let asked = ask_for_lock(backend, variant, &used.platforms, &others, refresh.as_deref());
    let asked = asked.context("a backend without requirements: a defect")?;
    Ok(uv.resolve(&asked, &session.root)?)
}
