//! The calls of both services over one connection.

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use crate::proto::backend_client::BackendClient;
use crate::proto::inspection_client::InspectionClient;
use crate::proto::{InspectRequest, Inspected};
use crate::{Error, Result};

/// Embeddings and stores of many vectors are large.
const LARGEST_MESSAGE: usize = 256 << 20;

/// What brings the token along that a backend may demand.
pub type Connection = InterceptedService<Channel, Token>;

/// A connection to a backend.
#[derive(Clone, Debug)]
pub struct Client {
    /// The contract.
    pub backend: BackendClient<Connection>,
    inspection: InspectionClient<Connection>,
}

/// Who answers: what a backend of ours says of itself, and nothing of another's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The backend's name.
    pub backend: String,
    /// What it was built from; may be empty.
    pub version: String,
}

impl Client {
    /// To the backend at `address`, which is not reached for before the first call.
    pub(crate) fn new(address: &str) -> Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| Error::Address { given: address.to_owned(), error })?;
        let (channel, token) = (endpoint.connect_lazy(), Token::from_environment()?);
        let backend = BackendClient::with_interceptor(channel.clone(), token.clone());
        let inspection = InspectionClient::with_interceptor(channel, token);
        Ok(Self { backend: backend.max_decoding_message_size(LARGEST_MESSAGE), inspection })
    }

    /// What a backend of ours tells of itself; none if it is another's, which does not know the question.
    pub async fn inspect(&mut self) -> Result<Option<Inspected>> {
        match self.inspection.inspect(InspectRequest {}).await {
            Ok(answer) => Ok(Some(answer.into_inner())),
            Err(status) if status.code() == Code::Unimplemented => Ok(None),
            Err(status) => Err(Error::call("inspecting the backend")(status)),
        }
    }
}

/// LocalAI and its backends agree on a token by an environment variable.
#[derive(Clone, Debug)]
pub struct Token(Option<MetadataValue<Ascii>>);

impl Token {
    const VARIABLE: &str = "LOCALAI_GRPC_AUTH_TOKEN";

    fn from_environment() -> Result<Self> {
        let token = std::env::var(Self::VARIABLE).unwrap_or_default();
        if token.is_empty() {
            return Ok(Self(None));
        }
        let mut value: MetadataValue<Ascii> =
            format!("Bearer {token}").parse().map_err(|_| Error::Token { variable: Self::VARIABLE })?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> std::result::Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}
