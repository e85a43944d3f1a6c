//! Readers of what others wrote that are nobody's business but this crate's, for the fuzz targets.

use crate::auth::{docker, helper};
use crate::client::authorize;

/// Reads docker's configuration, a helper's answer and a token service's, all from the same bytes.
pub fn read_credentials(bytes: &[u8], host: &str) {
    let _ = docker::stored(bytes, host).map(drop);
    let _ = helper::read(bytes);
    if let Ok((token, life)) = authorize::given(bytes) {
        assert!(!token.reveal().is_empty() && life.as_secs() <= 86_400, "a token that lives too long");
    }
}
