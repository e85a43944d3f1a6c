//! TLS, by the certificates of the system.

use crate::error::TransferError;
use crate::url::Origin;
use crate::wire::Wire;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io;
use std::sync::{Arc, OnceLock};

/// An encrypted connection.
pub(crate) type Encrypted = StreamOwned<ClientConnection, Wire>;

/// Reading a hundred and more certificates takes long enough to do it once.
static CONFIG: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();

/// Makes sure that the other side is who it should be. Errors are of [`TransferError`], or of the wire.
pub(crate) fn wrap(mut wire: Wire, origin: &Origin) -> io::Result<Encrypted> {
    let untrusted =
        |reason: String| io::Error::from(TransferError::Untrusted { host: origin.host().to_owned(), reason });
    let config = CONFIG.get_or_init(config).clone().map_err(&untrusted)?;
    let name =
        ServerName::try_from(origin.host().to_owned()).map_err(|error| untrusted(error.to_string()))?;
    let mut connection = ClientConnection::new(config, name).map_err(|error| untrusted(error.to_string()))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut wire).map_err(|error| {
            let certificate = error.get_ref().and_then(|inner| inner.downcast_ref());
            match certificate {
                Some(rustls::Error::InvalidCertificate(reason)) => untrusted(reason.to_string()),
                _ => error,
            }
        })?;
    }
    Ok(StreamOwned::new(connection, wire))
}

fn config() -> Result<Arc<ClientConfig>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(format!("this machine knows no authorities (install ca-certificates){why}"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
