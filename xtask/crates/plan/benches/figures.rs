//! What planning costs by itself: 519 units of 62 backends, and their keys, without a file being read.
//!
//! `cargo bench -p plan --profile dev` prints a table and fails if a limit is missed.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a benchmark")]

use model::host::{Host, Privilege};
use model::manifest::{self, Files, Manifests};
use plan::Plan;
use plan::key::{InputDigests, InputSet, Measured, key};
use plan::published::{plan, units};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 21;
/// Input files of one backend.
const INPUTS: usize = 38;
const WIDE: &str = "  cuda-12: [linux/amd64]\n  cuda-13: [linux/amd64]\n  l4t-cuda-12: [linux/arm64]\n  l4t-cuda-13: [linux/arm64]\n";
/// Family, variants beside the processor and Metal, how many backends: as tests/bench/generate_matrix.py has them.
const KINDS: [(&str, &str, &str, usize); 5] = [
    (
        "cpp",
        "sources: [llama.cpp]\ncmake:\n  source: llama.cpp\n  source-variable: DIR\n  target: server\n  default-flavors: [fallback]\n  published-flavors: [cpu-all, grpc]\n",
        "  rocm: [linux/amd64]\n  vulkan: [linux/amd64, linux/arm64]\n  sycl-f16: [linux/amd64]\n  sycl-f32: [linux/amd64]\n",
        5,
    ),
    (
        "python",
        "python:\n  entry: server.py\n  requirements: [requirements.txt]\n",
        "  rocm: [linux/amd64]\n  intel: [linux/amd64]\n",
        22,
    ),
    (
        "go",
        "go:\n  package: .\n",
        "  vulkan: [linux/amd64, linux/arm64]\n  sycl-f16: [linux/amd64]\n  sycl-f32: [linux/amd64]\n",
        19,
    ),
    ("small", "go:\n  package: .\n", "", 15),
    ("rust", "rust:\n  binary: server\n", "", 1),
];

fn main() -> ExitCode {
    let texts = texts();
    let manifests = manifest::load(&texts).unwrap();
    let measured = measured();
    let plans = planned(&manifests);
    println!("{} units of {} backends, fastest of {ROUNDS} runs", plans.len(), manifests.backends.len());
    let held = [
        report("read and check the manifests", 10.0, || manifest::load(&texts).unwrap().backends.len()),
        report("plan every unit", 60.0, || planned(&manifests).len()),
        report("key every plan", 60.0, || {
            plans.iter().map(|plan| usize::from(key(plan, &measured).digest().as_bytes()[0])).sum()
        }),
    ];
    if held.iter().all(|held| *held) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whatever else the machine does only ever adds: the fastest run is the one that says most.
fn report(name: &str, limit: f64, work: impl Fn() -> usize) -> bool {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        black_box(work());
        best = best.min(began.elapsed());
    }
    let took = best.as_secs_f64() * 1e3;
    println!("{name:<32} {took:>8.2} ms   limit {limit:>5.1} ms, on one processor");
    took <= limit
}

fn planned(manifests: &Manifests) -> Vec<Plan> {
    // A matrix is planned by a fresh process: what units share is made anew as well.
    let host = host();
    units(manifests).map(|unit| plan(manifests, &host, &unit).unwrap()).collect()
}

fn measured() -> Measured {
    let inputs: InputDigests =
        (0..INPUTS).map(|at| (format!("backend/go/x/src/file{at}.go"), "0".repeat(64))).collect();
    Measured {
        inputs: Arc::new(InputSet::new(inputs)),
        patches: BTreeMap::new(),
        facts: BTreeMap::new(),
        deps: BTreeMap::new(),
    }
}

fn host() -> Host {
    Host {
        platform: "linux/amd64".parse().unwrap(),
        distro: None,
        privilege: Privilege::None,
        cpus: 2,
        memory_mib: 24_000,
        cpu: String::new(),
        refresh: Some("2026-W47".to_owned()),
        ci: false,
        is_here: true,
    }
}

/// The repository's own tables, and generated backends.
fn texts() -> Files {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");
    let mut files: Files = [manifest::VARIANTS, manifest::SOURCES]
        .into_iter()
        .map(|file| (file.into(), std::fs::read_to_string(format!("{root}/{file}")).unwrap()))
        .collect();
    for (family, recipe, more, count) in KINDS {
        for at in 0..count {
            let (name, dir) = (format!("{family}-{at:02}"), format!("backend/{family}/{family}-{at:02}"));
            let mut text =
                "# yaml-language-server: $schema=../../../docs/schemas/backend.schema.json\n\n".to_owned();
            write!(text, "name: {name}\ndescription: Generated\nlicense: MIT\ntask: generate\n").unwrap();
            write!(text, "inputs:\n  include: [backend/backend.proto, \"{dir}/**\"]\n").unwrap();
            write!(text, "variants:\n  cpu: [linux/amd64, linux/arm64]\n  metal: [darwin/arm64]\n").unwrap();
            let few = family == "small" || family == "rust";
            write!(text, "{}{more}{recipe}", if few { "" } else { WIDE }).unwrap();
            files.insert(format!("{dir}/backend.yaml").into(), text);
        }
    }
    files
}
