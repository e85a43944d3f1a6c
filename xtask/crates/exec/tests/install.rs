//! An install plan means the same in both realms: the commands that run here, and what its rendered script runs.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests"
)]

use camino::{Utf8Path, Utf8PathBuf};
use exec::install::{InstallError, Options};
use model::arg::Arg;
use model::base::Toolkit;
use model::grpc::{Grpc, GrpcPin};
use model::host::{Distro, Privilege};
use model::manifest::{self, Manifests};
use model::platform::Arch;
use plan::cmd::Cmd;
use plan::step::Action;
use plan::toolchain::{Family, InstallPlan, InstallStep, PendingStep, Probe, Request, Start, State, Trees};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// What one command was given: directory, the variables that plans set, program, arguments, standard input.
type Given = (String, Vec<String>, String, Vec<String>, String);

const VARIABLES: [&str; 1] = ["DEBIAN_FRONTEND"];

fn host(distro: Distro, toolkit: Toolkit, family: Family) -> Request {
    Request::new(distro, Arch::Amd64, family, toolkit, Start::Host)
}

fn manifests() -> Manifests {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let read = |path: &str| (Utf8PathBuf::from(path), std::fs::read_to_string(root.join(path)).unwrap());
    manifest::load(&[manifest::VARIANTS, manifest::SOURCES].map(read).into()).unwrap()
}

fn plan(request: &Request) -> InstallPlan {
    static MANIFESTS: LazyLock<Manifests> = LazyLock::new(manifests);
    plan::toolchain::plan(request, MANIFESTS.pinned()).unwrap()
}

/// The ten base images of the manifests, hosts of every distribution, and each option once.
fn requests() -> Vec<Request> {
    let manifests = manifests();
    assert_eq!(manifests.bases.len(), 10);
    let family = Family::Cpp(Grpc::Source(GrpcPin::Upstream));
    let mut requests: Vec<Request> = manifests
        .bases
        .values()
        .map(|base| Request::for_image(&base.base, base.platform.arch, family))
        .collect();
    for request in &mut requests {
        request.trees = Trees::Downloaded;
    }
    for distro in [Distro::Debian12, Distro::Debian13, Distro::Ubuntu2204, Distro::Ubuntu2404] {
        for family in [Family::Cpp(Grpc::System), Family::Python, Family::Golang, Family::Rust] {
            requests.push(host(distro, Toolkit::Cpu, family));
        }
        requests.push(host(distro, Toolkit::Vulkan, Family::Cpp(Grpc::System)));
    }
    requests.push(host(Distro::Ubuntu2404, Toolkit::Hipblas, Family::Cpp(Grpc::System)));
    requests.push(host(Distro::Ubuntu2404, Toolkit::Sycl, Family::Cpp(Grpc::System)));
    requests
}

/// What a script runs to copy one file.
fn copied(from: &str, to: &str) -> Vec<Given> {
    let dir = Utf8Path::new(to).parent().unwrap();
    let given = |program: &str, args: &[&str]| {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        (String::new(), vec![String::new()], program.to_owned(), args, String::new())
    };
    vec![
        given("mkdir", &["-p", dir.as_str()]),
        given("cp", &["-PT", "--preserve=mode", "--remove-destination", from, to]),
    ]
}

fn native(plan: &InstallPlan) -> Vec<Given> {
    let at = plan.trees.directories();
    let text = |arg: &Arg| at.text(arg);
    let given = |cmd: &Cmd| {
        let env = VARIABLES.map(|name| cmd.env.get(name).map(text).unwrap_or_default());
        let cwd = cmd.cwd.as_ref().map(text).unwrap_or_default();
        let args = cmd.args.iter().map(text).collect();
        (cwd, env.to_vec(), text(&cmd.program), args, cmd.stdin.clone().unwrap_or_default())
    };
    let pending = plan.pending(&State::default()).steps;
    let actions: Vec<Action> = pending.iter().flat_map(PendingStep::lower).collect();
    actions
        .iter()
        .flat_map(|action| match action {
            // The first one succeeds here.
            Action::Run { cmd } => vec![given(cmd)],
            Action::FirstOf { cmds } => vec![given(&cmds[0])],
            Action::Copy { from, to, .. } => copied(&text(from), &text(to)),
            action => panic!("{action}"),
        })
        .collect()
}

