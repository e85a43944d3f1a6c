//! What `--list`, `--dry-run` and `--json` print.

use crate::cli::BuildImage;
use anyhow::Result;
use drive::images::{Decided, print_decision, print_table};
use drive::session::Session;
use model::root_image::RootImage;
use plan::made::What;
use serde_json::json;

/// Prints it.
pub fn show(session: &Session, args: &BuildImage, legs: &[Decided<'_>]) -> Result<()> {
    let ui = &session.ui;
    if args.images.dry_run && !args.images.json && !ui.json() {
        for Decided { made, decision, .. } in legs {
            print_decision(ui, &made.title(), decision);
        }
        return Ok(());
    }
    let rows = legs.iter().filter_map(|leg| match leg.made.what {
        What::Root(row) => Some((row, leg)),
        What::Base(_) => None,
    });
    if args.images.json || ui.json() {
        let told = rows.map(|(row, Decided { made, registry, decision })| {
            let artifact = row.published().artifact(row.platform_tag(made.platform()));
            json!({
                "image": row, "platform": made.platform(), "key": made.key, "registry": registry,
                "decision": decision, "layers": made.layers(), "artifact": artifact.to_string(),
            })
        });
        return Ok(ui.data(&told.collect::<Vec<_>>())?);
    }
    let line = |(row, Decided { made, registry, .. }): (&RootImage, &Decided<'_>)| {
        [
            row.name.to_string(),
            row.published().suffix().to_owned(),
            made.platform().to_string(),
            row.base.image.clone(),
            row.base.toolkit.to_string(),
            row.base.cuda.map_or("-".to_owned(), |cuda| cuda.to_string()),
            row.base.distro.to_string(),
            made.key.short(),
            registry.as_str().to_owned(),
        ]
    };
    let headings =
        ["image", "tag suffix", "platform", "from", "toolkit", "CUDA", "distribution", "key", "registry"];
    print_table(ui, headings, &rows.map(line).collect::<Vec<_>>());
    Ok(())
}
