//! A builder as `docker buildx inspect` shows it.

use super::BuildxError;
use model::platform::Platform;
use std::fmt;

/// How buildx reaches BuildKit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Driver {
    /// The BuildKit inside the Docker daemon.
    Docker,
    /// A BuildKit in a container that buildx looks after.
    DockerContainer,
    /// Pods of a Kubernetes cluster.
    Kubernetes,
    /// A BuildKit that somebody else runs.
    Remote,
    /// One that is not known here.
    Other(String),
}

impl Driver {
    /// Whether results can be pushed by digest and layer caches written to a registry.
    pub fn pushes(&self) -> bool {
        *self != Self::Docker
    }
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Docker => "docker",
            Self::DockerContainer => "docker-container",
            Self::Kubernetes => "kubernetes",
            Self::Remote => "remote",
            Self::Other(name) => name,
        })
    }
}

/// A builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Builder {
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub driver: Driver,
    /// Why it cannot be used, as buildx tells it.
    pub error: Option<String>,
    /// What it builds for; empty if it does not tell, as one that is not started yet.
    pub platforms: Vec<Platform>,
}

impl Builder {
    /// From what `docker buildx inspect` prints.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| {
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
        };
        let driver = match field("Driver")? {
            "docker" => Driver::Docker,
            "docker-container" => Driver::DockerContainer,
            "kubernetes" => Driver::Kubernetes,
            "remote" => Driver::Remote,
            other => Driver::Other(other.to_owned()),
        };
        // A builder works as long as one of its nodes does; containers and pods are started when they are needed.
        let starts = matches!(driver, Driver::DockerContainer | Driver::Kubernetes);
        let works =
            |status: &str| status == "running" || (starts && matches!(status, "inactive" | "stopped"));
        let works =
            text.lines().filter_map(|line| line.strip_prefix("Status:")).any(|status| works(status.trim()));
        let error = match field("Error") {
            _ if works => None,
            Some(error) => Some(error.to_owned()),
            None => Some("it is not running".to_owned()),
        };
        let mut platforms: Vec<Platform> = text
            .lines()
            .filter_map(|line| line.strip_prefix("Platforms:"))
            .flat_map(|list| list.split(','))
            // Those that somebody set by hand have a star.
            .filter_map(|platform| platform.trim().trim_end_matches('*').parse().ok())
            .collect();
        platforms.sort_unstable();
        platforms.dedup();
        Some(Self { name: field("Name")?.to_owned(), driver, error, platforms })
    }

    /// Fails where the builder is known not to build for a platform.
    pub fn builds(&self, platform: Platform) -> Result<(), BuildxError> {
        if self.platforms.is_empty() || self.platforms.contains(&platform) {
            return Ok(());
        }
        let has: Vec<&str> = self.platforms.iter().map(|platform| platform.as_str()).collect();
        Err(BuildxError::Platform { builder: self.name.clone(), platform, has: has.join(", ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_running_and_a_broken_one() {
        let text = "Name:          b1\nDriver:        remote\nLast Activity: 2026\n\nNodes:\nName:             b10\nEndpoint:         unix:///s\nStatus:           running\nBuildKit version: v0.25\nPlatforms: linux/amd64*, linux/amd64/v2, linux/386\n";
        let amd64: Platform = "linux/amd64".parse().unwrap();
        let running =
            Builder { name: "b1".into(), driver: Driver::Remote, error: None, platforms: vec![amd64] };
        assert_eq!(Builder::parse(text), Some(running.clone()));
        running.builds(amd64).unwrap();
        let other = running.builds("linux/arm64".parse().unwrap()).unwrap_err().to_string();
        assert!(other.contains("linux/arm64") && other.contains("it builds for linux/amd64"), "{other}");
        let text = "Name:   default\nDriver: \nError:  Cannot connect to the Docker daemon\n";
        assert!(Builder::parse(text).unwrap().error.unwrap().starts_with("Cannot connect"));
        let inactive =
            |driver: &str| format!("Name: b\nDriver: {driver}\n\nNodes:\nName: b0\nStatus: inactive\n");
        assert!(Builder::parse(&inactive("remote")).unwrap().error.is_some());
        let stopped = Builder::parse(&inactive("docker-container")).unwrap();
        assert!(stopped.error.is_none() && stopped.builds("linux/arm64".parse().unwrap()).is_ok());
        assert_eq!(Builder::parse("ERROR: no builder \"x\" found"), None);
    }
}
