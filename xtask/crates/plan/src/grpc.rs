//! The steps that build gRPC from source: on a host a unit like any other, in a builder image one step of the script.

use crate::cmd::Cmd;
use crate::step::{Action, Step};
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::grpc::GrpcPin;
use model::name::{NameError, PinName};
use model::platform::Os;
use model::source::{NoPin, Pin, Pins};

/// Where builder images hold it.
pub const IMAGE_PREFIX: &str = "/opt/grpc";
/// Where a prefix keeps the licences of all that it holds, below a directory for each pin.
const LICENSES: &str = "/share/licenses";
/// A file that is there once it is installed.
pub const IMAGE_MARK: &str = "/opt/grpc/bin/grpc_cpp_plugin";
/// What one compile job was seen to need, in MiB.
const JOB_MIB: u32 = 1200;

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

/// The same as they are pinned.
pub fn sources(grpc: GrpcPin, from: Pins<'_>) -> Result<Vec<&Pin>, NoPin> {
    pins(grpc).into_iter().map(|name| from.source(name)).collect()
}

/// The unit's steps: fetch, configure, compile, install into `${out}`, and licences of all that it is made of.
pub fn steps(grpc: GrpcPin, os: Os, sources: &[&Pin]) -> Result<Vec<Step>, NameError> {
    let mut steps = Vec::new();
    for Pin { name, .. } in sources {
        steps
            .push(Step { id: format!("fetch-{name}").parse()?, action: Action::Fetch { pin: name.clone() } });
    }
    for (id, cmd) in commands(grpc, os)? {
        steps.push(Step { id: id.parse()?, action: cmd.into() });
    }
    for (pin, file) in licenses(sources) {
        let from = Arg::place(Place::Source(pin.name.clone())).then(format!("/{file}"));
        let to = Arg::place(Place::Out).then(license(&pin.name, file));
        let action = Action::Copy { from, matching: Vec::new(), to };
        steps.push(Step { id: format!("license-{}", steps.len()).parse()?, action });
    }
    Ok(steps)
}

/// Licence files of pins.
pub fn licenses<'a>(sources: &[&'a Pin]) -> impl Iterator<Item = (&'a Pin, &'a Utf8Path)> {
    sources.iter().flat_map(|pin| pin.license_files.iter().map(|file| (*pin, &**file)))
}

/// Where a prefix keeps a licence of a pin.
pub fn license(pin: &PinName, file: &Utf8Path) -> String {
    format!("{LICENSES}/{pin}/{file}")
}

/// abseil declares one test helper without saying that it is one, and then wants the test framework for it. Trees of
/// pins are shared, so the line is added in a copy.
fn testonly(abseil: &Place, os: Os) -> Result<[(&'static str, Cmd); 4], NameError> {
    let at = |below: &str| Arg::place(abseil.clone()).then(below);
    let lists = "/absl/container/CMakeLists.txt";
    let name_line = "    test_allocator";
    // GNU's sed takes the added line behind the command, BSD's on a line of its own, and keeps a copy.
    let edit = match os {
        Os::Linux => vec!["-i".to_owned(), format!("/^{name_line}$/a\\  TESTONLY")],
        Os::Darwin => vec!["-i.orig".to_owned(), format!("/^{name_line}$/a\\\n  TESTONLY\n")],
    };
    Ok([
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
        ("abseil-testonly", Cmd::new("sed", Place::Out).args(edit).arg(at(lists))),
    ])
}

fn commands(pin: GrpcPin, os: Os) -> Result<Vec<(&'static str, Cmd)>, NameError> {
    let build = Place::Build("grpc".parse()?);
    let abseil = Place::Build("abseil".parse()?);
    let source = |name: &str| Ok::<_, NameError>(Place::Source(name.parse()?));
    let mut commands = Vec::new();
    let mut configure = Cmd::new("cmake", Place::Out);
    match pin {
        GrpcPin::Upstream => {
            commands.extend(testonly(&abseil, os)?);
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
    let compile = Cmd::new("cmake", Place::Out).arg("--build").arg(build.clone()).parallel(JOB_MIB);
    let install = Cmd::new("cmake", Place::Out).arg("--install").arg(build);
    commands.extend([("configure", configure), ("compile", compile), ("install", install)]);
    Ok(commands)
}
