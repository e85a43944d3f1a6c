//! One connection to a backend: under its service's name, with the token that it may demand.

use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::header::AUTHORIZATION;
use tonic::codegen::http::{HeaderValue, Request, Response, Uri};
use tonic::transport::channel::ResponseFuture;
use tonic::transport::{Channel, Endpoint};

use crate::{Contract, Error, Result};

/// A connection to a backend.
#[derive(Clone, Debug)]
pub struct Connection {
    channel: Channel,
    contract: Arc<Contract>,
    token: Option<HeaderValue>,
}

/// LocalAI and its backends agree on a token by this variable.
pub(crate) const TOKEN: &str = "LOCALAI_GRPC_AUTH_TOKEN";

impl Connection {
    /// To the backend at `address`, which is not reached for before the first call.
    pub(crate) fn new(address: &str, contract: &Contract, token: Option<&str>) -> Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| Error::Address { given: address.to_owned(), error })?;
        let token = token.map(bearer).transpose()?;
        Ok(Self { channel: endpoint.connect_lazy(), contract: Arc::new(contract.clone()), token })
    }
}

/// The token of the environment.
pub(crate) fn token_of_environment() -> Option<String> {
    std::env::var(TOKEN).ok().filter(|token| !token.is_empty())
}

fn bearer(token: &str) -> Result<HeaderValue> {
    let mut value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Error::Token { variable: TOKEN })?;
    value.set_sensitive(true);
    Ok(value)
}

impl Service<Request<Body>> for Connection {
    type Response = Response<Body>;
    type Error = tonic::transport::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        self.channel.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let path = self.contract.path(request.uri().path());
        if let Some(uri) = path.and_then(|path| Uri::try_from(path).ok()) {
            *request.uri_mut() = uri;
        }
        if let Some(token) = &self.token {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        self.channel.call(request)
    }
}
