//! The one agent: its connections are used again by whoever asks the same origin next.

use crate::dial::{Dialer, Unresolved};
use crate::proxy::Proxies;
use std::sync::OnceLock;
use ureq::Agent;

/// Bytes of the head of an answer.
const HEAD: usize = 64 << 10;
/// Connections that are kept for the next request.
const IDLE: usize = 32;

/// The agent of this process. The environment is read once.
pub(crate) fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let config = Agent::config_builder()
            .user_agent("cargo-xtask")
            .accept_encoding("")
            .http_status_as_error(false)
            .max_redirects(0)
            .max_response_header_size(HEAD)
            .max_idle_connections(IDLE)
            .max_idle_connections_per_host(IDLE)
            .proxy(None)
            .build();
        let proxies = Proxies::new(|name| std::env::var(name).ok());
        Agent::with_parts(config, Dialer(proxies), Unresolved)
    })
}
