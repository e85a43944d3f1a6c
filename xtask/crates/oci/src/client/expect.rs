//! Reads the answers that an operation expects, and turns every other one into an error.

use crate::client::Call;
use crate::client::refusal;
use crate::error::RegistryError;
use transfer::{Response, redact};

/// Deletion is off by default in the reference registry.
const HINT: &str = "for the registry of the distribution project set `storage: delete: enabled: true` \
(REGISTRY_STORAGE_DELETE_ENABLED=true); for Quay set QUAY_TOKEN to an OAuth token with write permission";

/// The answer, if its status is one of these.
pub(crate) fn expect(call: &Call<'_>, response: Response, wanted: &[u16]) -> Result<Response, RegistryError> {
    if wanted.contains(&response.status) {
        return Ok(response);
    }
    let (doing, status) = (call.doing.clone(), response.status);
    if let (300..400, Some(elsewhere)) = (status, response.headers.get("location")) {
        let reason = format!("the registry sends us to {}, whose word is not its own", redact(elsewhere));
        return Err(RegistryError::malformed(&doing, &reason));
    }
    let detail = refusal::detail(&response.body);
    Err(match status {
        404 => RegistryError::Absent { doing, detail },
        405 => RegistryError::Unsupported { doing, detail, hint: HINT },
        400 if refusal::has_code(&response.body, "UNSUPPORTED") => {
            RegistryError::Unsupported { doing, detail, hint: HINT }
        }
        status => RegistryError::Answer { doing, status, detail },
    })
}
