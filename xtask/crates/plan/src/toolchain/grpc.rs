//! gRPC built from source: on a host a unit like any other, in a builder image one step of the script.

use super::action::Action;
use super::call::Call;
use super::error::DepsError;
use crate::cmd::Cmd;
use crate::step::{Action as StepAction, Step, Weight};
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::grpc::GrpcPin;
use model::name::{Label, NameError, PinName};
use model::source::Pins;

/// Where builder images hold it.
pub const IMAGE_PREFIX: &str = "/opt/grpc";
/// Where a prefix keeps the licences of all that it holds, below a directory for each pin.
const LICENSES: &str = "/share/licenses";
/// A file that is there once it is installed.
pub(super) const IMAGE_MARK: &str = "/opt/grpc/bin/grpc_cpp_plugin";
/// Where an image keeps what is removed again.
const IMAGE_WORK: &str = "/build";
/// Jobs in an image, as the reference has it.
const IMAGE_JOBS: usize = 4;

/// The libraries that gRPC vendors: their pins, and the CMake variables that name their trees.
const VENDORED: [(&str, &str); 6] = [
    ("abseil-cpp", "ABSL_ROOT_DIR"),
    ("boringssl", "BORINGSSL_ROOT_DIR"),
    ("c-ares", "CARES_ROOT_DIR"),
    ("protobuf", "PROTOBUF_ROOT_DIR"),
    ("re2", "RE2_ROOT_DIR"),
    ("zlib", "ZLIB_ROOT_DIR"),
];

/// The names of a gRPC's pins in `backend/sources.yaml`, gRPC's own first.
pub fn pins(grpc: GrpcPin) -> Vec<&'static str> {
    match grpc {
        GrpcPin::Upstream => ["grpc"].into_iter().chain(VENDORED.map(|(pin, _)| pin)).collect(),
        GrpcPin::Registry => vec!["grpc-registry", "protobuf-registry"],
    }
}

/// The unit's steps: fetch, configure, compile, install into `${out}`.
pub fn steps(pin: GrpcPin) -> Result<Vec<Step>, NameError> {
    let mut steps = Vec::new();
    for name in pins(pin) {
        let action = StepAction::Fetch { pin: name.parse()? };
        steps.push(Step { id: format!("fetch-{name}").parse()?, action, weight: Weight::Light });
    }
    for (id, cmd, weight) in commands(pin)? {
        steps.push(Step { id, action: StepAction::Run { cmd }, weight });
    }
    Ok(steps)
}

/// abseil declares one test helper without saying that it is one, and then wants the test framework for it. Trees of
/// pins are shared, so the line is added in a copy.
fn testonly(abseil: &Place) -> Result<Vec<(Label, Cmd, Weight)>, NameError> {
    let at = |below: &str| Arg::place(abseil.clone()).then(below);
    let lists = "/absl/container/CMakeLists.txt";
    let name_line = "    test_allocator";
    let cmds = [
        ("abseil-directory", Cmd::new("mkdir", Place::Out).arg("-p").arg(at(""))),
        (
            "abseil-copy",
            Cmd::new("cp", Place::Out)
                .arg("-a")
                .arg(Arg::place(Place::Source("abseil-cpp".parse()?)).then("/."))
                .arg(at("")),
        ),
        // Another release may spell it differently: then this fails, and not the compiler an hour later.
        ("abseil-check", Cmd::new("grep", Place::Out).args(["-q", "-x", name_line]).arg(at(lists))),
        (
            "abseil-testonly",
            Cmd::new("sed", Place::Out).args(["-i", &format!("/^{name_line}$/a\\  TESTONLY")]).arg(at(lists)),
        ),
    ];
    cmds.into_iter().map(|(id, cmd)| Ok((id.parse()?, cmd, Weight::Light))).collect()
}

