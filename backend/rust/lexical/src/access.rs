//! Who may call: those who know the token, where there is one.

use tonic::service::Interceptor;
use tonic::{Request, Status};

/// Demands `authorization: Bearer TOKEN` of every call; without a token, of none.
#[derive(Clone, Default)]
pub struct Access {
    expected: Option<Vec<u8>>,
}

impl Access {
    /// The token that `LocalAI` and its backends agree on; an empty one is none.
    pub fn from_environment() -> Self {
        let token = std::env::var("LOCALAI_GRPC_AUTH_TOKEN").unwrap_or_default();
        Self { expected: (!token.is_empty()).then(|| format!("Bearer {token}").into_bytes()) }
    }
}

impl Interceptor for Access {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let Some(expected) = &self.expected else { return Ok(request) };
        let given = request
            .metadata()
            .get("authorization")
            .map(tonic::metadata::AsciiMetadataValue::as_encoded_bytes);
        match given {
            Some(given) if same(given, expected) => Ok(request),
            _ => Err(Status::unauthenticated("the token is missing or wrong")),
        }
    }
}

/// Whether both are equal, in a time that tells nothing of where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_opens() {
        let mut access = Access { expected: Some(b"Bearer secret".to_vec()) };
        for (given, opens) in [
            (None, false),
            (Some("secret"), false),
            (Some("Bearer secre"), false),
            (Some("Bearer secret2"), false),
            (Some("Bearer Secret"), false),
            (Some("Bearer secret"), true),
        ] {
            let mut request = Request::new(());
            if let Some(given) = given {
                request.metadata_mut().insert("authorization", given.parse().unwrap());
            }
            assert_eq!(access.call(request).is_ok(), opens, "{given:?}");
        }
        assert!(Access::default().call(Request::new(())).is_ok());
    }
}
