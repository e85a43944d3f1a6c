//! What the recipes plan, for every OS, on whichever OS this runs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{command, host, platform, request, world};
use model::backend::Recipe;
use model::flavor::Flavor;
use plan::realm::Realm;
use plan::request::{CompilerCache, RealmChoice};
use plan::step::Action;

#[test]
fn a_laptop_builds_the_native_flavor_and_ci_the_published_set() {
    let world = world();
    let laptop = world.plan(&request("llama-cpp")).unwrap();
    assert_eq!(laptop.flavors, [Flavor::Native]);
    assert_eq!(laptop.realm, Realm::Native);
    assert!(laptop.cpu.is_some(), "a native build is good for this processor alone");

    let mut wanted = request("llama-cpp");
    wanted.publish = true;
    let published = world.plan(&wanted).unwrap();
    assert_eq!(published.flavors, [Flavor::CpuAll, Flavor::Grpc, Flavor::RpcServer]);
    assert!(published.cpu.is_none());
}

#[test]
fn fallback_turns_every_optional_instruction_set_off() {
    let world = world();
    let mut wanted = request("llama-cpp");
    wanted.flavors = vec![Flavor::Fallback];
    let configure = command(&world.plan(&wanted).unwrap(), "configure-fallback");
    for flag in ["NATIVE", "AVX", "AVX2", "AVX512", "FMA", "F16C", "BMI2"] {
        assert!(configure.contains(&format!("-DGGML_{flag}=OFF")), "{flag}: {configure}");
    }
    assert!(configure.contains("-DBUILD_SHARED_LIBS=OFF"));
    assert!(configure.contains("-DLLAMA_BUILD_COMMIT=0c1e570"), "{configure}");
    assert!(configure.contains("-DLLAMA_CPP_DIR=${source:llama.cpp}"), "{configure}");
}

#[test]
fn the_rpc_worker_is_a_second_target_of_the_grpc_configuration() {
    let world = world();
    let mut wanted = request("llama-cpp");
    wanted.flavors = vec![Flavor::Grpc, Flavor::RpcServer];
    let plan = world.plan(&wanted).unwrap();
    assert_eq!(
        command(&plan, "build-grpc"),
        "cmake --build ${build:grpc} --target grpc-server ggml-rpc-server"
    );
    assert_eq!(plan.steps.iter().filter(|step| step.id.as_str().starts_with("configure")).count(), 1);
    assert_eq!(plan.package.as_ref().unwrap().helpers, ["llama-cpp-rpc-server"]);

    wanted.flavors = vec![Flavor::RpcServer, Flavor::Fallback];
    let plan = world.plan(&wanted).unwrap();
    assert_eq!(command(&plan, "build-grpc"), "cmake --build ${build:grpc} --target ggml-rpc-server");
}

#[test]
fn a_server_without_flavors_is_configured_once_and_called_as_its_target() {
    let mut world = world();
    let llama = world.backends.get_mut("llama-cpp").unwrap();
    let Recipe::Cmake(cmake) = &mut llama.recipe else { panic!() };
    (cmake.default_flavors, cmake.published_flavors) = (Vec::new(), Vec::new());
    cmake.output = Some("tools/grpc-server".parse().unwrap());
    let mut wanted = request("llama-cpp");
    let plan = world.plan(&wanted).unwrap();
    assert!(plan.flavors.is_empty() && plan.cpu.is_none());
    let ids: Vec<_> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    let expected = ["fetch-llama.cpp", "stage-server", "configure-server", "build-server"];
    assert_eq!(ids[..4], expected);
    let collected = plan.steps.iter().find(|step| step.id.as_str() == "collect-server").unwrap();
    let Action::Copy { from, to, .. } = &collected.action else { panic!("{collected:?}") };
    assert_eq!(
        (from.to_string(), to.to_string()),
        ("${build:server}/tools/grpc-server".into(), "${out}/grpc-server".into())
    );
    let package = plan.package.as_ref().unwrap();
    assert_eq!(
        package.programs.iter().map(|program| program.path.as_str()).collect::<Vec<_>>(),
        ["grpc-server"]
    );
    wanted.flavors = vec![Flavor::Fallback];
    let refused = world.plan(&wanted).unwrap_err().to_string();
    assert!(refused.contains("configured once"), "{refused}");
}

#[test]
fn gpu_builds_carry_no_cpu_matrix() {
    let world = world();
    let mut wanted = request("llama-cpp");
    wanted.publish = true;
    wanted.variant = Some("rocm".parse().unwrap());
    let plan = world.plan(&wanted).unwrap();
    assert_eq!(plan.flavors, [Flavor::Fallback, Flavor::Grpc, Flavor::RpcServer]);
    assert!(command(&plan, "configure-fallback").contains("-DGGML_HIP=ON"));
    assert!(matches!(plan.realm, Realm::Container(_)), "{}", plan.reason);
}

