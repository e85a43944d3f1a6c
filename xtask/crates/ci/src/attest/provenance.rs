//! How a merged image was made: an in-toto statement with a SLSA provenance predicate.

use crate::merge::{About, Legs};
use model::oci::{ImageDigest, Repository, Tag};
use serde_json::{Map, Value, json};

/// What is said of the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The image's suffix.
    pub suffix: String,
    /// The event, for people.
    pub event: String,
    /// The tags that were asked for.
    pub tags: Vec<Tag>,
    /// The platform that ran the merge, as a URI.
    pub builder: String,
    /// The run, as a URI; none outside CI.
    pub invocation: Option<String>,
}

/// The statement about an image in one repository.
pub fn provenance(
    repository: &Repository,
    index: &ImageDigest,
    legs: &Legs,
    about: &About,
    made: &Made,
) -> Value {
    let mut dependencies: Vec<Value> = Vec::new();
    if let (Some(source), Some(revision)) = (&about.source, &about.revision) {
        dependencies.push(json!({ "uri": format!("git+{source}"), "digest": { "gitCommit": revision } }));
    }
    dependencies.extend(legs.iter().map(|leg| {
        json!({
            "name": leg.platform.as_str(),
            "uri": format!("oci://{repository}@{}", leg.digest),
            "digest": digest(&leg.digest),
        })
    }));
    let mut metadata = Map::new();
    if let Some(invocation) = &made.invocation {
        metadata.insert("invocationId".to_owned(), json!(invocation));
    }
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": repository.to_string(), "digest": digest(index) }],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:xtask:merge:v1",
                "externalParameters": { "suffix": made.suffix, "event": made.event, "tags": made.tags },
                "resolvedDependencies": dependencies,
            },
            "runDetails": { "builder": { "id": made.builder }, "metadata": metadata },
        },
    })
}

/// The predicate's type.
pub const PREDICATE: &str = "https://slsa.dev/provenance/v1";

fn digest(digest: &ImageDigest) -> Value {
    let mut map = Map::new();
    map.insert(digest.algorithm().as_str().to_owned(), json!(digest.hex()));
    Value::Object(map)
}
