//! Runs commands: probes of the host, the native runner, the jobserver.
