//! Runs commands: probes of the host, the native runner, the jobserver.

pub mod ccache;
pub mod clock;
pub mod disk;
pub mod environment;
pub mod facts;
pub mod host;
pub mod install;
pub mod jobserver;
pub mod places;
pub mod run;
pub mod stop;
pub mod tools;
