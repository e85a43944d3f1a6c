//! Gets a model ready and tells which one it is.

use client::proto::LoadModelRequest;
use client::task::{Model, Origin, prepare};
use client::{Backend, Error};

use crate::cli::Load;
use crate::show;

/// The model must live as long as it is used.
pub(crate) async fn ready(backend: &mut Backend, options: &Load) -> Result<Model, Error> {
    let how = LoadModelRequest {
        context_length: options.context_length,
        threads: options.threads,
        gpu_layers: options.gpu_layers,
        ..Default::default()
    };
    let model = prepare(backend.client(), options.model.as_deref(), &how).await?;
    let who = show::identity(backend);
    let (what, ms) = (&model.info.description, model.load_ms);
    match model.origin {
        Origin::Given => eprintln!("{who} loaded {what} in {ms:.0} ms"),
        Origin::Packaged => eprintln!("{who} loaded its own {what} in {ms:.0} ms"),
        Origin::Running => eprintln!("{who} goes on with {what}"),
        Origin::Tiny => {
            eprintln!("{who} loaded a tiny model with random weights: its words are noise (see --model)");
        }
        Origin::None => eprintln!("{who} is healthy"),
    }
    Ok(model)
}
