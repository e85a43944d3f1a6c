//! Ctrl-C, SIGTERM and SIGKILL while the program waits, for each thing that it waits for: it ends soon, and so does what
//! it waited for.

use crate::checkout::Checkout;
use crate::child::{self, Running};
use crate::faults::{Fate, Proxy};
use rustix::process::{Pid, Signal};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// What waits for no flag ends much later, by the last resort.
const SOON: Duration = Duration::from_secs(12);
const LIMIT: Duration = Duration::from_mins(2);

/// A checkout, and programs in front of everybody else's that say their numbers and then stand still.
struct Scene {
    checkout: Checkout,
    bin: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let checkout = Checkout::new();
        let bin = checkout.dir().join("bin");
        fs::create_dir(&bin).unwrap();
        for pipe in ["said", "never"] {
            assert!(Command::new("mkfifo").arg(checkout.dir().join(pipe)).status().unwrap().success());
        }
        Self { checkout, bin }
    }

    /// Puts a program there whose script goes on with `stuck` when it is to stand still.
    fn with(self, program: &str, script: &str) -> Self {
        let (dir, path) = (self.checkout.dir().display(), self.bin.join(program));
        let stuck = format!("stuck() {{ echo $$ >{dir}/said; read -r _ <{dir}/never; }}");
        fs::write(&path, format!("#!/bin/sh\n{stuck}\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.checkout.command(args);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", self.bin.display()));
        command
    }

    /// The numbers that the programs say that stand still.
    fn stuck(&self) -> Vec<Pid> {
        let (sender, receiver) = channel();
        let said = self.checkout.dir().join("said");
        thread::spawn(move || sender.send(fs::read_to_string(said)));
        let said = receiver.recv_timeout(LIMIT).expect("nothing stands still").unwrap();
        said.lines().map(|line| Pid::from_raw(line.parse().unwrap()).unwrap()).collect()
    }
}

/// Ends a program that waits, which must say so and end soon.
fn end(running: Running, signal: Signal) {
    let began = Instant::now();
    running.signal(signal);
    running.finish().expect(130).says("stopped");
    assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
}