fn commands(pin: GrpcPin) -> Result<Vec<(Label, Cmd, Weight)>, NameError> {
    let build = Place::Build("grpc".parse()?);
    let abseil = Place::Build("abseil".parse()?);
    let source = |name: &str| Ok::<_, NameError>(Place::Source(name.parse()?));
    let mut commands = Vec::new();
    let mut configure = Cmd::new("cmake", Place::Out);
    match pin {
        GrpcPin::Upstream => {
            commands.extend(testonly(&abseil)?);
            configure = configure.arg("-S").arg(source("grpc")?);
            for (pin, variable) in VENDORED {
                let tree = if pin == "abseil-cpp" { abseil.clone() } else { source(pin)? };
                configure = configure.arg(Arg::text(format!("-D{variable}=")).then(tree));
            }
        }
        GrpcPin::Registry => {
            // The registry's packages carry neither OpenSSL's nor zlib's sources.
            configure = configure
                .arg("-S")
                .arg(source("grpc-registry")?)
                .arg(Arg::text("-DPROTOBUF_ROOT_DIR=").then(source("protobuf-registry")?))
                .args(["-DgRPC_SSL_PROVIDER=package", "-DgRPC_ZLIB_PROVIDER=package"]);
        }
    }
    configure = configure
        .arg("-B")
        .arg(build.clone())
        .args([
            "-G",
            "Ninja",
            "-DCMAKE_BUILD_TYPE=Release",
            "-DCMAKE_CXX_STANDARD=17",
            "-DCMAKE_POSITION_INDEPENDENT_CODE=ON",
            "-DABSL_PROPAGATE_CXX_STD=ON",
            "-DgRPC_INSTALL=ON",
            "-DgRPC_BUILD_TESTS=OFF",
            // Nothing is fetched behind the pins' back.
            "-DgRPC_DOWNLOAD_ARCHIVES=OFF",
        ])
        .arg(Arg::text("-DCMAKE_INSTALL_PREFIX=").then(Place::Out));
    let compile = Cmd::new("cmake", Place::Out).arg("--build").arg(build.clone());
    let install = Cmd::new("cmake", Place::Out).arg("--install").arg(build);
    commands.extend([
        ("configure".parse()?, configure, Weight::Light),
        ("compile".parse()?, compile, Weight::Parallel { mib_per_job: 1200 }),
        ("install".parse()?, install, Weight::Light),
    ]);
    Ok(commands)
}

/// The same commands for a builder image.
pub(super) fn image_actions(grpc: GrpcPin, from: Pins<'_>) -> Result<Vec<Action>, DepsError> {
    let run = |call| Action::Run { call };
    let sources = pins(grpc).into_iter().map(|name| from.source(name)).collect::<Result<Vec<_>, _>>()?;
    let mut actions = vec![run(Call::root("mkdir").args(["-p", IMAGE_PREFIX]))];
    for source in &sources {
        actions.push(Action::tree(source, &format!("{IMAGE_WORK}/{}", source.name))?);
    }
    let build = Place::Build("grpc".parse().map_err(|_| DepsError::BadTable)?);
    for (id, cmd, _) in commands(grpc).map_err(|_| DepsError::BadTable)? {
        let cmd = match id.as_str() {
            "configure" => {
                cmd.arg("-DCMAKE_C_COMPILER_LAUNCHER=ccache").arg("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
            }
            "compile" => cmd
                .arg("--parallel")
                .arg(Arg::jobs())
                // The build directory itself, not a parent: else ccache misses one level deeper.
                .env("CCACHE_BASEDIR", build.clone())
                .env("CCACHE_COMPILERCHECK", "content"),
            _ => cmd,
        };
        actions.push(run(in_image(&cmd)?));
    }
    for (source, file) in
        sources.iter().flat_map(|source| source.license_files.iter().map(move |file| (source, file)))
    {
        let (from, to) = (format!("{IMAGE_WORK}/{}/{file}", source.name), license(&source.name, file));
        let to = format!("{IMAGE_PREFIX}{to}");
        actions.push(run(Call::root("install").args(["-D", "-m", "0644", &from, &to])));
    }
    actions.push(run(Call::root("rm").args(["-rf", IMAGE_WORK])));
    Ok(actions)
}

/// Where a prefix keeps a licence of a pin.
pub fn license(pin: &PinName, file: &Utf8Path) -> String {
    format!("{LICENSES}/{pin}/{file}")
}

/// The command with an image's directories in place of the realm's.
fn in_image(cmd: &Cmd) -> Result<Call, DepsError> {
    let text = |arg: &Arg| {
        arg.resolve(IMAGE_JOBS, |place| match place {
            Place::Source(pin) => Ok(format!("{IMAGE_WORK}/{pin}")),
            Place::Build(label) => Ok(format!("{IMAGE_WORK}/build-{label}")),
            Place::Out => Ok(IMAGE_PREFIX.to_owned()),
            Place::Cache(_) | Place::Dep(_) => Err(DepsError::BadTable),
        })
    };
    let mut call = Call::root(&text(&cmd.program)?).within(text(&cmd.cwd)?);
    for arg in &cmd.args {
        call = call.arg(text(arg)?);
    }
    for (name, value) in &cmd.env {
        call = call.env(name, text(value)?);
    }
    Ok(call)
}
