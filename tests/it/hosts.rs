//! Other machines: what is asked of them, and what this one says of itself.

use crate::checkout::{Checkout, repository};
use model::captured_host::CapturedHost;

fn mac(name: &str) -> String {
    repository().join("tests/fixtures/hosts").join(format!("mac-{name}.yaml")).to_str().unwrap().to_owned()
}

#[test]
fn keys_of_a_mac_are_known_where_its_host_is_and_nowhere_else() {
    let checkout = Checkout::new();
    let units = |args: &[&str]| {
        let text = checkout.out(&[&["list", "--units"], args].concat());
        let line = text.lines().find(|line| line.contains("darwin/arm64")).unwrap().to_owned();
        line.split_whitespace().nth(3).unwrap().to_owned()
    };
    let file = mac("arm64");
    let known = units(&["--host", &file]);
    assert_eq!((known.len(), units(&[]).as_str()), (64, "-"));
    let published = ["llama-cpp", "--host", &file, "--published"];
    assert_eq!(checkout.hash(&published), known);
    let why = checkout.out(&[&["why"], published.as_slice(), &["--document"]].concat());
    for fact in ["\"brew:abseil\": \"20250814.1\"", "\"xcrun\": \"24B75\"", "MACOSX_DEPLOYMENT_TARGET"] {
        assert!(why.contains(fact), "{fact}: {why}");
    }
    // What a Mac updates changes the key.
    let updated = checkout.home.join("mac.yaml");
    let text = std::fs::read_to_string(&file).unwrap().replace("20250814.1", "20260107.0");
    std::fs::write(&updated, text).unwrap();
    assert_ne!(units(&["--host", updated.to_str().unwrap()]), known);
}

#[test]
fn a_mac_of_which_nothing_is_known_can_be_planned_for() {
    let checkout = Checkout::new();
    let plan = checkout.out(&["plan", "llama-cpp", "--platform", "darwin/arm64"]);
    assert!(plan.contains("realm    native: darwin/arm64 is the machine that is planned for"), "{plan}");
    let key = checkout.run(&["hash", "llama-cpp", "--platform", "darwin/arm64", "--realm", "native"]);
    assert!(key.code == 2 && key.err.contains("--host FILE"), "{key:?}");
}

#[test]
fn what_a_mac_needs_is_one_file() {
    let checkout = Checkout::new();
    let print = |form| {
        checkout.out(&[
            "install-base-deps",
            "--platform",
            "darwin/arm64",
            "--backend",
            "llama-cpp",
            "--print",
            form,
        ])
    };
    let file = print("brewfile");
    assert_eq!(file.lines().next(), Some("brew \"ccache\""));
    assert!(print("sh").contains(file.trim_end()), "the script holds the same");
    let linux = checkout.run(&["install-base-deps", "--platform", "linux/amd64", "--print", "brewfile"]);
    assert!(linux.code == 2 && linux.err.contains("--print sh"), "{linux:?}");
    let file = mac("arm64");
    let install = checkout.run(&["install-base-deps", "--host", &file, "--backend", "llama-cpp"]);
    assert!(install.code == 2 && install.err.contains("nothing to install"), "{install:?}");
}

#[test]
fn a_doctor_tells_all_that_a_mac_lacks() {
    let checkout = Checkout::new();
    let ready = checkout.run(&["doctor", "--host", &mac("arm64")]);
    assert!(ready.code == 0 && ready.out.contains("llama-cpp · metal · darwin/arm64: ready"), "{ready:?}");
    let bare = checkout.run(&["doctor", "--host", &mac("bare")]);
    assert_eq!(bare.code, 4, "{bare:?}");
    for word in ["Rosetta", "xcode-select --install", "Homebrew is not at /opt/homebrew", "900 MiB"] {
        assert!(bare.out.contains(word), "{word}: {bare:?}");
    }
    assert!(!bare.out.contains("sudo"), "{bare:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_holds_what_helps_and_nothing_of_whose_it_is() {
    let checkout = Checkout::new();
    let log = "target/backends/llama-cpp.cpu.linux-amd64/logs/build.log";
    let home = checkout.home.to_str().unwrap();
    let root = checkout.root.to_str().unwrap();
    checkout.write(log, &format!("{root}/a.c: error\n{home}/b.h: s3cr3t-value by somebody\n"));
    let result = r#"{"unit":"u","key":"k","result":"built","seconds":1.5,"ccache":null,"layers":null,"warnings":1,"image":null}"#;
    checkout.write("target/xtask-results/units/u.json", result);
    let mut command = checkout.command(&["doctor", "--report"]);
    command.env("USER", "somebody").env("QUAY_TOKEN", "s3cr3t-value");
    let ran = crate::checkout::ran(&mut command);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    for part in ["xtask", "commit", "host", "missing", "builds", "newest-log"] {
        assert!(report.get(part).is_some(), "{part}: {report:#}");
    }
    assert_eq!(report["builds"][0]["unit"], "u");
    assert_eq!(report["newest-log"]["file"], format!("<checkout>/{log}"));
    let end = serde_json::json!(["<checkout>/a.c: error", "~/b.h: <secret> by <user>"]);
    assert_eq!(report["newest-log"]["end"], end);
    for word in [home, root, "somebody", "s3cr3t", checkout.cache.to_str().unwrap()] {
        assert!(!ran.out.contains(word), "{word}: {report:#}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn this_machine_in_a_file_is_this_machine() {
    let checkout = Checkout::new();
    let text = checkout.out(&["doctor", "--capture"]);
    let captured = CapturedHost::read(&text).unwrap();
    assert!(captured.cpus > 0 && captured.macos.is_none());
    assert!(!text.contains(checkout.home.to_str().unwrap()), "{text}");
    let file = checkout.home.join("here.json");
    std::fs::write(&file, text).unwrap();
    let host = ["--host", file.to_str().unwrap()];
    for backend in ["llama-cpp", "local-store"] {
        assert_eq!(
            checkout.hash(&[&[backend], host.as_slice()].concat()),
            checkout.hash(&[backend]),
            "{backend}"
        );
    }
    std::fs::write(&file, "platform: darwin/arm64\ncpu: 1\n").unwrap();
    let wrong = checkout.run(&[&["hash", "llama-cpp"], host.as_slice()].concat());
    assert!(
        wrong.code == 2 && wrong.err.contains("is no machine as `doctor --capture` writes it"),
        "{wrong:?}"
    );
}