#[test]
fn a_mac_plans_on_linux() {
    let mut world = world();
    world.host = host("darwin/arm64");
    let mut wanted = request("llama-cpp");
    wanted.variant = Some("metal".parse().unwrap());
    wanted.flavors = vec![Flavor::CpuAll];
    let plan = world.plan(&wanted).unwrap();
    assert_eq!(plan.realm, Realm::Native);
    let configure = command(&plan, "configure-cpu-all");
    assert!(
        configure.contains("-DGGML_METAL=ON") && configure.contains("-DGGML_BACKEND_DL=ON"),
        "{configure}"
    );
    assert!(!configure.contains("GGML_AVX") && !configure.contains("LINKER_FLAGS=-s"), "{configure}");
}

#[test]
fn what_cannot_be_planned_says_why_and_what_next() {
    let world = world();
    let fails = |change: &dyn Fn(&mut plan::request::Request)| {
        let mut wanted = request("llama-cpp");
        change(&mut wanted);
        world.plan(&wanted).unwrap_err()
    };
    let unknown = fails(&|r| r.backend = "lama-cpp".parse().unwrap());
    assert!(unknown.to_string().contains("did you mean `llama-cpp`"), "{unknown}");
    let variant = fails(&|r| r.variant = Some("vulcan".parse().unwrap()));
    assert!(variant.to_string().contains("did you mean `vulkan`"), "{variant}");
    let platform = fails(&|r| r.platform = Some(platform("darwin/amd64")));
    assert!(platform.to_string().ends_with("made for: linux/amd64, linux/arm64, darwin/arm64"), "{platform}");
    let foreign = fails(&|r| {
        r.realm = RealmChoice::Native;
        r.platform = Some(common::platform("linux/arm64"));
    });
    assert!(foreign.to_string().contains("--realm container"), "{foreign}");
    let flavor = fails(&|r| {
        r.flavors = vec![Flavor::Avx2];
        r.platform = Some(common::platform("linux/arm64"));
        r.realm = RealmChoice::Container;
    });
    assert!(flavor.to_string().contains("x86"), "{flavor}");
    let setting = fails(&|r| {
        r.settings.insert("lama.cpp".into(), "x".into());
    });
    assert!(setting.to_string().contains("did you mean `llama.cpp`"), "{setting}");
}

#[test]
fn a_pin_can_be_moved_and_a_cmake_option_set() {
    let world = world();
    let mut wanted = request("llama-cpp");
    wanted.settings.insert("GGML_LTO".into(), "ON".into());
    wanted.settings.insert("llama.cpp".into(), "a".repeat(40));
    let plan = world.plan(&wanted).unwrap();
    assert!(command(&plan, "configure-native").contains("-DGGML_LTO=ON"));
    assert_eq!(plan.pins[0].tree, None, "the old checksum must not vouch for the new commit");
}

#[test]
fn the_compiler_cache_is_threaded_through_every_language() {
    let world = world();
    let plan = world.plan(&request("llama-cpp")).unwrap();
    let plan::step::Action::Run { cmd } =
        &plan.steps.iter().find(|s| s.id.as_str() == "build-native").unwrap().action
    else {
        panic!("build-native runs nothing")
    };
    for language in ["C", "CXX", "CUDA", "HIP", "OBJC"] {
        assert_eq!(cmd.tuning[&format!("CMAKE_{language}_COMPILER_LAUNCHER")].to_string(), "ccache");
    }
    assert_eq!(cmd.tuning["CCACHE_BASEDIR"].to_string(), "${build:native}/../..");
    let mut wanted = request("llama-cpp");
    wanted.compiler_cache = CompilerCache::Off;
    let plan = world.plan(&wanted).unwrap();
    let plan::step::Action::Run { cmd } =
        &plan.steps.iter().find(|s| s.id.as_str() == "build-native").unwrap().action
    else {
        panic!("build-native runs nothing")
    };
    assert!(cmd.tuning.is_empty());
}

#[test]
fn go_is_built_without_paths_or_versions_of_this_checkout() {
    let world = world();
    let plan = world.plan(&request("local-store")).unwrap();
    let build = command(&plan, "build");
    assert!(build.contains("-trimpath") && build.contains("-buildvcs=false"), "{build}");
}

const MANIFEST: &str = "--manifest-path ${build:rust}/src/backend/rust/lexical/Cargo.toml";

