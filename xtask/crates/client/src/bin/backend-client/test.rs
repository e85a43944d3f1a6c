//! `test`: the contract as a test of one package.

use std::path::Path;

use client::task::Task;
use client::verify::{Outcome, Trial, Verdict, junit, verify};
use client::{Launch, install};
use serde_json::json;

use crate::Failure;
use crate::cli::Test;
use crate::run::line;
use crate::show::short;
use crate::signals::Signals;

/// What LocalAI tells every backend to take for the caches of models, unless its own environment says otherwise.
const CACHES: [&str; 3] = ["HF_HOME", "TRANSFORMERS_CACHE", "HUGGINGFACE_HUB_CACHE"];

pub(crate) async fn test(options: Test) -> Result<(), Failure> {
    let mut signals = Signals::listen().map_err(Failure::Setup)?;
    let scratch = tempfile::Builder::new().prefix("backend-test-").tempdir().map_err(Failure::Setup)?;
    let package = scratch.path().join("package");
    std::fs::create_dir(&package).map_err(Failure::Setup)?;
    install(&options.package, &package)?;
    let mut launch = options.start.launch(package);
    launch.alone = options.empty_root;
    furnish(&mut launch, scratch.path()).map_err(Failure::Setup)?;
    let trial = Trial {
        task: options.task.or_else(|| Task::of_package(&launch.package)).unwrap_or(Task::Health),
        launch,
        model: options.model,
        program: std::env::current_exe().map_err(Failure::Setup)?,
    };
    let quiet = options.json;
    let outcomes = tokio::select! {
        outcomes = verify(&trial, |outcome| if !quiet { show(outcome) }) => outcomes,
        signal = signals.next() => return Err(Failure::Interrupted(signal)),
    };
    let name =
        options.package.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(path) = options.junit {
        std::fs::write(&path, junit(&name, &outcomes)).map_err(|error| Failure::Write { path, error })?;
    }
    let count = |wanted: fn(&Verdict) -> bool| outcomes.iter().filter(|one| wanted(&one.verdict)).count();
    let failed = count(|verdict| matches!(verdict, Verdict::Failed(_)));
    if options.json {
        line(&json!({ "package": options.package, "cases": outcomes.iter().map(told).collect::<Vec<_>>() }))?;
    }
    if failed > 0 {
        return Err(Failure::Verified { failed, cases: outcomes.len() });
    }
    if !options.json {
        let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
        line(&format!(
            "{name} keeps the contract: {} cases passed, {skipped} skipped",
            outcomes.len() - skipped
        ))?;
    }
    Ok(())
}

/// What a backend finds where LocalAI starts it. In a root of its own also what every container has: a directory for
/// files that go, and the device that gRPC for Python seeds itself from, of which some bytes will do.
fn furnish(launch: &mut Launch, scratch: &Path) -> std::io::Result<()> {
    let models = if launch.alone { launch.package.join("tmp") } else { scratch.join("models") };
    std::fs::create_dir_all(&models)?;
    if launch.alone {
        let random = launch.package.join("dev/urandom");
        std::fs::create_dir_all(launch.package.join("dev"))?;
        let mut bytes = vec![0; 4096];
        std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)?;
        std::fs::write(random, bytes)?;
    }
    let seen = |path: &Path| match path.strip_prefix(&launch.package) {
        Ok(inside) if launch.alone => Path::new("/").join(inside).display().to_string(),
        _ => path.display().to_string(),
    };
    let unset = CACHES.iter().filter(|name| std::env::var_os(name).is_none());
    let mut environment: Vec<_> = unset.map(|name| ((*name).to_owned(), seen(&models))).collect();
    let manifests = launch.package.join("vulkan/icd.d").read_dir().into_iter().flatten().flatten();
    let mut drivers: Vec<String> = manifests
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| seen(&path))
        .collect();
    drivers.sort();
    if !drivers.is_empty() {
        let drivers = drivers.join(":");
        environment
            .extend(["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].map(|name| (name.to_owned(), drivers.clone())));
    }
    launch.environment = environment;
    Ok(())
}

fn show(outcome: &Outcome) {
    let (mark, why) = match &outcome.verdict {
        Verdict::Passed => ("ok", String::new()),
        Verdict::Skipped(why) => ("skipped", format!(": {why}")),
        Verdict::Failed(why) => ("FAILED", format!(": {why}")),
    };
    // Whoever reads no more of it still gets the exit code.
    let _ = line(&format!("{mark:8}{} ({}){why}", outcome.case, short(outcome.time)));
}

fn told(outcome: &Outcome) -> serde_json::Value {
    let (verdict, why) = match &outcome.verdict {
        Verdict::Passed => ("passed", None),
        Verdict::Skipped(why) => ("skipped", Some(why)),
        Verdict::Failed(why) => ("failed", Some(why)),
    };
    json!({ "case": outcome.case, "verdict": verdict, "why": why, "ms": outcome.time.as_secs_f64() * 1e3 })
}
