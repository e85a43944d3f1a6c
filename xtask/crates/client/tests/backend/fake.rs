//! A backend in a few lines: generates the prompt's words over and over, embeds letters, stores vectors.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use client::proto::Result as Success;
use client::proto::backend_server::{Backend, BackendServer};
use client::proto::inspection_server::{Inspection, InspectionServer};
use client::proto::status_response::State;
use client::proto::{
    DetokenizeRequest, DetokenizeResponse, EmbeddingResult, HealthMessage, InspectRequest, Inspected,
    MetricsRequest, MetricsResponse, ModelInfo, ModelMetadataResponse, ModelOptions, PredictOptions, Reply,
    RerankRequest, RerankResult, ScoreRequest, ScoreResponse, StatusResponse, StoresDeleteOptions,
    StoresFindOptions, StoresFindResult, StoresGetOptions, StoresGetResult, StoresKey, StoresSetOptions,
    StoresValue, TokenizationResponse,
};
use client::task::cosine;
use tokio::sync::{Notify, mpsc};
use tonic::codegen::tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::metadata::MetadataMap;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;
type Chunks = Pin<Box<dyn Stream<Item = Result<Reply, Status>> + Send>>;

/// What is special about this backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quirk {
    #[default]
    None,
    /// Health answers UNAVAILABLE, for ever.
    Sick,
    /// Health never answers.
    Mute,
    /// Health is not known here.
    Foreign,
    /// The stream goes on until the caller is gone.
    Endless,
    /// The process ends in the middle of a stream.
    Crash,
    /// Health answers something else.
    Unsure,
    /// It has only the contract, as LocalAI's own backends.
    Plain,
    /// What comes in pieces is not what comes at once.
    TwoMinds,
    /// Every text has the same vector.
    OneVector,
    /// Deletes nothing, and says that it did.
    Hoarder,
    /// Says that it loaded whatever it is given.
    Gullible,
    /// Does not care which model is meant.
    Careless,
    /// Keeps something of every call.
    Leaky,
    /// Answers callers without the token.
    Open,
    /// Carries a model of its own.
    Packaged,
    /// Knows no models, and needs none.
    Modelless,
}

#[derive(Clone, Default)]
pub struct Fake {
    pub quirk: Quirk,
    /// Told when a caller left a stream before its end.
    pub left: Arc<Notify>,
    /// As keys can not be ordered, their bits are.
    store: Arc<Mutex<BTreeMap<Vec<u32>, Vec<u8>>>>,
    model: Arc<Mutex<Option<String>>>,
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// What a leaky one keeps of each call.
const LEAK: usize = 1 << 20;

impl Fake {
    pub fn new(quirk: Quirk) -> Self {
        Self { quirk, ..Self::default() }
    }

    /// Serves until the task is dropped; the address is bound when this returns.
    pub fn serve(self) -> (SocketAddr, impl Future<Output = Result<(), tonic::transport::Error>>) {
        self.serve_at("127.0.0.1:0")
    }

    /// The same at an address.
    pub fn serve_at(
        self,
        address: &str,
    ) -> (SocketAddr, impl Future<Output = Result<(), tonic::transport::Error>> + use<>) {
        let incoming = TcpIncoming::bind(address.parse().unwrap()).unwrap();
        let address = incoming.local_addr().unwrap();
        let token = std::env::var("LOCALAI_GRPC_AUTH_TOKEN").ok().filter(|_| self.quirk != Quirk::Open);
        let may_enter = move |request: Request<()>| match &token {
            Some(token)
                if request
                    .metadata()
                    .get("authorization")
                    .is_none_or(|it| it != &format!("Bearer {token}")) =>
            {
                Err(Status::unauthenticated("who are you?"))
            }
            _ => Ok(request),
        };
        let service = BackendServer::with_interceptor(self.clone(), may_enter);
        let server = tonic::transport::Server::builder().add_service(service);
        let server =
            if self.quirk == Quirk::Plain { server } else { server.add_service(InspectionServer::new(self)) };
        (address, server.serve_with_incoming(incoming))
    }

    /// That a model is loaded, and the one that is meant.
    fn loaded(&self, request: &PredictOptions) -> Result<(), Status> {
        if self.quirk == Quirk::Leaky {
            self.kept.lock().unwrap().push(vec![1; LEAK]);
        }
        let model = self.model.lock().unwrap();
        let Some(model) = &*model else { return Err(Status::failed_precondition("no model is loaded")) };
        let meant = &request.model_identity;
        if meant.is_empty() || meant == model || self.quirk == Quirk::Careless {
            return Ok(());
        }
        Err(Status::failed_precondition("another model is loaded"))
    }

