//! `lock`: what requirements come to, for good.

use super::build_backend::known;
use super::replace::replace;
use crate::cli::Lock;
use crate::exit::Done;
use anyhow::{Context, Result, bail};
use drive::session::Session;
use exec::uv::Uv;
use model::backend::{Backend, Recipe, VariantUse};
use plan::floating::{difference, lock_args};

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
    for used in uses {
        let named = python.requirements(&used.variant).lock.as_ref();
        let name = named.map_or_else(|| format!("pylock.{}.toml", used.variant), ToString::to_string);
        let path = backend.dir.join(&name);
        let now = resolved(session, &uv, backend, used)?;
        let file = session.root.join(&path);
        let before = if file.exists() { fs_err::read_to_string(&file)? } else { String::new() };
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

fn resolved(session: &Session, uv: &Uv, backend: &Backend, used: &VariantUse) -> Result<String> {
    let variant = session.manifests.variants.get(&used.variant).context("a variant of no row: a defect")?;
    let args = lock_args(backend, variant, &used.platforms, session.host.refresh.as_deref());
    let args = args.context("a backend without requirements: a defect")?;
    Ok(uv.resolve(&args, &session.root)?)
}
