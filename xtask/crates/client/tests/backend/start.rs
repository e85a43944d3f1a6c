//! Packages that start, and packages that do not.

use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use client::{Backend, Error};

use crate::package::{launch, package};

const SHORT: Duration = Duration::from_millis(300);

fn gone(address: &str) -> bool {
    TcpStream::connect(address).is_err()
}

async fn failure(part: &str, wait: Option<Duration>) -> Error {
    let dir = package(part);
    let mut launch = launch(&dir);
    launch.wait = wait.unwrap_or(launch.wait);
    match Backend::start(&launch).await {
        Ok(_) => panic!("{part} started"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_package_starts_tells_who_it_is_and_stops() {
    let dir = package("serve");
    let mut backend = Backend::start(&launch(&dir)).await.unwrap();
    assert_eq!((backend.known().backend.as_str(), backend.known().version.as_str()), ("fake", "1.2"));
    let address = backend.address().to_owned();
    let stopped = backend.stop().await.unwrap().unwrap();
    assert!(stopped.is_clean(), "{stopped:?}");
    assert!(gone(&address));
}

#[tokio::test]
async fn a_service_of_another_name_is_found_by_it() {
    let dir = package("serve");
    let mut launch = launch(&dir);
    launch.contract.ready = "up".into();
    let error = Backend::start(&launch).await.err().unwrap();
    assert!(matches!(&error, Error::Foreign { answer, .. } if answer == "`OK`"), "{error}");
    launch.contract = client::Contract { service: "own.Models".into(), ..Default::default() };
    let error = Backend::start(&launch).await.err().unwrap();
    assert!(error.to_string().contains("Unimplemented"), "{error}");
}

#[tokio::test]
async fn a_launcher_that_stays_is_stopped_with_what_it_started() {
    let dir = package("forking");
    let mut backend = Backend::start(&launch(&dir)).await.unwrap();
    let address = backend.address().to_owned();
    backend.stop().await.unwrap();
    assert!(gone(&address));
}

#[tokio::test]
async fn a_backend_that_ignores_sigterm_is_killed() {
    let dir = package("stubborn");
    let mut launch = launch(&dir);
    launch.grace = SHORT;
    let mut backend = Backend::start(&launch).await.unwrap();
    let stopped = backend.stop().await.unwrap().unwrap();
    assert!(stopped.killed);
    assert_eq!(stopped.status.signal(), Some(9));
}

#[tokio::test]
async fn a_dropped_backend_is_killed() {
    let dir = package("serve");
    let backend = Backend::start(&launch(&dir)).await.unwrap();
    let connection = TcpStream::connect(backend.address()).unwrap();
    drop(backend);
    // The other end closes when the process is gone.
    connection.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let end = std::io::copy(&mut &connection, &mut std::io::sink());
    assert!(!matches!(&end, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock), "{end:?}");
}

#[tokio::test]
async fn a_directory_without_run_sh_is_no_package() {
    let dir = tempfile::tempdir().unwrap();
    let error = Backend::start(&launch(&dir)).await.err().unwrap();
    assert!(matches!(error, Error::NoPackage(_)), "{error}");
    assert!(error.to_string().contains("cargo xtask build-backend"), "{error}");
}

#[tokio::test]
async fn a_run_that_cannot_be_executed_is_told() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("run.sh"), "not executable").unwrap();
    let error = Backend::start(&launch(&dir)).await.err().unwrap();
    assert!(matches!(error, Error::Spawn { .. }), "{error}");
}

#[tokio::test]
async fn a_backend_that_dies_at_start_is_told_with_its_last_words() {
    let error = failure("dies", None).await;
    assert!(matches!(&error, Error::Died { status, .. } if status.code() == Some(127)), "{error}");
    assert!(error.to_string().contains("| error while loading shared libraries: libmissing.so.1"), "{error}");
    assert!(error.to_string().contains("build the package again"), "{error}");
}

#[tokio::test]
async fn a_backend_that_does_not_listen_is_given_up() {
    let error = failure("chatter", Some(SHORT)).await;
    assert!(matches!(error, Error::Unhealthy { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("within 300ms") && text.contains("| not listening yet"), "{text}");
}

#[tokio::test]
async fn a_backend_that_never_gets_healthy_is_given_up() {
    let error = failure("sick", Some(Duration::from_secs(2))).await;
    assert!(matches!(error, Error::Unhealthy { log: Some(_), .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("still warming up") && text.contains("--wait") && text.contains("| listening on"),
        "{text}"
    );
}

#[tokio::test]
async fn a_backend_that_never_answers_is_given_up() {
    let error = failure("mute", Some(Duration::from_secs(1))).await;
    assert!(matches!(error, Error::Unhealthy { .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_backend_is_told_at_once() {
    let error = failure("foreign", None).await;
    assert!(matches!(error, Error::Foreign { log: Some(_), .. }), "{error}");
    assert!(error.to_string().contains("Unimplemented (what is Health?)"), "{error}");
}
