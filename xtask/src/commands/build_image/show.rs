//! What `--list`, `--dry-run` and `--json` print.

use super::legs::Leg;
use crate::cli::BuildImage;
use anyhow::Result;
use drive::images::{presence, print_decision, print_table};
use drive::session::Session;
use model::oci::Tag;

/// Prints it.
pub fn show(session: &Session, args: &BuildImage, legs: &[Leg<'_>]) -> Result<()> {
    let ui = &session.ui;
    if args.images.json || ui.json() {
        let told = |leg: &Leg<'_>| {
            serde_json::json!({
                "image": leg.image, "platform": leg.platform(), "key": leg.key, "registry": leg.registry,
                "decision": leg.decision, "layers": layers(leg), "artifact": artifact(leg),
            })
        };
        return Ok(ui.data(&legs.iter().map(told).collect::<Vec<_>>())?);
    }
    if args.images.dry_run {
        for leg in legs {
            print_decision(ui, &leg.title(), &leg.decision);
        }
        return Ok(());
    }
    let line = |leg: &Leg<'_>| {
        [
            leg.image.name.to_string(),
            leg.image.published().suffix().to_owned(),
            leg.platform().to_string(),
            leg.image.image.clone(),
            leg.image.toolkit.to_string(),
            leg.image.cuda.map_or("-".to_owned(), |cuda| cuda.to_string()),
            leg.image.distro.to_string(),
            leg.key.short().clone(),
            presence(&leg.registry).to_owned(),
        ]
    };
    let headings =
        ["image", "tag suffix", "platform", "from", "toolkit", "CUDA", "distribution", "key", "registry"];
    print_table(ui, headings, &legs.iter().map(line).collect::<Vec<_>>());
    Ok(())
}

fn layers(leg: &Leg<'_>) -> Tag {
    leg.image.published().layers(leg.image.platform_tag(leg.platform()))
}

fn artifact(leg: &Leg<'_>) -> String {
    leg.image.published().artifact(leg.image.platform_tag(leg.platform())).to_string()
}
