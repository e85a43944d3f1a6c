//! The calls that make sense without a model; the others answer UNIMPLEMENTED.

use crate::counters::Counters;
use crate::embed::{self, SIZE};
use crate::memory;
use crate::proto::backend_server::Backend;
use crate::proto::{
    DetokenizeRequest, DetokenizeResponse, EmbeddingRequest, EmbeddingResponse, HealthRequest,
    HealthResponse, LoadModelRequest, LoadModelResponse, ModelInfo, ModelState, PredictChunk, PredictRequest,
    PredictResponse, StatusRequest, StatusResponse, StoresDeleteRequest, StoresDeleteResponse,
    StoresFindRequest, StoresFindResponse, StoresGetRequest, StoresGetResponse, StoresSetRequest,
    StoresSetResponse, TokenizeStringRequest, TokenizeStringResponse, UnloadModelRequest,
    UnloadModelResponse, Vector,
};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio_stream::Empty;
use tonic::{Request, Response, Status};

/// What it was built from, for people.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Answers for no model: it is ready from the start. `LoadModel` gives it the name that `Status` tells.
#[derive(Debug, Default)]
pub struct Lexical {
    name: Mutex<String>,
    counters: Counters,
}

type Answer<T> = Result<Response<T>, Status>;

impl Lexical {
    fn model(&self) -> ModelInfo {
        ModelInfo {
            path: self.name.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            description: "hashed words and groups of three letters".to_owned(),
            embedding_size: u32::try_from(SIZE).unwrap_or(0),
            ..ModelInfo::default()
        }
    }

    fn embed(&self, request: &EmbeddingRequest) -> Result<EmbeddingResponse, Status> {
        if request.inputs.is_empty() || request.inputs.iter().any(String::is_empty) {
            return Err(Status::invalid_argument("there is no input, or an empty one"));
        }
        let started = Instant::now();
        let (mut embeddings, mut prompt_tokens) = (Vec::new(), 0);
        for input in &request.inputs {
            let (values, words) = embed::embed(input, request.normalize.unwrap_or(true));
            embeddings.push(Vector { values });
            prompt_tokens += words;
        }
        self.counters.read(prompt_tokens, started.elapsed());
        Ok(EmbeddingResponse { embeddings, prompt_tokens })
    }

    fn refuse<T>(&self) -> Answer<T> {
        self.counters.ended(Err(Status::unimplemented("lexical has no model, and only embeds")))
    }
}

#[tonic::async_trait]
impl Backend for Lexical {
    type PredictStreamStream = Empty<Result<PredictChunk, Status>>;

    async fn health(&self, _: Request<HealthRequest>) -> Answer<HealthResponse> {
        Ok(Response::new(HealthResponse { backend: "lexical".to_owned(), version: VERSION.to_owned() }))
    }

    async fn status(&self, _: Request<StatusRequest>) -> Answer<StatusResponse> {
        Ok(Response::new(StatusResponse {
            state: ModelState::Ready.into(),
            model: Some(self.model()),
            memory: Some(memory::usage()),
            counters: Some(self.counters.sums()),
            ..StatusResponse::default()
        }))
    }

    async fn load_model(&self, request: Request<LoadModelRequest>) -> Answer<LoadModelResponse> {
        *self.name.lock().unwrap_or_else(PoisonError::into_inner) = request.into_inner().model;
        let response = LoadModelResponse { model: Some(self.model()), load_ms: 0.0 };
        self.counters.ended(Ok(Response::new(response)))
    }

    async fn unload_model(&self, _: Request<UnloadModelRequest>) -> Answer<UnloadModelResponse> {
        let name = std::mem::take(&mut *self.name.lock().unwrap_or_else(PoisonError::into_inner));
        self.counters.ended(Ok(Response::new(UnloadModelResponse { unloaded: !name.is_empty() })))
    }

    async fn embedding(&self, request: Request<EmbeddingRequest>) -> Answer<EmbeddingResponse> {
        self.counters.ended(self.embed(request.get_ref()).map(Response::new))
    }

    async fn predict(&self, _: Request<PredictRequest>) -> Answer<PredictResponse> {
        self.refuse()
    }

    async fn predict_stream(&self, _: Request<PredictRequest>) -> Answer<Self::PredictStreamStream> {
        self.refuse()
    }

    async fn tokenize_string(&self, _: Request<TokenizeStringRequest>) -> Answer<TokenizeStringResponse> {
        self.refuse()
    }

    async fn detokenize(&self, _: Request<DetokenizeRequest>) -> Answer<DetokenizeResponse> {
        self.refuse()
    }

    async fn stores_set(&self, _: Request<StoresSetRequest>) -> Answer<StoresSetResponse> {
        self.refuse()
    }

    async fn stores_get(&self, _: Request<StoresGetRequest>) -> Answer<StoresGetResponse> {
        self.refuse()
    }

    async fn stores_delete(&self, _: Request<StoresDeleteRequest>) -> Answer<StoresDeleteResponse> {
        self.refuse()
    }

    async fn stores_find(&self, _: Request<StoresFindRequest>) -> Answer<StoresFindResponse> {
        self.refuse()
    }
}
