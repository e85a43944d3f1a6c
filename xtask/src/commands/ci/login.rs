//! `ci login`: docker's credentials, from variables that only this step has.

use crate::commands::workflows::facts;
use crate::exit::Done;
use anyhow::{Result, ensure};
use drive::error::Coded;
use drive::session::Session;
use halt::Run;
use std::process::Command;
use workflows::facts::credential;

/// Logs in wherever there is a user.
pub fn run(session: &Session) -> Result<Done> {
    let mut done = Vec::new();
    for host in facts(&session.manifests)?.registries {
        let var = |part: &str| std::env::var(credential(&host, part)).ok().filter(|value| !value.is_empty());
        match (var("USERNAME"), var("PASSWORD")) {
            (Some(user), Some(password)) => {
                login(&host, &user, &password)?;
                done.push(host);
            }
            (Some(_), None) => {
                let name = credential(&host, "PASSWORD");
                return Err(Coded::Usage(format!("there is a user for {host}, and {name} is not set")).into());
            }
            (None, _) => {
                let name = credential(&host, "USERNAME");
                session.ui.note(&format!("passing over {host}: {name} is not set"));
            }
        }
    }
    session.ui.done(&if done.is_empty() {
        "logged in nowhere".to_owned()
    } else {
        format!("logged in to {}", done.join(" and "))
    });
    Ok(Done::Well)
}

/// The password goes in by standard input: arguments can be read by every process of the machine.
fn login(host: &str, user: &str, password: &str) -> Result<()> {
    let mut command = Command::new("docker");
    command.args(["login", "--username", user, "--password-stdin", host]);
    let output = Run::new(command)
        .input(password)
        .output()
        .map_err(|error| Coded::Missing(format!("cannot run docker: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr).replace(password, "***");
    ensure!(output.status.success(), "docker login to {host} as {user} failed: {}", said.trim());
    Ok(())
}
