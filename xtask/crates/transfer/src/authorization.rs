//! Who we are to one origin.

use crate::error::TransferError;
use crate::secret::Secret;
use crate::url::Origin;

/// An `Authorization` header together with the origin that it belongs to. Nobody else is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    origin: Origin,
    value: Secret,
}

impl Authorization {
    /// Refused where others could read it on its way.
    pub fn new(origin: &Origin, value: Secret) -> Result<Self, TransferError> {
        if origin.is_encrypted() || origin.is_loopback() {
            return Ok(Self::as_written(origin, value));
        }
        Err(TransferError::Readable { to: origin.authority() })
    }

    /// What somebody wrote into a URL is for its origin, whatever that is.
    pub(crate) fn as_written(origin: &Origin, value: Secret) -> Self {
        Self { origin: origin.clone(), value }
    }

    /// The header, if it belongs to this origin.
    pub(crate) fn value_for(&self, origin: &Origin) -> Option<&Secret> {
        (self.origin == *origin).then_some(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::url::Url;

    #[test]
    fn it_is_for_one_origin_and_not_in_the_clear() {
        let origin = |text: &str| Url::parse(text).unwrap().origin().clone();
        let secret = Secret::new("Bearer s3cret");
        let ours = Authorization::new(&origin("https://a/"), secret.clone()).unwrap();
        assert_eq!(ours.value_for(&origin("https://a:443/x")), Some(&secret));
        for other in ["http://a:443/", "https://b/", "https://a:444/"] {
            assert_eq!(ours.value_for(&origin(other)), None, "{other}");
        }
        assert!(Authorization::new(&origin("http://127.0.0.1:5000/"), secret.clone()).is_ok());
        let error = Authorization::new(&origin("http://a/"), secret).unwrap_err().to_string();
        assert!(
            error.contains("a:80 is spoken to without encryption") && !error.contains("s3cret"),
            "{error}"
        );
    }
}