fn gone(pids: &[Pid]) {
    assert!(!pids.is_empty());
    for pid in pids {
        let stat = Path::new("/proc").join(pid.as_raw_pid().to_string()).join("stat");
        until(|| !fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")));
    }
}

/// Every signal, while `args` wait for a stuck program.
fn programs(scene: &Scene, args: &[&str], env: &[(&str, &str)]) {
    for signal in [Signal::INT, Signal::TERM] {
        let running = child::start(with(scene.command(args), env), LIMIT);
        let pids = scene.stuck();
        end(running, signal);
        gone(&pids);
    }
    let running = child::start(with(scene.command(args), env), LIMIT);
    let pids = scene.stuck();
    running.signal(Signal::KILL);
    running.finish().expect(137);
    gone(&pids);
}

fn with(mut command: Command, env: &[(&str, &str)]) -> Command {
    command.envs(env.iter().copied());
    command
}

#[test]
fn registries_and_sources_that_say_nothing() {
    let proxy = Proxy::alone(|_| Fate::Hang);
    let registry = format!("{}/team/cache", proxy.address());
    let scene = Scene::new();
    asked(&scene, &proxy, &["cache", "ls", "--registry", &registry]);
    asked(&scene, &proxy, &["matrix", "--all", "--registry", &registry]);

    let url = format!("http://{}/source.tar.gz", proxy.address());
    let git = "    git:\n        url: https://git.example/llama.cpp\n        commit: 1111111111111111111111111111111111111111\n";
    let archive = format!("    archive:\n        url: {url}\n        sha256: {}\n", "3".repeat(64));
    scene.checkout.replace("backend/sources.yaml", git.trim_start(), archive.trim_start());
    asked(&scene, &proxy, &["sources", "--check"]);
}

#[test]
fn a_registry_that_asks_for_patience() {
    let proxy = Proxy::alone(|_| Fate::answer(503, "").with("Retry-After", "100"));
    let registry = format!("{}/team/cache", proxy.address());
    asked(&Scene::new(), &proxy, &["cache", "ls", "--registry", &registry]);
}

/// Every signal, while `args` wait for a server.
fn asked(scene: &Scene, proxy: &Proxy, args: &[&str]) {
    for signal in [Signal::INT, Signal::TERM] {
        let before = proxy.lines().len();
        let running = child::start(scene.command(args), LIMIT);
        until(|| proxy.lines().len() > before);
        end(running, signal);
    }
}

#[test]
fn credential_helpers() {
    let proxy = Proxy::alone(|_| Fate::answer(401, "").with("WWW-Authenticate", "Basic realm=\"x\""));
    let scene = Scene::new().with("docker-credential-slow", "stuck");
    let config = scene.checkout.dir().join("docker");
    fs::create_dir(&config).unwrap();
    fs::write(config.join("config.json"), r#"{"credsStore":"slow"}"#).unwrap();
    let registry = format!("{}/team/cache", proxy.address());
    let env = [("DOCKER_CONFIG", config.to_str().unwrap())];
    programs(&scene, &["cache", "ls", "--registry", &registry], &env);
}

#[test]
fn git() {
    let scene = Scene::new().with("git", "stuck");
    programs(&scene, &["affected", "--base", "HEAD"], &[]);
    programs(&scene, &["check"], &[]);
    // A mirror of a source.
    programs(&scene, &["sources", "--check"], &[]);
}

#[test]
fn docker() {
    let build = ["build-backend", "local-store", "--realm", "container", "--offline"];
    programs(&Scene::new().with("docker", "stuck"), &build, &[]);
    let login = [("REGISTRY_EXAMPLE_USERNAME", "u"), ("REGISTRY_EXAMPLE_PASSWORD", "p")];
    programs(&Scene::new().with("docker", "stuck"), &["ci", "login"], &login);
}

#[test]
fn probes_of_tools() {
    let scene = Scene::new().with("cmake", "stuck");
    programs(&scene, &["hash", "llama-cpp"], &[]);
}

#[test]
fn another_build_of_the_unit() {
    let scene = Scene::new();
    let build = ["build-backend", "local-store", "--realm", "container", "--offline"];
    let key = scene.checkout.hash(&["local-store", "--realm", "container"]);
    held(&scene, &format!("locks/{key}"), &build, Some("waiting for another build"));

    // In this checkout, whatever the key.
    let arch = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    let turn = scene.checkout.root.join(format!("target/backends/.local-store.cpu.linux-{arch}.lock"));
    held(&scene, turn.to_str().unwrap(), &build, Some("in this checkout"));
}

#[test]
fn locks_of_the_store() {
    let scene = Scene::new();
    let backend = ["local-store", "--realm", "container"];
    let build = [&["build-backend", "--offline"], &backend[..]].concat();
    let key = scene.checkout.pretend_built_as(&backend);
    let arch = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    let place = format!("target/backends/local-store.cpu.linux-{arch}/package");
    let place = scene.checkout.root.canonicalize().unwrap().join(place);
    let name = model::digest::Digest::of(place.as_os_str().as_encoded_bytes()).to_hex();
    held(&scene, &format!("locks/place-{}", &name[..32]), &build, None);

    // As a garbage collection holds it, against the eviction of what is damaged.
    let document = scene.checkout.cache.join(format!("v1/entries/{key}/tree.json"));
    fs::write(document, "{}").unwrap();
    held(&scene, "lock", &["cache", "verify", "--evict"], None);
}

#[test]
fn a_source_that_another_process_fetches() {
    let scene = Scene::new();
    held(&scene, "scratch/sources/locks/llama.cpp.lock", &["sources", "--check", "--offline"], None);
}

/// Every signal, while `args` wait for a lock of the cache.
fn held(scene: &Scene, lock: &str, args: &[&str], says: Option<&str>) {
    let path = scene.checkout.cache.join("v1").join(lock);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    scene.checkout.out(&["cache", "stat"]);
    let file = File::options().create(true).truncate(false).write(true).open(&path).unwrap();
    file.lock().unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        let mut running = child::start(scene.command(args), LIMIT);
        match says {
            Some(text) => running.until(text),
            None => until(|| has_open(&running, &path)),
        }
        end(running, signal);
    }
}

/// Whether a process has a file open.
fn has_open(running: &Running, path: &Path) -> bool {
    let files = fs::read_dir(format!("/proc/{}/fd", running.pid().as_raw_pid()));
    files.into_iter().flatten().flatten().any(|fd| fs::read_link(fd.path()).is_ok_and(|to| to == *path))
}

fn until(mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < end, "it never came to that");
        thread::yield_now();
    }
}