    fn words(&self, request: &PredictOptions) -> Result<Vec<String>, Status> {
        self.loaded(request)?;
        let text = if request.use_tokenizer_template {
            request.messages.iter().map(|m| m.content.as_str()).collect()
        } else {
            request.prompt.clone()
        };
        let count = usize::try_from(request.tokens).ok().filter(|n| *n > 0).unwrap_or(4);
        Ok(text.split(' ').cycle().take(count).map(|word| format!("{word} ")).collect())
    }

    fn reply(text: &str, tokens: usize) -> Reply {
        Reply {
            message: text.into(),
            tokens: i32::try_from(tokens).unwrap(),
            prompt_tokens: 3,
            ..Reply::default()
        }
    }

    fn load(&self, request: &ModelOptions) -> Result<(), Status> {
        let path = &request.model_file;
        if request.model.starts_with("store://") {
            return Ok(());
        }
        if self.quirk == Quirk::Modelless {
            return Err(Status::unimplemented("no models here"));
        }
        if self.quirk == Quirk::Packaged && path.is_empty() {
            *self.model.lock().unwrap() = Some("its own".into());
            return Ok(());
        }
        let bytes = std::fs::read(path).map_err(|e| Status::not_found(e.to_string()))?;
        if !bytes.starts_with(b"GGUF") && self.quirk != Quirk::Gullible {
            return Err(Status::invalid_argument("this file is no GGUF"));
        }
        *self.model.lock().unwrap() = Some(request.model.clone());
        Ok(())
    }
}

fn trailers() -> MetadataMap {
    let mut trailers = MetadataMap::new();
    trailers.insert("finish-reason", "length".parse().unwrap());
    trailers.insert("seed", "7".parse().unwrap());
    trailers
}

fn bits(key: &StoresKey) -> Vec<u32> {
    key.floats.iter().map(|n| n.to_bits()).collect()
}

#[tonic::async_trait]
impl Backend for Fake {
    type PredictStreamStream = Chunks;

    async fn health(&self, _: Request<HealthMessage>) -> Answer<Reply> {
        match self.quirk {
            Quirk::Sick => Err(Status::unavailable("still warming up")),
            Quirk::Mute => std::future::pending().await,
            Quirk::Foreign => Err(Status::unimplemented("what is Health?")),
            Quirk::Unsure => Ok(Response::new(Self::reply("ok", 0))),
            _ => Ok(Response::new(Self::reply("OK", 0))),
        }
    }

    async fn load_model(&self, request: Request<ModelOptions>) -> Answer<Success> {
        match self.load(request.get_ref()) {
            Ok(()) => Ok(Response::new(Success { message: "loaded".into(), success: true })),
            // As others say it: with an answer, not with a status.
            Err(status) if self.quirk == Quirk::Plain => {
                Ok(Response::new(Success { message: status.message().into(), success: false }))
            }
            Err(status) => Err(status),
        }
    }

    async fn predict(&self, request: Request<PredictOptions>) -> Answer<Reply> {
        let words = self.words(request.get_ref())?;
        let text = if self.quirk == Quirk::TwoMinds { "something else".into() } else { words.concat() };
        let mut response = Response::new(Self::reply(&text, words.len()));
        *response.metadata_mut() = trailers();
        Ok(response)
    }