/// Runs the script where every program it names is a stub that notes down how it was started.
fn recorded(plan: &InstallPlan, dir: &Utf8Path) -> Vec<Given> {
    let (bin, notes) = (dir.join("bin"), dir.join("notes"));
    std::fs::create_dir_all(&bin).unwrap();
    let names: Vec<String> = VARIABLES.iter().map(|name| format!("\"${{{name}-}}\"")).collect();
    // The end of a note is a byte that no argument can hold.
    let stub = format!(
        "#!/bin/sh\nstdin=$(/bin/cat; echo x)\nprintf '%s\\0' \"$PWD\" {} \"${{0##*/}}\" \"${{stdin%x}}\" \"$@\" >>'{notes}'\nprintf '\\001\\0' >>'{notes}'\n",
        names.join(" ")
    );
    let put = |path: &Utf8Path| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &stub).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    for (cwd, _, program, _, _) in native(plan) {
        let cwd = dir.join(cwd.trim_start_matches('/'));
        std::fs::create_dir_all(&cwd).unwrap();
        put(&if program.contains('/') { cwd.join(program) } else { bin.join(program) });
    }
    // Directories and files of this machine are none of the test's business.
    let script = plan::toolchain::render_sh(plan).replace("(cd /", &format!("(cd {dir}/"));
    let script = script.replace("[ -e /", &format!("[ -e {dir}/"));
    let script = script.replace(plan::shell::JOBS, "jobs() { echo 1; }");
    // The one program of a script that no plan names.
    std::os::unix::fs::symlink("/usr/bin/dirname", bin.join("dirname")).unwrap();
    let path = dir.join("script.sh");
    std::fs::write(&path, &script).unwrap();
    let mut command = Command::new("/bin/sh");
    command.arg(&path).current_dir(dir).env_clear().env("PATH", &bin).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
    let notes = std::fs::read_to_string(&notes).unwrap();
    let words: Vec<&str> = notes.split('\0').collect();
    let note = |words: &[&str]| {
        let text = |at: usize| words[at].to_owned();
        let cwd = words[0].strip_prefix(dir.as_str()).unwrap().to_owned();
        let program = 1 + VARIABLES.len();
        let args = words[program + 2..].iter().map(|word| (*word).to_owned()).collect();
        (cwd, (1..program).map(text).collect(), text(program), args, text(program + 1))
    };
    words.split(|word| *word == "\u{1}").filter(|words| words.len() > VARIABLES.len() + 2).map(note).collect()
}

#[test]
fn both_realms_run_the_same_commands() {
    for request in requests() {
        let plan = plan(&request);
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8PathBuf::from_path_buf(dir.path().canonicalize().unwrap()).unwrap();
        let bare = |given: Vec<Given>| -> Vec<Given> {
            let name = |program: String| program.rsplit('/').next().unwrap_or_default().to_owned();
            given
                .into_iter()
                .map(|(cwd, env, program, args, stdin)| (cwd, env, name(program), args, stdin))
                .collect()
        };
        let (here, there) = (bare(native(&plan)), recorded(&plan, &dir));
        assert!(here.len() >= 2, "{}", plan.title);
        for (at, (here, there)) in here.iter().zip(&there).enumerate() {
            assert_eq!(here, there, "{}: command {at}", plan.title);
        }
        assert_eq!(here.len(), there.len(), "{}", plan.title);
    }
}

#[test]
fn a_script_stops_at_the_first_failure() {
    let plan = plan(&host(Distro::Debian12, Toolkit::Vulkan, Family::Cpp(Grpc::System)));
    let dir = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(dir.path()).unwrap();
    std::fs::write(dir.join("apt-get"), "#!/bin/sh\necho \"$@\" >>notes\nexit 100\n").unwrap();
    std::fs::set_permissions(dir.join("apt-get"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &plan::toolchain::render_sh(&plan)]).current_dir(dir).env_clear().env("PATH", dir);
    assert_eq!(command.output().unwrap().status.code(), Some(100));
    assert_eq!(std::fs::read_to_string(dir.join("notes")).unwrap().lines().count(), 1);
}

/// Three small plans, really run: one that works, one that fails, one that claims what it does not do.
#[test]
fn a_run_does_what_is_missing_and_then_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = Utf8Path::from_path(dir.path()).unwrap();
    let (file, log) = (dir.join("result"), dir.join("log"));
    let one_step = |program: &str| InstallPlan {
        title: String::new(),
        trees: Trees::Downloaded,
        steps: vec![InstallStep {
            id: "only".parse().unwrap(),
            sources: Vec::new(),
            actions: vec![Cmd::user(program).arg(file.as_str()).into()],
            done: Probe::Files(vec![file.to_string()]),
        }],
        units: Vec::new(),
    };
    let options = Options { privilege: Privilege::None, terminal: false, log: &log };
    let run = |program: &str| exec::install::run(&one_step(program), &options, |_| ());
    assert!(matches!(run("true"), Err(InstallError::NotDone { .. })));
    let failed = run("false").unwrap_err().to_string();
    assert!(failed.contains("`only`") && failed.contains(log.as_str()), "{failed}");
    assert_eq!(run("touch").unwrap().len(), 1);
    assert_eq!(run("false").unwrap(), []);
    assert!(std::fs::read_to_string(&log).unwrap().contains("touch"));
}
