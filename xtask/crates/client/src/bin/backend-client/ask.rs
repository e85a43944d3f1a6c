//! Gets a model ready and tells which one it is.

use client::proto::ModelOptions;
use client::task::{Model, Origin, Place, prepare};
use client::{Backend, Error};

use crate::cli::Load;
use crate::show;

/// What LocalAI sends for all that there are: 0 would be none.
const ALL_LAYERS: i32 = 99_999_999;

/// The model must live as long as it is used.
pub(crate) async fn ready(backend: &mut Backend, options: &Load) -> Result<Model, Error> {
    let count = |given: Option<u32>, usual| given.map_or(usual, |n| i32::try_from(n).unwrap_or(i32::MAX));
    let how = ModelOptions {
        context_size: count(options.context_length, 0),
        threads: count(options.threads, 0),
        ngpu_layers: count(options.gpu_layers, ALL_LAYERS),
        m_map: true,
        ..Default::default()
    };
    let model = prepare(backend.client(), options.model.as_deref(), &how, &Place::default()).await?;
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
