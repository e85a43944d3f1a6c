//! Docker's credential helpers: `docker-credential-NAME get`.

use crate::auth::credentials::Credentials;
use halt::Run;
use serde::Deserialize;
use std::process::Command;
use std::time::Duration;
use transfer::Secret;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

const LIMIT: Duration = Duration::from_secs(30);
/// The user name that marks an identity token.
const IDENTITY: &str = "<token>";

/// What the helper knows about `server`; `None` if it has nothing. Errors are texts without secrets.
pub(crate) fn get(name: &str, server: &str) -> Result<Option<Credentials>, String> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return Err(format!("`{name}` is not the name of a credential helper"));
    }
    let program = format!("docker-credential-{name}");
    let mut command = Command::new(&program);
    command.arg("get");
    let output = Run::new(command).input(server).limit(LIMIT).output().map_err(|error| {
        if error.is_missing() {
            format!(
                "docker's configuration asks for `{program}`, which is not installed; install it, or remove it from there"
            )
        } else {
            format!("cannot run `{program}`: {error}")
        }
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout).to_lowercase();
        return if said.contains("not found") {
            Ok(None)
        } else {
            Err(format!("`{program} get` failed ({})", output.status))
        };
    }
    read(&output.stdout).map(Some).ok_or_else(|| format!("`{program}` answered no credentials"))
}

/// What a helper answered.
pub(crate) fn read(answer: &[u8]) -> Option<Credentials> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    Some(match answer.username.as_str() {
        IDENTITY => Credentials::Identity(Secret::new(answer.secret)),
        _ => Credentials::Basic { user: answer.username, password: Secret::new(answer.secret) },
    })
}
