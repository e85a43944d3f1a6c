//! Docker's data on the larger disk of a hosted runner.

use super::{Runner, Verdict};
use plan::cmd::Cmd;
use serde_json::{Map, Value};

/// Where Docker's data goes.
pub const DATA: &str = "/mnt/docker-data";
/// Where temporary files of builds go.
const TEMPORARY: &str = "/mnt/docker-tmp";
/// Where Docker's data was.
const WAS: &str = "/var/lib/docker";
/// Docker's configuration.
const CONFIGURATION: &str = "/etc/docker/daemon.json";

/// What is captured of Docker and the disks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Docker<'a> {
    /// The text of its configuration, if it has any.
    pub configuration: Option<&'a str>,
    /// `/mnt` is another disk than `/`.
    pub other_disk: bool,
    /// There is a Docker.
    pub installed: bool,
}

/// Docker's configuration cannot be changed without losing what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{CONFIGURATION}: {0}; nothing was changed: mend or remove the file")]
pub struct DiskError(String);

/// Moves Docker's data, before it is used for the first time.
pub fn disk(runner: &Runner, docker: Docker<'_>) -> Result<Verdict, DiskError> {
    let leave = |why: &str| Ok(Verdict::Leave(why.to_owned()));
    if let Some(objection) = runner.objection() {
        return leave(&objection);
    }
    if runner.arch.as_deref() != Some("X64") {
        let arch = runner.arch.as_deref().unwrap_or("unknown");
        return leave(&format!("this runner's architecture is {arch}; only X64 ones have a second disk"));
    }
    if !docker.installed {
        return leave("there is no Docker");
    }
    if !docker.other_disk {
        return leave("/mnt is on the same disk as /");
    }
    let mut configuration = parse(docker.configuration)?;
    let data = Value::String(DATA.to_owned());
    if configuration.insert("data-root".to_owned(), data.clone()) == Some(data) {
        return leave(&format!("Docker's data is in {DATA} already"));
    }
    let text = format!("{:#}\n", Value::Object(configuration));
    Ok(Verdict::Run(vec![
        Cmd::root("systemctl").args(["stop", "docker.socket", "docker.service"]),
        Cmd::root("mkdir").args(["-p", DATA, TEMPORARY, "/etc/docker"]),
        Cmd::root("chmod").args(["1777", TEMPORARY]),
        Cmd::root("rsync").args(["-aHAX", &format!("{WAS}/"), DATA]),
        Cmd::root("tee").arg(CONFIGURATION).stdin(text),
        Cmd::root("rm").args(["-rf", "--", WAS]),
        Cmd::root("systemctl").args(["start", "docker.service"]),
    ]))
}

/// The directory for temporary files, as a variable.
pub fn temporary() -> (&'static str, &'static str) {
    ("TMPDIR", TEMPORARY)
}

fn parse(text: Option<&str>) -> Result<Map<String, Value>, DiskError> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(Map::new()) };
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(DiskError("expected a JSON object".to_owned())),
        Err(error) => Err(DiskError(format!("not JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::hosted;

    const DOCKER: Docker<'_> = Docker { configuration: None, other_disk: true, installed: true };

    fn left(runner: &Runner, docker: Docker<'_>) -> String {
        match disk(runner, docker).unwrap() {
            Verdict::Leave(why) => why,
            Verdict::Run(cmds) => panic!("{cmds:?}"),
        }
    }

    #[test]
    fn leaves_what_it_should_not_touch() {
        assert!(left(&Runner::default(), DOCKER).contains("no hosted runner"));
        let arm = Runner { arch: Some("ARM64".to_owned()), ..hosted() };
        assert!(left(&arm, DOCKER).contains("ARM64"));
        assert!(left(&hosted(), Docker { other_disk: false, ..DOCKER }).contains("same disk"));
        assert!(left(&hosted(), Docker { installed: false, ..DOCKER }).contains("no Docker"));
        let done = Docker { configuration: Some(r#"{"data-root":"/mnt/docker-data"}"#), ..DOCKER };
        assert!(left(&hosted(), done).contains("already"));
    }

    #[test]
    fn keeps_what_the_configuration_says() {
        let docker = Docker { configuration: Some(r#"{"log-level": "warn"}"#), ..DOCKER };
        let Verdict::Run(cmds) = disk(&hosted(), docker).unwrap() else { panic!() };
        let tee = cmds.iter().find(|cmd| cmd.program == "tee".into()).unwrap();
        let written: Value = serde_json::from_str(tee.stdin.as_deref().unwrap()).unwrap();
        assert_eq!(written, serde_json::json!({"log-level": "warn", "data-root": DATA}));
        // Nothing is removed before it was copied, and before the new place is configured.
        let at = |program: &str| cmds.iter().position(|cmd| cmd.program == program.into()).unwrap();
        assert!(at("rsync") < at("tee") && at("tee") < at("rm"));
        assert!(cmds.iter().all(|cmd| cmd.root));
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_left_alone() {
        for text in ["{", "[]", "\"x\""] {
            let docker = Docker { configuration: Some(text), ..DOCKER };
            assert!(disk(&hosted(), docker).unwrap_err().to_string().contains("nothing was changed"));
        }
    }
}
