//! What backends serve, as far as who starts them must know it.

use crate::name::ProtoName;

/// The service that backends serve, and how one tells that it is ready.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Contract {
    /// The service's full name.
    pub service: ProtoName,
    /// Its call for health, which takes an empty message.
    pub health: ProtoName,
    /// The first field of a ready backend's answer, exactly.
    pub ready: String,
}

/// LocalAI's.
impl Default for Contract {
    fn default() -> Self {
        const SERVICE: ProtoName = ProtoName::of("backend.Backend");
        const HEALTH: ProtoName = ProtoName::of("Health");
        Self { service: SERVICE, health: HEALTH, ready: "OK".to_owned() }
    }
}

impl Contract {
    /// The call for health, as gRPC writes it.
    ///
    /// ```
    /// assert_eq!(model::contract::Contract::default().health_call(), "/backend.Backend/Health");
    /// ```
    pub fn health_call(&self) -> String {
        format!("/{}/{}", self.service.as_str(), self.health.as_str())
    }
}
