//! What the repository says of its backends' service: its name, the call for health, and what a ready one answers.

/// The service that is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The service's full name.
    pub service: String,
    /// Its call for health.
    pub health: String,
    /// What a ready backend answers, exactly.
    pub ready: String,
}

/// LocalAI's.
impl Default for Contract {
    fn default() -> Self {
        Self { service: "backend.Backend".into(), health: "Health".into(), ready: "OK".into() }
    }
}

impl Contract {
    /// The path of a call that the generated client makes under the names of `backend.proto`; none where it is as it
    /// should be.
    pub(crate) fn path(&self, made: &str) -> Option<String> {
        let known = Self::default();
        let method = made.strip_prefix('/')?.strip_prefix(&known.service)?.strip_prefix('/')?;
        let method = if method == known.health { &self.health } else { method };
        let path = format!("/{}/{method}", self.service);
        (path != made).then_some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::Contract;

    #[test]
    fn calls_go_to_the_service_that_the_repository_names() {
        let own = Contract { service: "own.v1.Models".into(), health: "Ping".into(), ready: "up".into() };
        assert_eq!(own.path("/backend.Backend/Predict").as_deref(), Some("/own.v1.Models/Predict"));
        assert_eq!(own.path("/backend.Backend/Health").as_deref(), Some("/own.v1.Models/Ping"));
        assert_eq!(own.path("/backend.Inspection/Inspect"), None);
        assert_eq!(Contract::default().path("/backend.Backend/Health"), None);
    }
}
