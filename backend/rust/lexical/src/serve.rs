//! From a socket to the end of the process.

use crate::access::Access;
use crate::arguments::Address;
use crate::listen::Listener;
use crate::parent::Parent;
use crate::proto::backend_server::BackendServer;
use crate::proto::inspection_server::InspectionServer;
use crate::service::Lexical;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio_stream::wrappers::{TcpListenerStream, UnixListenerStream};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;

/// Vectors travel in bulk: 64 MiB are 30,000 of 512 numbers.
const MAX_MESSAGE: usize = 64 << 20;

/// The most calls that one connection may have open.
const MOST_STREAMS: u32 = 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves until a signal ends it.
pub fn serve(address: &Address, grace: Duration) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(address, grace))
}

async fn run(address: &Address, grace: Duration) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let parent = Parent::of_now();
    let (listener, told) = Listener::open(address)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", shown(address)))?;
    let (lexical, access) = (Arc::new(Lexical::default()), Access::from_environment());
    let backend = BackendServer::from_arc(Arc::clone(&lexical))
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE);
    let server = Server::builder()
        .max_concurrent_streams(MOST_STREAMS)
        .add_service(InterceptedService::new(backend, access.clone()))
        .add_service(InterceptedService::new(InspectionServer::from_arc(lexical), access));
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async {
        // An error means that nobody is left to ask for an end, which is one.
        let _ = stopped.await;
    };
    announce(&told)?;
    let ended = async {
        tokio::select! {
            () = signals.next() => {}
            () = parent.ended() => {}
        }
        // Refuses new requests, and lets those go on that run.
        let _ = stop.send(());
        tokio::select! {
            () = tokio::time::sleep(grace) => {}
            () = signals.next() => {}
        }
    };
    match listener {
        Listener::Tcp(listener) => {
            let incoming = TcpListenerStream::new(listener);
            tokio::select! {
                result = server.serve_with_incoming_shutdown(incoming, stopped) => result?,
                () = ended => {}
            }
        }
        Listener::Unix(listener, _socket) => {
            let incoming = UnixListenerStream::new(listener);
            tokio::select! {
                result = server.serve_with_incoming_shutdown(incoming, stopped) => result?,
                () = ended => {}
            }
        }
    }
    Ok(())
}

/// The one line that says where clients find this.
fn announce(address: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on {address}")?;
    stdout.flush()
}

fn shown(address: &Address) -> String {
    match address {
        Address::Tcp(address) => address.to_string(),
        Address::Unix(path) => format!("unix:{}", path.display()),
    }
}

/// Whoever asks this process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