#[test]
fn rust_is_locked_and_built_without_paths_of_this_machine() {
    let world = world();
    for (platform, triple) in [
        ("linux/amd64", "x86_64-unknown-linux-gnu"),
        ("linux/arm64", "aarch64-unknown-linux-gnu"),
        ("darwin/arm64", "aarch64-apple-darwin"),
    ] {
        let mut wanted = request("lexical");
        wanted.platform = Some(common::platform(platform));
        let here = common::World { host: host(platform), ..common::world() };
        let plan = here.plan(&wanted).unwrap();
        let built =
            format!("cargo build {MANIFEST} --locked --offline --release --target {triple} --bin lexical");
        assert!(command(&plan, "build").starts_with(&built), "{}", command(&plan, "build"));
        assert!(command(&plan, "fetch").contains("--locked"));
        let plan::step::Action::Run { cmd } = &plan.steps[2].action else { panic!("{:?}", plan.steps[2]) };
        let flags = cmd.env["CARGO_ENCODED_RUSTFLAGS"].to_string();
        let remapped =
            ["--remap-path-prefix=${build:rust}=/build", "--remap-path-prefix=${cache:cargo}=/cargo"];
        // Apple's linker writes no such file.
        let linked = ["-Clink-arg=-Xlinker", "-Clink-arg=--dependency-file=${build:rust}/binary.link.d"];
        let room = ["-Clink-arg=-Wl,-headerpad_max_install_names"];
        let linked = if platform.starts_with("linux") { &linked[..] } else { &room[..] };
        assert_eq!(flags.split('\u{1f}').collect::<Vec<_>>(), [&remapped, linked].concat());
        assert_eq!(cmd.cwd, Some("/".into()), "there is no directory above with a configuration");
        assert_eq!(cmd.env["CARGO_PROFILE_RELEASE_STRIP"].to_string(), "symbols");
        assert_eq!(cmd.tuning["CARGO_HOME"].to_string(), "${cache:cargo}");
        let facts: Vec<String> = plan.facts.iter().map(plan::Fact::name).collect();
        assert!(facts.contains(&"rustc".to_owned()), "{facts:?}");
        assert_eq!(facts.contains(&"deb:libc6-dev".to_owned()), platform.starts_with("linux"), "{facts:?}");
    }
    assert!(world.plan(&request("lexical")).unwrap().refresh.is_none(), "a locked unit has no bucket");
}

#[test]
fn cargo_reads_the_configuration_that_is_named_and_no_other() {
    let mut world = world();
    assert!(!command(&world.plan(&request("lexical")).unwrap(), "build").contains("--config"));
    let lexical = world.backends.get_mut("lexical").unwrap();
    let model::backend::Recipe::Rust(rust) = &mut lexical.recipe else { panic!("a Rust backend") };
    rust.config = Some(".cargo/config.toml".parse().unwrap());
    let plan = world.plan(&request("lexical")).unwrap();
    for step in ["fetch", "build"] {
        let wanted = "cargo --config ${build:rust}/src/backend/rust/lexical/.cargo/config.toml";
        assert!(command(&plan, step).starts_with(wanted), "{}", command(&plan, step));
    }
}

#[test]
fn vulkan_looks_for_newer_headers_where_the_distribution_s_are_too_old() {
    let mut world = world();
    let mut wanted = request("llama-cpp");
    wanted.variant = Some("vulkan".parse().unwrap());
    let plan = world.plan(&wanted).unwrap();
    let configure = command(&plan, "configure-native");
    assert!(configure.ends_with("-DCMAKE_PREFIX_PATH=/opt/vulkan-headers/usr;/usr"), "{configure}");
    assert!(plan.facts.iter().any(|fact| fact.name() == "file:vulkan_core.h"));

    // In a container the image counts, whatever this machine is.
    wanted.realm = RealmChoice::Container;
    let headers = |world: &common::World| {
        command(&world.plan(&wanted).unwrap(), "configure-cpu-all").contains("/opt/vulkan-headers")
    };
    assert!(!headers(&world), "Ubuntu's images have the SDK");
    for base in world.variants.get_mut("vulkan").unwrap().bases.values_mut() {
        base.distro = model::host::Distro::Debian12;
    }
    assert!(headers(&world));

    world.host.distro = Some(model::host::Distro::Debian13);
    wanted.realm = RealmChoice::Auto;
    let plan = world.plan(&wanted).unwrap();
    assert!(!command(&plan, "configure-native").contains("/opt/vulkan-headers"));
    assert!(plan.facts.iter().all(|fact| fact.name() != "file:vulkan_core.h"));
}
