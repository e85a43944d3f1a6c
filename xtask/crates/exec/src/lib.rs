//! Runs commands: probes of the host, the native runner, the jobserver.
//!
//! [`host::capture`] sees the machine once, for planning; [`facts`] knows versions of tools and packages between runs;
//! [`places`] says where a build's places are; [`resolved`] turns commands of plans into ones of this machine; [`run`] runs one;
//! [`buildx`] builds in containers; [`install`] carries out what `plan::toolchain` says a builder must hold.

pub mod brew;
pub mod buildx;
pub mod ccache;
pub mod checkout;
pub mod cosign;
pub mod disk;
pub mod environment;
pub mod event;
pub mod facts;
pub mod fence;
pub mod host;
pub mod install;
pub mod jobserver;
pub mod macos;
pub mod places;
pub mod processor;
pub mod programs;
pub mod remote_cache;
pub mod resolved;
pub mod run;
pub mod sccache;
pub mod tools;
pub mod uv;
