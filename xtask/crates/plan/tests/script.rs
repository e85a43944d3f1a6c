//! `build.sh`: run for real, below a directory of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "the script is run")]

mod common;

use common::{request, world};
use model::arg::{Arg, Place};
use model::flavor::Flavor;
use model::package::Package;
use plan::Plan;
use plan::cmd::Cmd;
use plan::lower::build_sh;
use plan::request::{RealmChoice, Request};
use plan::shell::Directories;
use plan::step::{Action, Step};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn llama(flavors: &[Flavor]) -> Plan {
    let mut wanted = request("llama-cpp");
    wanted.realm = RealmChoice::Container;
    wanted.flavors = flavors.to_vec();
    world().plan(&wanted).unwrap()
}

fn build(label: &str) -> Arg {
    Arg::place(Place::Build(label.parse().unwrap()))
}

fn step(id: &str, action: Action) -> Step {
    Step { id: id.parse().unwrap(), action }
}

fn sh(script: &str, cwd: Arg) -> Cmd {
    Cmd::new("sh", cwd).args(["-c", script])
}

/// Steps of every kind, on files that a shell must be careful with.
fn steps() -> Vec<Step> {
    let cache = Arg::place(Place::Cache("ccache".parse().unwrap()));
    let quoting = sh(r#"printf '%s|%s|%s' "$V" "$1" "$TZ" > quoting"#, build("a"))
        .args(["sh", "it's $(false) `false` \"*\""])
        .env("V", Arg::text("x y=").then(Place::Out))
        .tuning("CCACHE_DIR", cache);
    let made = "mkdir -p deep/er && echo o > a.o && echo 1 > deep/er/lib.so.1 && ln -s lib.so.1 deep/er/lib.so && \
                printf '# a.c\\ndirect_cache_hit\\n' > ccache-stats.log";
    let jobs = sh(r#"printf '%s %s' "$1" "$CMAKE_BUILD_PARALLEL_LEVEL" > "$2""#, build("b"));
    let jobs =
        jobs.arg("sh").arg(Arg::text("-j").then(Arg::jobs())).arg(Arg::place(Place::Out).then("/jobs"));
    vec![
        step("fetch", Action::Fetch { pin: "pin".parse().unwrap() }),
        step("stage", Action::Stage { into: build("a").then("/src") }),
        step("quoting", Action::Run { cmd: quoting }),
        step("make", Action::Run { cmd: sh(made, build("a")) }),
        step("jobs", jobs.parallel(1).into()),
        step(
            "one",
            Action::Copy {
                from: build("a").then("/quoting"),
                matching: Vec::new(),
                to: Arg::place(Place::Out).then("/sub dir/quoting"),
            },
        ),
        step(
            "many",
            Action::Copy {
                from: build("a"),
                matching: vec!["*.so".into(), "*.so.*".into()],
                to: Arg::place(Place::Out).then("/lib"),
            },
        ),
    ]
}

fn fixture() -> Plan {
    let mut plan = llama(&[Flavor::Fallback]);
    plan.steps = steps();
    let Package { library_dirs, .. } = plan.package.as_mut().unwrap();
    *library_dirs = vec![build("a").then("/deep")];
    plan
}

fn run(plan: &Plan, at: &Path) -> Output {
    let root = at.to_str().unwrap();
    let builds = format!("{root}/build");
    fs::create_dir_all(at.join("inputs/backend")).unwrap();
    fs::write(at.join("inputs/backend/in put.txt"), "in").unwrap();
    fs::write(at.join("build.sh"), build_sh(plan, &Directories::below(root))).unwrap();
    let output = Command::new("sh").arg(at.join("build.sh")).env("MAKEFLAGS", &builds).output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn every_kind_of_step_does_what_the_native_realm_does() {
    let dir = tempfile::Builder::new().prefix("a b'").tempdir().unwrap();
    let at = dir.path();
    fs::create_dir_all(at.join("sources/pin")).unwrap();
    let output = run(&fixture(), at);
    assert!(output.status.success());
    let root = at.to_str().unwrap();
    let out = |path: &str| fs::read_to_string(at.join("out").join(path)).unwrap();
    assert_eq!(out("sub dir/quoting"), format!("x y={root}/out|it's $(false) `false` \"*\"|UTC"));
    assert_eq!(out("lib/lib.so.1"), "1\n");
    assert_eq!(fs::read_link(at.join("out/lib/lib.so")).unwrap(), Path::new("lib.so.1"));
    let jobs = out("jobs");
    let (flag, level) = jobs.split_once(' ').unwrap();
    assert!(level.parse::<usize>().unwrap() >= 1 && flag == format!("-j{level}"), "{jobs}");
    assert!(at.join("cache/ccache/.started").is_file());
    let stdout = String::from_utf8(output.stdout).unwrap();
    let marks: Vec<&str> = stdout.lines().filter(|line| line.starts_with("== ")).collect();
    assert_eq!(
        marks,
        [
            "== fetch",
            "== stage",
            "== quoting",
            "== make",
            "== jobs",
            "== one",
            "== many",
            "== ccache",
            "== tidy"
        ]
    );
    let hits = stdout.lines().find(|line| line.contains("direct_cache_hit")).unwrap();
    assert_eq!(hits.split_whitespace().collect::<Vec<_>>(), ["1", "direct_cache_hit"]);
}

#[test]
fn only_what_the_package_reads_is_left_of_the_build() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("sources/pin")).unwrap();
    assert!(run(&fixture(), dir.path()).status.success());
    let build = dir.path().join("build");
    assert!(build.join("a/deep/er/lib.so.1").is_file() && build.join("a/deep/er/lib.so").is_symlink());
    for gone in ["a/a.o", "a/src", "b"] {
        assert!(!build.join(gone).exists(), "{gone}");
    }
}

#[test]
fn a_step_that_fails_ends_the_script() {
    let failing = |broken: Step| {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("sources/pin")).unwrap();
        let mut plan = fixture();
        let after = sh("echo reached > reached", Arg::place(Place::Out));
        plan.steps.extend([broken, step("after", Action::Run { cmd: after })]);
        let output = run(&plan, dir.path());
        !output.status.success() && !dir.path().join("out/reached").exists()
    };
    let nowhere = Arg::place(Place::Out);
    let copy = |matching: &[&str]| Action::Copy {
        from: build("absent"),
        matching: matching.iter().map(|&glob| glob.to_owned()).collect(),
        to: Arg::place(Place::Out).then("/x"),
    };
    assert!(failing(step("run", Action::Run { cmd: sh("exit 3", nowhere.clone()) })));
    assert!(failing(step("absent-directory", Action::Run { cmd: sh("true", build("x").then("/y")) })));
    assert!(failing(step("copy", copy(&[]))));
    assert!(failing(step("nothing-matches", copy(&["*.none"]))));
    assert!(failing(step("no-source", Action::Fetch { pin: "absent".parse().unwrap() })));
    assert!(!failing(step("sound", Action::Run { cmd: sh("true", nowhere) })), "the test can fail");
}

