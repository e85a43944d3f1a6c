//! Machines that cannot build in containers: what is missing is said, with what to do about it.

use crate::checkout::{Checkout, Ran, ran};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const BUILD: [&str; 5] = ["build-backend", "local-store", "--realm", "container", "--offline"];

/// Builds where PATH holds nothing but a `docker` that is this script, or not even that.
fn build(docker: Option<&str>) -> Ran {
    let checkout = Checkout::new();
    let bin = checkout.dir().join("bin");
    fs::create_dir(&bin).unwrap();
    if let Some(script) = docker {
        let program = bin.join("docker");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    ran(checkout.command(&BUILD).env("PATH", &bin))
}

/// A docker whose buildx is of this version and inspects its builder so.
fn buildx(version: &str, inspect: &str) -> String {
    format!(
        "case \"$2\" in\nversion) echo 'github.com/docker/buildx v{version} 0';;\ninspect) {inspect};;\nesac"
    )
}

#[test]
fn what_is_missing_is_said_with_the_way_out() {
    let reachable = "echo 'Name: b'; echo 'Driver: remote'";
    let down = "echo 'ERROR: Cannot connect to the Docker daemon at unix:///x. Is it running?' >&2; exit 1";
    let denied = "echo 'ERROR: permission denied while trying to connect to the Docker daemon' >&2; exit 1";
    for (docker, said) in [
        (None, vec!["needs `docker`, which is not on PATH", "apt-get install"]),
        (
            Some("echo \"docker: 'buildx' is not a docker command.\"; exit 1".to_owned()),
            vec!["install the buildx plugin"],
        ),
        (Some(buildx("0.9.1", reachable)), vec!["0.9 is too old", "update the buildx plugin"]),
        (Some(buildx("0.29.1", down)), vec!["cannot be reached", "systemctl start docker"]),
        (Some(buildx("0.29.1", denied)), vec!["no permission", "usermod"]),
    ] {
        let ran = build(docker.as_deref());
        assert_eq!(ran.code, 3, "{ran:?}");
        for text in said.into_iter().chain(["--realm native"]) {
            assert!(ran.err.contains(text), "expected {text:?} in {}", ran.err);
        }
    }
}
