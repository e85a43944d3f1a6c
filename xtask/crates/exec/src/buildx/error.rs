//! Why nothing can be built in containers here. Each says what to do, and that there is another way.

use super::{FILE_RIGHTS, OLDEST};
use model::platform::Platform;
use model::text::version::Version;

/// The way that needs none of this.
const OTHERWISE: &str = "or build on this machine itself with --realm native";

/// Why nothing can be built in containers here.
#[derive(Debug, thiserror::Error)]
pub enum BuildxError {
    /// There is no client.
    #[error(
        "building in containers needs `docker`, which is not on PATH: install Docker Engine, or the docker client with its \
         buildx plugin (Debian: `apt-get install docker-cli docker-buildx`); {OTHERWISE}"
    )]
    NoDocker,
    /// The client has no buildx.
    #[error(
        "`docker buildx version` failed: {said}\ninstall the buildx plugin, {} or newer (`docker-buildx` or \
         `docker-buildx-plugin` in most distributions); {OTHERWISE}",
        OLDEST
    )]
    NoPlugin {
        /// What it said.
        said: String,
    },
    /// The client is too old.
    #[error(
        "docker buildx {found} is too old: {} or newer is needed, for progress as JSON (since {} it also checks which files \
         a build reads); update the buildx plugin; {OTHERWISE}",
        OLDEST,
        FILE_RIGHTS
    )]
    TooOld {
        /// What there is.
        found: Version,
    },
    /// The builder is not known.
    #[error(
        "there is no builder `{name}`: `docker buildx ls` lists those that there are, `docker buildx create --name {name}` \
         makes one; {OTHERWISE}"
    )]
    NoBuilder {
        /// As asked for.
        name: String,
    },
    /// The daemon's socket may not be opened.
    #[error(
        "no permission to talk to the builder `{builder}`: {said}\nadd yourself to the group of its socket (`sudo usermod \
         -aG docker $USER`, then log in again) or name another builder with --buildx-builder; {OTHERWISE}"
    )]
    Permission {
        /// Which builder.
        builder: String,
        /// What it said.
        said: String,
    },
    /// Nothing answers.
    #[error(
        "the builder `{builder}` cannot be reached: {said}\nstart it (`sudo systemctl start docker`, where it is Docker's \
         own) or name another one with --buildx-builder; {OTHERWISE}"
    )]
    Unreachable {
        /// Which builder.
        builder: String,
        /// What it said.
        said: String,
    },
    /// The builder cannot do what is asked for.
    #[error(
        "the builder `{builder}` (driver `{driver}`) cannot push by digest nor write a layer cache: make one that can with \
         `docker buildx create --name backends --driver docker-container` and pass --buildx-builder backends"
    )]
    CannotPush {
        /// Which builder.
        builder: String,
        /// Its driver.
        driver: String,
    },
    /// The builder is for other machines.
    #[error(
        "the builder `{builder}` cannot build for {platform}: it builds for {has}; build on a machine of that kind, add one \
         with `docker buildx create --append --name {builder}`, or install its emulator (Debian: `apt-get install \
         qemu-user-static`) and start the builder again"
    )]
    Platform {
        /// Which builder.
        builder: String,
        /// As asked for.
        platform: Platform,
        /// What it builds for.
        has: String,
    },
    /// A probe could not be run.
    #[error("cannot run `docker {args}`: {error}; {OTHERWISE}")]
    Probe {
        /// Which.
        args: String,
        /// Why.
        error: halt::ChildError,
    },
}

impl BuildxError {
    /// What a builder's own complaint means.
    pub(super) fn of_builder(builder: &str, said: &str) -> Self {
        let (builder, said) = (builder.to_owned(), said.trim().trim_start_matches("ERROR: ").to_owned());
        let text = said.to_ascii_lowercase();
        if text.contains("no builder") {
            Self::NoBuilder { name: builder }
        } else if text.contains("permission denied") {
            Self::Permission { builder, said }
        } else {
            Self::Unreachable { builder, said }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_told_apart_and_say_what_to_do() {
        let say = |said| BuildxError::of_builder("b", said).to_string();
        let missing = say("ERROR: no builder \"b\" found");
        assert!(missing.contains("docker buildx create --name b"), "{missing}");
        let denied = say("permission denied while trying to connect to the Docker daemon socket");
        assert!(denied.contains("usermod"), "{denied}");
        let down = say("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?");
        assert!(down.contains("systemctl start docker"), "{down}");
        for text in [missing, denied, down, BuildxError::NoDocker.to_string()] {
            assert!(text.contains("--realm native"), "{text}");
        }
    }
}
