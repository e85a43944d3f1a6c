//! gRPC built from source: on a host a unit like any other, in a builder image one step of the script.

use super::action::Action;
use super::call::Call;
use super::error::DepsError;
use crate::cmd::Cmd;
use crate::step::{Action as StepAction, Step, Weight};
use model::arg::{Arg, Place};
use model::grpc::GrpcPin;
use model::name::{Label, NameError};
use model::source::Sha256;

/// Where builder images hold it.
pub const IMAGE_PREFIX: &str = "/opt/grpc";
/// Where a prefix keeps the licences of all that it holds, below a directory for each pin.
pub const LICENSES: &str = "/share/licenses";
/// A file that is there once it is installed.
pub(super) const IMAGE_MARK: &str = "/opt/grpc/bin/grpc_cpp_plugin";
/// Where an image keeps what is removed again.
const IMAGE_WORK: &str = "/build";
/// Jobs in an image, as the reference has it.
const IMAGE_JOBS: usize = 4;

/// A library that gRPC vendors: its pin, the CMake variable that names its tree, and the commit that v1.65.0 wants.
struct Vendored {
    pin: &'static str,
    variable: &'static str,
    url: &'static str,
    commit: &'static str,
    license: &'static str,
}

const VENDORED: &[Vendored] = &[
    Vendored {
        pin: "abseil-cpp",
        variable: "ABSL_ROOT_DIR",
        url: "https://github.com/abseil/abseil-cpp",
        commit: "4a2c63365eff8823a5221db86ef490e828306f9d",
        license: "LICENSE",
    },
    Vendored {
        pin: "boringssl",
        variable: "BORINGSSL_ROOT_DIR",
        url: "https://github.com/google/boringssl",
        commit: "16c8d3db1af20fcc04b5190b25242aadcb1fbb30",
        license: "LICENSE",
    },
    Vendored {
        pin: "c-ares",
        variable: "CARES_ROOT_DIR",
        url: "https://github.com/c-ares/c-ares",
        commit: "6360e96b5cf8e5980c887ce58ef727e53d77243a",
        license: "LICENSE.md",
    },
    Vendored {
        pin: "protobuf",
        variable: "PROTOBUF_ROOT_DIR",
        url: "https://github.com/protocolbuffers/protobuf",
        commit: "2434ef2adf0c74149b9d547ac5fb545a1ff8b6b5",
        license: "LICENSE",
    },
    Vendored {
        pin: "re2",
        variable: "RE2_ROOT_DIR",
        url: "https://github.com/google/re2",
        commit: "0c5616df9c0aaa44c9440d87422012423d91c7d1",
        license: "LICENSE",
    },
    Vendored {
        pin: "zlib",
        variable: "ZLIB_ROOT_DIR",
        url: "https://github.com/madler/zlib",
        commit: "09155eaa2f9270dc4ed1fa13e2b4b2613e6e4851",
        license: "LICENSE",
    },
];
const ARCHIVE_URL: &str = "https://github.com/grpc/grpc/archive/refs/tags/v1.65.0.tar.gz";
const ARCHIVE_SHA256: &str = "ebc3acfde70cfae3f4f04b8dbb72259540cb1dc427be362569fbc2607dabfe39";

/// The names of a gRPC's pins in `backend/sources.yaml`, gRPC's own first.
pub fn pins(grpc: GrpcPin) -> Vec<&'static str> {
    match grpc {
        GrpcPin::Upstream => ["grpc"].into_iter().chain(VENDORED.iter().map(|library| library.pin)).collect(),
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
            for library in VENDORED {
                let tree = if library.pin == "abseil-cpp" { abseil.clone() } else { source(library.pin)? };
                configure = configure.arg(Arg::text(format!("-D{}=", library.variable)).then(tree));
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

/// The same commands for a builder image, where the sources are downloaded instead of fetched into the store.
pub(super) fn image_actions(pin: GrpcPin) -> Result<Vec<Action>, DepsError> {
    if pin == GrpcPin::Registry {
        return Err(DepsError::PinNotForImages("grpc-registry"));
    }
    let sha256: Sha256 = ARCHIVE_SHA256.parse().map_err(|_| DepsError::BadTable)?;
    let archive = format!("{IMAGE_WORK}/grpc.tar.gz");
    let tree = format!("{IMAGE_WORK}/grpc");
    let run = |call| Action::Run { call };
    let mut actions = vec![
        run(Call::root("mkdir").args(["-p", &tree, IMAGE_PREFIX])),
        Action::Download { url: ARCHIVE_URL.to_owned(), sha256, to: archive.clone() },
        run(Call::root("tar").args(["-xzf", &archive, "-C", &tree, "--strip-components=1"])),
    ];
    for library in VENDORED {
        let tree = format!("{IMAGE_WORK}/{}", library.pin);
        let git = |args: &[&str]| run(Call::root("git").args(["-C", &tree]).args(args.iter().copied()));
        actions.extend([
            run(Call::root("git").args(["init", "--quiet", &tree])),
            git(&["fetch", "--quiet", "--depth", "1", library.url, library.commit]),
            git(&["checkout", "--quiet", "--detach", library.commit]),
        ]);
    }
    let build = Place::Build("grpc".parse().map_err(|_| DepsError::BadTable)?);
    for (id, cmd, _) in commands(pin).map_err(|_| DepsError::BadTable)? {
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
    let licenses = VENDORED.iter().map(|library| (library.pin, library.license));
    for (pin, license) in [("grpc", "LICENSE")].into_iter().chain(licenses) {
        let kept = format!("{IMAGE_PREFIX}{LICENSES}/{pin}");
        actions.push(run(Call::root("mkdir").args(["-p", &kept])));
        actions.push(run(Call::root("cp").args([&format!("{IMAGE_WORK}/{pin}/{license}"), &kept])));
    }
    actions.push(run(Call::root("rm").args(["-rf", IMAGE_WORK])));
    Ok(actions)
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
