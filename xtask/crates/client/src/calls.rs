//! The calls of both services over one connection.

use tonic::Code;

use crate::connection::Connection;
use crate::proto::backend_client::BackendClient;
use crate::proto::inspection_client::InspectionClient;
use crate::proto::status_response::State;
use crate::proto::{InspectRequest, Inspected};
use crate::{Contract, Error, Result};

/// Embeddings and stores of many vectors are large.
const LARGEST_MESSAGE: usize = 256 << 20;

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
    /// To the backend at `address`, for a caller with this token, or none.
    pub(crate) fn new(address: &str, contract: &Contract, token: Option<&str>) -> Result<Self> {
        let connection = Connection::new(address, contract, token)?;
        let inspection = InspectionClient::new(connection.clone());
        let backend = BackendClient::new(connection).max_decoding_message_size(LARGEST_MESSAGE);
        Ok(Self { backend, inspection })
    }

    /// Whether it needs no model, and so is ready from the start.
    pub(crate) async fn ready_without_model(&mut self) -> Result<bool> {
        let inspected = self.inspect().await?;
        Ok(inspected.is_some_and(|it| {
            it.state() == State::Ready && it.model.is_none_or(|model| model.identity.is_empty())
        }))
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
