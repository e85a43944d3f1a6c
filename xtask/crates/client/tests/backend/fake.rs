//! A backend in a few lines: generates the prompt's words over and over, embeds letters, stores vectors.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use client::proto::backend_server::{Backend, BackendServer};
use client::proto::predict_request::Input;
use client::proto::*;
use client::task::cosine;
use tokio::sync::{Notify, mpsc};
use tonic::codegen::tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;
type Chunks = Pin<Box<dyn Stream<Item = Result<PredictChunk, Status>> + Send>>;

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
    /// The stream ends without its last chunk.
    Unfinished,
    /// What comes in pieces is not what comes at once.
    TwoMinds,
    /// Every text has the same vector.
    OneVector,
    /// Deletes nothing, and says that it did.
    Hoarder,
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
}

impl Fake {
    pub fn new(quirk: Quirk) -> Self {
        Self { quirk, ..Self::default() }
    }

    /// Serves until the task is dropped; the address is bound when this returns.
    pub fn serve(self) -> (SocketAddr, impl Future<Output = Result<(), tonic::transport::Error>>) {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = incoming.local_addr().unwrap();
        let service = BackendServer::new(self);
        (address, tonic::transport::Server::builder().serve_with_incoming(service, incoming))
    }

    fn words(&self, request: &PredictRequest) -> Result<Vec<String>, Status> {
        if self.model.lock().unwrap().is_none() {
            return Err(Status::failed_precondition("no model is loaded"));
        }
        let text = match &request.input {
            Some(Input::Prompt(text)) => text.clone(),
            Some(Input::Conversation(all)) => all.messages.iter().map(|m| m.content.as_str()).collect(),
            None => return Err(Status::invalid_argument("no input")),
        };
        let count = request.max_tokens.unwrap_or(4) as usize;
        Ok(text.split(' ').cycle().take(count).map(|word| format!("{word} ")).collect())
    }

    fn last_chunk(tokens: usize) -> PredictChunk {
        PredictChunk {
            done: true,
            finish_reason: FinishReason::Length.into(),
            usage: Some(Self::usage(tokens)),
            ..Default::default()
        }
    }

    fn usage(tokens: usize) -> Usage {
        Usage {
            prompt_tokens: 3,
            completion_tokens: u32::try_from(tokens).unwrap(),
            seed: 7,
            ..Default::default()
        }
    }
}

fn bits(key: &Vector) -> Vec<u32> {
    key.values.iter().map(|n| n.to_bits()).collect()
}

#[tonic::async_trait]
impl Backend for Fake {
    type PredictStreamStream = Chunks;

    async fn health(&self, _: Request<HealthRequest>) -> Answer<HealthResponse> {
        match self.quirk {
            Quirk::Sick => Err(Status::unavailable("still warming up")),
            Quirk::Mute => std::future::pending().await,
            Quirk::Foreign => Err(Status::unimplemented("what is Health?")),
            _ => Ok(Response::new(HealthResponse { backend: "fake".into(), version: "1.2".into() })),
        }
    }

    async fn load_model(&self, request: Request<LoadModelRequest>) -> Answer<LoadModelResponse> {
        let path = request.into_inner().model;
        if self.quirk == Quirk::Modelless {
            return Err(Status::unimplemented("no models here"));
        }
        if self.quirk == Quirk::Packaged && path.is_empty() {
            *self.model.lock().unwrap() = Some("its own".into());
            return Ok(Response::new(LoadModelResponse::default()));
        }
        let bytes = std::fs::read(&path).map_err(|e| Status::not_found(e.to_string()))?;
        if !bytes.starts_with(b"GGUF") {
            return Err(Status::invalid_argument("this file is no GGUF"));
        }
        *self.model.lock().unwrap() = Some(path.clone());
        let model = ModelInfo { path, description: "a fake".into(), ..Default::default() };
        Ok(Response::new(LoadModelResponse { model: Some(model), load_ms: 1.0 }))
    }

    async fn predict(&self, request: Request<PredictRequest>) -> Answer<PredictResponse> {
        let words = self.words(request.get_ref())?;
        let text = if self.quirk == Quirk::TwoMinds { "something else".into() } else { words.concat() };
        let finish_reason = FinishReason::Length.into();
        let usage = Some(Self::usage(words.len()));
        Ok(Response::new(PredictResponse { text, finish_reason, usage, ..Default::default() }))
    }

