//! The calls that make sense without a model; the others answer UNIMPLEMENTED.

use crate::counters::Counters;
use crate::embed::{self, SIZE};
use crate::memory;
use crate::proto::backend_server::Backend;
use crate::proto::inspection_server::Inspection;
use crate::proto::status_response::State;
use crate::proto::{
    DetokenizeRequest, DetokenizeResponse, EmbeddingLayout, EmbeddingResult, HealthMessage, InspectRequest,
    Inspected, MetricsRequest, MetricsResponse, ModelInfo, ModelMetadataResponse, ModelOptions,
    PredictOptions, Reply, RerankRequest, RerankResult, Result as Success, ScoreRequest, ScoreResponse,
    StatusResponse, StoresDeleteOptions, StoresFindOptions, StoresFindResult, StoresGetOptions,
    StoresGetResult, StoresSetOptions, TokenizationResponse,
};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio_stream::Empty;
use tonic::{Request, Response, Status};

/// Bytes of a text: whoever waits for another's waits a tenth of a second.
const MOST_TEXT: usize = 1 << 20;
/// What it was built from, for people.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Answers for no model: it is ready from the start. `LoadModel` gives it the identity that requests name.
#[derive(Debug, Default)]
pub struct Lexical {
    identity: Mutex<String>,
    counters: Counters,
}

type Answer<T> = Result<Response<T>, Status>;

impl Lexical {
    fn identity(&self) -> String {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn model(&self) -> ModelInfo {
        ModelInfo {
            identity: self.identity(),
            description: "hashed words and groups of three letters".to_owned(),
            embedding_size: u32::try_from(SIZE).unwrap_or(0),
            ..ModelInfo::default()
        }
    }

    /// Refuses what is meant for another model. Nobody who names none, or loaded none, minds.
    fn expect_identity(&self, meant: &str) -> Result<(), Status> {
        let loaded = self.identity();
        if meant.is_empty() || loaded.is_empty() || meant == loaded {
            return Ok(());
        }
        // LocalAI looks for the words before the colon.
        Err(Status::failed_precondition(format!(
            "model identity mismatch: `{loaded}` is loaded, the request is for `{meant}`"
        )))
    }

    fn embed(&self, request: &PredictOptions) -> Result<EmbeddingResult, Status> {
        self.expect_identity(&request.model_identity)?;
        if request.embeddings.is_empty() {
            return Err(Status::invalid_argument(
                "Embeddings holds no text; there are no tokens to embed here",
            ));
        }
        if request.embeddings.len() > MOST_TEXT {
            return Err(Status::resource_exhausted(format!(
                "the text has {} bytes, and may have {MOST_TEXT}",
                request.embeddings.len()
            )));
        }
        let started = Instant::now();
        let (embeddings, words) = embed::embed(&request.embeddings);
        self.counters.read(words, started.elapsed());
        Ok(EmbeddingResult {
            dim: i32::try_from(embeddings.len()).unwrap_or(i32::MAX),
            embeddings,
            tokens: 1,
            prompt_tokens: i32::try_from(words).unwrap_or(i32::MAX),
            layout: EmbeddingLayout::Final.into(),
        })
    }

    fn named(&self, identity: String, message: &str) -> Answer<Success> {
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner) = identity;
        self.counters.ended(Ok(Response::new(Success { message: message.to_owned(), success: true })))
    }

    fn refuse<T>(&self) -> Answer<T> {
        self.counters.ended(Err(Status::unimplemented("lexical has no model, and only embeds")))
    }
}

#[tonic::async_trait]
impl Backend for Lexical {
    type PredictStreamStream = Empty<Result<Reply, Status>>;

    async fn health(&self, _: Request<HealthMessage>) -> Answer<Reply> {
        Ok(Response::new(Reply { message: b"OK".to_vec(), ..Reply::default() }))
    }

    async fn status(&self, _: Request<HealthMessage>) -> Answer<StatusResponse> {
        let memory = Some(memory::usage());
        Ok(Response::new(StatusResponse { state: State::Ready.into(), memory }))
    }

    async fn load_model(&self, request: Request<ModelOptions>) -> Answer<Success> {
        self.named(request.into_inner().model, "there is no model to load")
    }

    async fn free(&self, _: Request<HealthMessage>) -> Answer<Success> {
        self.named(String::new(), "there was no model to free")
    }

    async fn embedding(&self, request: Request<PredictOptions>) -> Answer<EmbeddingResult> {
        self.counters.ended(self.embed(request.get_ref()).map(Response::new))
    }

    async fn predict_stream(&self, _: Request<PredictOptions>) -> Answer<Self::PredictStreamStream> {
        self.refuse()
    }

    async fn predict(&self, _: Request<PredictOptions>) -> Answer<Reply> {
        self.refuse()
    }

    async fn tokenize_string(&self, _: Request<PredictOptions>) -> Answer<TokenizationResponse> {
        self.refuse()
    }

    async fn detokenize(&self, _: Request<DetokenizeRequest>) -> Answer<DetokenizeResponse> {
        self.refuse()
    }

    async fn rerank(&self, _: Request<RerankRequest>) -> Answer<RerankResult> {
        self.refuse()
    }

    async fn score(&self, _: Request<ScoreRequest>) -> Answer<ScoreResponse> {
        self.refuse()
    }

    async fn get_metrics(&self, _: Request<MetricsRequest>) -> Answer<MetricsResponse> {
        self.refuse()
    }

    async fn model_metadata(&self, _: Request<ModelOptions>) -> Answer<ModelMetadataResponse> {
        self.refuse()
    }

    async fn stores_set(&self, _: Request<StoresSetOptions>) -> Answer<Success> {
        self.refuse()
    }

    async fn stores_get(&self, _: Request<StoresGetOptions>) -> Answer<StoresGetResult> {
        self.refuse()
    }

    async fn stores_delete(&self, _: Request<StoresDeleteOptions>) -> Answer<Success> {
        self.refuse()
    }

    async fn stores_find(&self, _: Request<StoresFindOptions>) -> Answer<StoresFindResult> {
        self.refuse()
    }
}

#[tonic::async_trait]
impl Inspection for Lexical {
    async fn inspect(&self, _: Request<InspectRequest>) -> Answer<Inspected> {
        Ok(Response::new(Inspected {
            backend: "lexical".to_owned(),
            version: VERSION.to_owned(),
            state: State::Ready.into(),
            model: Some(self.model()),
            counters: Some(self.counters.sums()),
            ..Inspected::default()
        }))
    }
}