    async fn predict_stream(&self, request: Request<PredictOptions>) -> Answer<Chunks> {
        let words = self.words(request.get_ref())?;
        let (sender, chunks) = mpsc::channel(1);
        let (quirk, left) = (self.quirk, self.left.clone());
        tokio::spawn(async move {
            for (n, text) in words.into_iter().enumerate() {
                if quirk == Quirk::Crash && n == 2 {
                    std::process::exit(9);
                }
                if sender.send(Ok(Self::reply(&text, n + 1))).await.is_err() {
                    break;
                }
            }
            if quirk == Quirk::Endless {
                sender.closed().await;
                left.notify_one();
            } else if quirk != Quirk::Plain {
                // The only way to trailers of one's own here is a status, which ends the stream with success.
                let mut end = Status::ok("");
                *end.metadata_mut() = trailers();
                let _ = sender.send(Err(end)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(chunks))))
    }

    async fn embedding(&self, request: Request<PredictOptions>) -> Answer<EmbeddingResult> {
        self.loaded(request.get_ref())?;
        let mut values = vec![0.0_f32; 26];
        for letter in request.get_ref().embeddings.bytes().filter(u8::is_ascii_lowercase) {
            values[usize::from(letter - b'a')] += 1.0;
        }
        if self.quirk == Quirk::OneVector {
            values = vec![1.0; 26];
        }
        let length = values.iter().map(|n| n * n).sum::<f32>().sqrt();
        let embeddings = values.iter().map(|n| n / length).collect();
        Ok(Response::new(EmbeddingResult { embeddings, tokens: 1, dim: 26, ..EmbeddingResult::default() }))
    }

    async fn stores_set(&self, request: Request<StoresSetOptions>) -> Answer<Success> {
        let StoresSetOptions { keys, values } = request.into_inner();
        let values = values.into_iter().map(|value| value.bytes);
        self.store.lock().unwrap().extend(keys.iter().map(bits).zip(values));
        Ok(Response::new(Success { message: String::new(), success: true }))
    }

    async fn stores_get(&self, request: Request<StoresGetOptions>) -> Answer<StoresGetResult> {
        let store = self.store.lock().unwrap();
        let found = request
            .get_ref()
            .keys
            .iter()
            .filter_map(|key| Some((key.clone(), StoresValue { bytes: store.get(&bits(key))?.clone() })));
        let (keys, values) = found.unzip();
        Ok(Response::new(StoresGetResult { keys, values }))
    }

    async fn stores_delete(&self, request: Request<StoresDeleteOptions>) -> Answer<Success> {
        let keys = request.into_inner().keys;
        if self.quirk != Quirk::Hoarder {
            self.store.lock().unwrap().retain(|stored, _| !keys.iter().any(|key| bits(key) == *stored));
        }
        Ok(Response::new(Success { message: String::new(), success: true }))
    }

    async fn stores_find(&self, request: Request<StoresFindOptions>) -> Answer<StoresFindResult> {
        let StoresFindOptions { key, top_k } = request.into_inner();
        let sought = key.unwrap().floats;
        let mut all: Vec<(f32, Vec<f32>, Vec<u8>)> = (self.store.lock().unwrap().iter())
            .map(|(key, value)| {
                let key: Vec<f32> = key.iter().map(|n| f32::from_bits(*n)).collect();
                (cosine(&key, &sought), key, value.clone())
            })
            .collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.truncate(usize::try_from(top_k).unwrap());
        Ok(Response::new(StoresFindResult {
            similarities: all.iter().map(|found| found.0).collect(),
            keys: all.iter().map(|found| StoresKey { floats: found.1.clone() }).collect(),
            values: all.into_iter().map(|found| StoresValue { bytes: found.2 }).collect(),
        }))
    }

    async fn free(&self, _: Request<HealthMessage>) -> Answer<Success> {
        Err(Status::unimplemented(""))
    }

    async fn tokenize_string(&self, _: Request<PredictOptions>) -> Answer<TokenizationResponse> {
        Err(Status::unimplemented(""))
    }

    async fn detokenize(&self, _: Request<DetokenizeRequest>) -> Answer<DetokenizeResponse> {
        Err(Status::unimplemented(""))
    }

    async fn rerank(&self, _: Request<RerankRequest>) -> Answer<RerankResult> {
        Err(Status::unimplemented(""))
    }

    async fn score(&self, _: Request<ScoreRequest>) -> Answer<ScoreResponse> {
        Err(Status::unimplemented(""))
    }

    async fn get_metrics(&self, _: Request<MetricsRequest>) -> Answer<MetricsResponse> {
        Err(Status::unimplemented(""))
    }

    async fn model_metadata(&self, _: Request<ModelOptions>) -> Answer<ModelMetadataResponse> {
        Err(Status::unimplemented(""))
    }

    async fn status(&self, _: Request<HealthMessage>) -> Answer<StatusResponse> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl Inspection for Fake {
    async fn inspect(&self, _: Request<InspectRequest>) -> Answer<Inspected> {
        let identity = self.model.lock().unwrap().clone();
        let state = if identity.is_some() { State::Ready } else { State::Uninitialized }.into();
        let model = identity.map(|identity| ModelInfo { identity, ..Default::default() });
        let (backend, version) = ("fake".into(), "1.2".into());
        Ok(Response::new(Inspected { backend, version, state, model, ..Default::default() }))
    }
}