    async fn predict_stream(&self, request: Request<PredictRequest>) -> Answer<Chunks> {
        let words = self.words(request.get_ref())?;
        let (sender, chunks) = mpsc::channel(1);
        let (quirk, left) = (self.quirk, self.left.clone());
        tokio::spawn(async move {
            let count = words.len();
            for (n, text) in words.into_iter().enumerate() {
                if quirk == Quirk::Crash && n == 2 {
                    std::process::exit(9);
                }
                if sender.send(Ok(PredictChunk { text, ..Default::default() })).await.is_err() {
                    break;
                }
            }
            if quirk == Quirk::Endless {
                sender.closed().await;
                left.notify_one();
            } else if quirk != Quirk::Unfinished {
                let _ = sender.send(Ok(Self::last_chunk(count))).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(chunks))))
    }

    async fn embedding(&self, request: Request<EmbeddingRequest>) -> Answer<EmbeddingResponse> {
        if self.model.lock().unwrap().is_none() {
            return Err(Status::failed_precondition("no model is loaded"));
        }
        let embed = |text: &String| {
            let mut values = vec![0.0_f32; 26];
            for letter in text.bytes().filter(u8::is_ascii_lowercase) {
                values[usize::from(letter - b'a')] += 1.0;
            }
            if self.quirk == Quirk::OneVector {
                values = vec![1.0; 26];
            }
            let length = values.iter().map(|n| n * n).sum::<f32>().sqrt();
            Vector { values: values.iter().map(|n| n / length).collect() }
        };
        let embeddings = request.get_ref().inputs.iter().map(embed).collect();
        Ok(Response::new(EmbeddingResponse { embeddings, prompt_tokens: 1 }))
    }

    async fn stores_set(&self, request: Request<StoresSetRequest>) -> Answer<StoresSetResponse> {
        let request = request.into_inner();
        self.store.lock().unwrap().extend(request.keys.iter().map(bits).zip(request.values));
        Ok(Response::new(StoresSetResponse {}))
    }

    async fn stores_get(&self, request: Request<StoresGetRequest>) -> Answer<StoresGetResponse> {
        let store = self.store.lock().unwrap();
        let found = request
            .get_ref()
            .keys
            .iter()
            .filter_map(|key| Some((key.clone(), store.get(&bits(key))?.clone())));
        let (keys, values) = found.unzip();
        Ok(Response::new(StoresGetResponse { keys, values }))
    }

    async fn stores_delete(&self, request: Request<StoresDeleteRequest>) -> Answer<StoresDeleteResponse> {
        let keys = request.into_inner().keys;
        if self.quirk != Quirk::Hoarder {
            self.store.lock().unwrap().retain(|stored, _| !keys.iter().any(|key| bits(key) == *stored));
        }
        Ok(Response::new(StoresDeleteResponse { deleted: u32::try_from(keys.len()).unwrap() }))
    }

    async fn stores_find(&self, request: Request<StoresFindRequest>) -> Answer<StoresFindResponse> {
        let StoresFindRequest { key, top_k } = request.into_inner();
        let sought = key.unwrap().values;
        let mut all: Vec<(f32, Vec<f32>, Vec<u8>)> = (self.store.lock().unwrap().iter())
            .map(|(key, value)| {
                let key: Vec<f32> = key.iter().map(|n| f32::from_bits(*n)).collect();
                (cosine(&key, &sought), key, value.clone())
            })
            .collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.truncate(top_k as usize);
        Ok(Response::new(StoresFindResponse {
            similarities: all.iter().map(|found| found.0).collect(),
            keys: all.iter().map(|found| Vector { values: found.1.clone() }).collect(),
            values: all.into_iter().map(|found| found.2).collect(),
        }))
    }

    async fn status(&self, _: Request<StatusRequest>) -> Answer<StatusResponse> {
        let model = self.model.lock().unwrap().clone();
        let state = if model.is_some() { ModelState::Ready } else { ModelState::Unloaded }.into();
        let model = model.map(|path| ModelInfo { path, ..Default::default() });
        Ok(Response::new(StatusResponse { state, model, ..Default::default() }))
    }

    async fn unload_model(&self, _: Request<UnloadModelRequest>) -> Answer<UnloadModelResponse> {
        Err(Status::unimplemented(""))
    }

    async fn tokenize_string(&self, _: Request<TokenizeStringRequest>) -> Answer<TokenizeStringResponse> {
        Err(Status::unimplemented(""))
    }

    async fn detokenize(&self, _: Request<DetokenizeRequest>) -> Answer<DetokenizeResponse> {
        Err(Status::unimplemented(""))
    }
}