#[test]
fn of_a_published_package() {
    let plan = llama(&[Flavor::CpuAll, Flavor::RpcServer]);
    insta::assert_snapshot!(build_sh(&plan, &Directories::default()));
}

#[test]
fn a_rust_unit_is_one_script_of_locked_steps() {
    let mut wanted = request("lexical");
    wanted.realm = RealmChoice::Container;
    insta::assert_snapshot!("rust", build_sh(&world().plan(&wanted).unwrap(), &Directories::default()));
}

/// A variable that is not set ends a script.
#[test]
fn the_number_of_jobs_is_computed_before_it_is_read() {
    for backend in ["llama-cpp", "local-store", "lexical"] {
        let wanted = Request { realm: RealmChoice::Container, ..request(backend) };
        let script = build_sh(&world().plan(&wanted).unwrap(), &Directories::default());
        let at = |text: &str| script.find(text).unwrap_or_else(|| panic!("{text} is not in {script}"));
        assert!(at("\nJOBS=$(jobs ") < at("\"$JOBS\""), "{script}");
    }
}

#[test]
fn a_new_bucket_of_floating_requirements_makes_a_new_layer() {
    let script = |refresh: Option<&str>| {
        let mut plan = fixture();
        plan.refresh = refresh.map(str::to_owned);
        build_sh(&plan, &Directories::default())
    };
    assert_ne!(script(Some("2026-W47")), script(Some("2026-W48")));
    assert!(!script(None).contains("Requirements"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    /// Whatever a manifest or a user writes reaches the program as it is, and no part of it is run.
    #[test]
    fn every_word_arrives_as_it_was_written(
        words in proptest::collection::vec("[^\\x00]{0,12}|[-$`'\"\\\\ \n;|&(){}<>*?~#!=a]{0,12}", 1..20),
    ) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("sources/pin")).unwrap();
        let printf = sh(r#"printf '%s\0' "$V" "$@" > words"#, Arg::place(Place::Out)).arg("sh").args(words.clone());
        let printf = printf.env("V", words[0].clone());
        let mut plan = fixture();
        plan.steps = vec![step("words", Action::Run { cmd: printf })];
        assert!(run(&plan, dir.path()).status.success());
        let found = fs::read(dir.path().join("out/words")).unwrap();
        let expected: String = [&words[0]].into_iter().chain(&words).flat_map(|word| [word.as_str(), "\0"]).collect();
        assert_eq!(String::from_utf8(found).unwrap(), expected);
    }
}
