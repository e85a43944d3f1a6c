//! Plans: what they hold, that they touch nothing, and that a dry run shows the same steps.

use crate::checkout::Checkout;
use serde_json::Value;

fn plan(checkout: &Checkout, args: &[&str]) -> String {
    let fixed = ["plan", "llama-cpp", "--platform", "linux/amd64", "--flavor", "fallback", "--json"];
    let all: Vec<&str> = fixed.into_iter().chain(args.iter().copied()).collect();
    checkout.out(&all)
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn on_the_processor() {
    insta::assert_snapshot!(plan(&Checkout::new(), &[]));
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn on_vulkan() {
    insta::assert_snapshot!(plan(&Checkout::new(), &["--variant", "vulkan"]));
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn with_cuda_in_a_container() {
    insta::assert_snapshot!(plan(&Checkout::new(), &["--variant", "cuda-12"]));
}

#[test]
fn the_three_families_as_people_see_them() {
    let checkout = Checkout::new();
    let text: Vec<String> = ["llama-cpp", "local-store", "minilm"]
        .into_iter()
        .map(|backend| {
            // Whichever machine this is, the unit is planned for one and the same.
            let mut args = vec!["plan", backend, "--platform", "linux/amd64", "--realm", "container"];
            if backend == "llama-cpp" {
                args.extend(["--flavor", "fallback"]);
            }
            checkout.out(&args)
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn the_file_that_a_manifest_names_is_what_python_starts() {
    let checkout = Checkout::new();
    let plan =
        || checkout.out(&["plan", "minilm", "--platform", "linux/amd64", "--realm", "container", "--json"]);
    let starts = |module: &str| plan().contains(&format!(r#"MODULE = \"\", \"{module}\""#));
    assert!(starts("server"));
    checkout.replace("backend/python/minilm/backend.yaml", "entry: server.py", "entry: main.py");
    assert!(starts("main"));
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn the_manifest_decides_what_is_meant_when_no_variant_is_named() {
    let checkout = Checkout::new();
    let asked: [&[&str]; 3] = [
        &["plan", "llama-cpp", "--platform", "linux/amd64", "--json"],
        &["ci", "cache-keys", "--backend", "llama-cpp", "--platform", "linux/amd64"],
        &["install-base-deps", "--print", "sh", "--backend", "llama-cpp"],
    ];
    let named = |args: &[&str], variant| checkout.out(&[args, &["--variant", variant]].concat());
    for default in ["cpu", "vulkan"] {
        checkout.replace("backend/variants.yaml", "linux/amd64: cpu", &format!("linux/amd64: {default}"));
        for args in asked {
            let meant = checkout.out(args);
            assert_eq!(meant, named(args, default), "{args:?}");
            let other = if default == "cpu" { "vulkan" } else { "cpu" };
            assert_ne!(meant, named(args, other), "{args:?}");
        }
        // What it has on the platform, where it has not the default.
        let plan = checkout.out(&["plan", "local-store", "--platform", "linux/amd64"]);
        assert!(plan.contains("local-store · cpu"), "{plan}");
    }
    let ran = checkout.run(&["plan", "local-store", "--platform", "darwin/arm64"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let words = "is not made for darwin/arm64 in any variant; it is made for: linux/amd64, linux/arm64";
    assert!(ran.err.contains(words), "{ran:?}");
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn what_does_not_fit_the_platform_is_refused_with_what_there_is() {
    let checkout = Checkout::new();
    for table in ["backend/variants.yaml", "backend/sources.yaml"] {
        checkout.write(table, &std::fs::read_to_string(crate::checkout::repository().join(table)).unwrap());
    }
    let refused: [(&[&str], i32, &str); 6] = [
        (
            &["install-base-deps", "--variant", "metal", "--print", "sh"],
            2,
            "`metal` of backend/variants.yaml is not made for linux/amd64; it is made for: darwin/arm64;",
        ),
        (
            &["install-base-deps", "--variant", "l4t-cuda-12", "--print", "sh"],
            2,
            "is not made for linux/amd64; it is made for: linux/arm64; on linux/amd64 there is: cpu,",
        ),
        (
            &["install-base-deps", "--variant", "vulcan"],
            2,
            "no variant `vulcan`; did you mean `vulkan`?; it has: cpu,",
        ),
        (&["install-base-deps", "--platform", "linux/arm64"], 2, "this machine is linux/amd64"),
        (&["plan", "minilm", "--variant", "cpu", "--platform", "darwin/arm64"], 2, "it is made for: linux/"),
        (
            &[
                "ci",
                "cache-keys",
                "--backend",
                "llama-cpp",
                "--platform",
                "linux/amd64",
                "--variant",
                "metal",
            ],
            2,
            "variant `metal` of `llama-cpp` is not made for linux/amd64; it is made for: darwin/arm64",
        ),
    ];
    for (args, code, words) in refused {
        let ran = checkout.run(args);
        assert!(ran.code == code && ran.err.contains(words) && ran.out.is_empty(), "{args:?}: {ran:?}");
    }
    // Of another platform, the script of the image in which the variant is built there.
    let other = ["--variant", "l4t-cuda-12", "--platform", "linux/arm64"];
    let script = checkout.out(&[&["install-base-deps", "--print", "sh"], &other[..]].concat());
    assert!(script.contains("# Ubuntu 22.04, arm64, l4t 12.0"), "{script}");
    assert!(script.contains("linux-aarch_64") && !script.contains("x86_64"), "{script}");
}

#[test]
fn looking_touches_nothing() {
    let checkout = Checkout::new();
    let before = checkout.everything();
    let looks: [&[&str]; 7] = [
        &["plan", "llama-cpp"],
        &["plan", "minilm", "--json"],
        &["list"],
        &["list", "--json"],
        &["sources"],
        &["cache", "path"],
        &["generate", "--check"],
    ];
    for args in looks {
        checkout.run(args);
        assert!(checkout.everything() == before, "{args:?} wrote something");
    }
}

#[test]
fn a_bake_file_is_printed_and_nothing_is_made() {
    let checkout = Checkout::new();
    let template = "docker/Dockerfile.llama-cpp";
    checkout.write(template, &std::fs::read_to_string(crate::checkout::repository().join(template)).unwrap());
    let before = checkout.everything();
    let args =
        ["plan", "llama-cpp", "--realm", "container", "--platform", "linux/amd64", "--bake", "--offline"];
    let ran = checkout.run(&args);
    assert_eq!(ran.code, 0, "{ran:?}");
    let file: Value = serde_json::from_str(&ran.out).unwrap();
    let contexts = file["target"]["unit"]["contexts"].as_object().unwrap();
    assert!(
        contexts.len() > 3
            && contexts.values().all(|path| !std::path::Path::new(path.as_str().unwrap()).exists())
    );
    assert!(checkout.everything() == before, "something was written");
    assert!(ran.err.contains("with --stage"), "{ran:?}");
    // What is in the cache is used, and stays as it is.
    let key = checkout.hash(&["llama-cpp", "--realm", "container", "--platform", "linux/amd64"]);
    let before = checkout.everything();
    let again = checkout.run(&args);
    assert!(again.out == ran.out && again.out.contains(&key), "{again:?}");
    assert!(checkout.everything() == before, "something was written");
}

#[test]
fn a_dry_run_leaves_the_checkout_alone() {
    let checkout = Checkout::new();
    let inside = |checkout: &Checkout| {
        let mut all = checkout.everything();
        all.retain(|path, _| path.starts_with(&checkout.root));
        all
    };
    let before = inside(&checkout);
    for args in [
        &["build-backend", "llama-cpp", "--dry-run"][..],
        &["build-backend", "--all", "--dry-run"],
        &["clean", "--dry-run"],
        &["why", "llama-cpp"],
        &["hash", "minilm"],
    ] {
        checkout.out(args);
        assert!(inside(&checkout) == before, "{args:?} wrote into the checkout");
    }
}

#[test]
fn a_dry_run_shows_the_steps_of_the_plan() {
    let checkout = Checkout::new();
    for backend in ["llama-cpp", "local-store", "minilm"] {
        let plan: Value = serde_json::from_str(&checkout.out(&["plan", backend, "--json"])).unwrap();
        let planned: Vec<&str> =
            plan["steps"].as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap()).collect();
        let shown = checkout.run(&["build-backend", backend, "--dry-run"]).err;
        let shown: Vec<&str> = shown
            .lines()
            .filter(|line| line.starts_with("  "))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(shown, planned, "{backend}");
    }
}

#[test]
fn ci_builds_what_is_published() {
    let checkout = Checkout::new();
    let flavors = |command: &mut std::process::Command| -> Vec<String> {
        let plan: Value = serde_json::from_str(&crate::checkout::ran(command).out).unwrap();
        serde_json::from_value(plan["flavors"].clone()).unwrap()
    };
    let args = ["plan", "llama-cpp", "--json"];
    assert_eq!(flavors(&mut checkout.command(&args)), ["native"]);
    let published = flavors(checkout.command(&args).env("CI", "true"));
    assert_eq!(published, ["cpu-all", "grpc", "rpc-server"]);
    assert_eq!(
        flavors(checkout.command(&["plan", "llama-cpp", "--json", "--published"]).env("CI", "")),
        published
    );
}
