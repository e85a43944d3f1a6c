//! What must be true of every workflow, whoever writes the next one.

use crate::action;
use crate::catalog::{actions, workflows};
use crate::command::Command;
use crate::facts::Facts;
use crate::job::{Job, Work};
use crate::render;
use crate::step::{Does, Step, value};
use crate::workflow::{Grant, Workflow};
use std::collections::{BTreeMap, BTreeSet};

fn facts() -> Facts {
    Facts {
        linux: ["multiarch", "singlearch-1", "singlearch-2", "singlearch-3"].map(str::to_owned).into(),
        macos: vec!["darwin".to_owned()],
        registries: ["docker.io", "quay.io"].map(str::to_owned).into(),
        identities: true,
    }
}

fn all() -> Vec<Workflow> {
    workflows(&facts())
}

fn by_file() -> BTreeMap<&'static str, Workflow> {
    all().into_iter().map(|workflow| (workflow.file, workflow)).collect()
}

fn steps(job: &Job) -> &[Step] {
    match &job.work {
        Work::Steps { steps, .. } => steps,
        Work::Call { .. } => &[],
    }
}

fn every_step() -> Vec<(String, Step)> {
    let of_jobs = all().into_iter().flat_map(|workflow| {
        let steps: Vec<Step> = workflow.jobs.iter().flat_map(steps).cloned().collect();
        steps.into_iter().map(move |step| (workflow.file.to_owned(), step))
    });
    let of_actions = actions()
        .into_iter()
        .flat_map(|action| action.steps.into_iter().map(move |step| (action.directory.to_owned(), step)));
    of_jobs.chain(of_actions).collect()
}

#[test]
fn every_action_is_one_commit() {
    for action in action::ALL {
        let commit = action.commit;
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{action:?}");
        assert!(action.version.starts_with('v') && action.version.split('.').count() == 3, "{action:?}");
    }
    let mut used = BTreeSet::new();
    for (file, step) in every_step() {
        if let Does::Uses(action, _) = step.does {
            assert!(action::ALL.contains(&action), "{file}: {action:?} is not in the table");
            used.insert(action);
        }
    }
    assert_eq!(used.len(), action::ALL.len(), "the table has an action that nothing uses");
}

#[test]
fn credentials_of_a_checkout_stay_with_it() {
    let mut seen = 0;
    for (file, step) in every_step() {
        if let Does::Uses(action::CHECKOUT, with) = &step.does {
            let kept = with.iter().any(|(key, node)| {
                *key == "persist-credentials" && *node == model::text::yaml::Node::truth(false)
            });
            assert!(kept, "{file}: {step:?}");
            seen += 1;
        }
    }
    assert!(seen > 10);
}

#[test]
fn no_expression_reaches_a_shell() {
    let mut seen = 0;
    for (file, step) in every_step() {
        if let Does::Run(commands) = &step.does {
            for line in commands.iter().map(Command::line) {
                assert!(
                    !line.contains("${{") && !line.contains('`') && !line.contains("$("),
                    "{file}: {line}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 20);
}

#[test]
fn every_variable_of_a_command_is_set() {
    let runner = ["GITHUB_OUTPUT", "GITHUB_EVENT_PATH", "RUNNER_TEMP", "PATH"];
    for workflow in all() {
        for job in &workflow.jobs {
            let Work::Steps { env, steps, .. } = &job.work else { continue };
            for step in steps {
                let Does::Run(commands) = &step.does else { continue };
                for name in commands.iter().flat_map(Command::variables) {
                    let of_job = env.iter().any(|(known, _)| *known == name);
                    let of_step = step.env.iter().any(|(known, _)| known == name);
                    let known = of_job || of_step || runner.contains(&name);
                    assert!(known, "{}: {}: {name} is set nowhere", workflow.file, job.id);
                }
            }
        }
    }
}

/// The workflows that one starts, itself included.
fn reached<'a>(from: &'a Workflow, all: &'a BTreeMap<&str, Workflow>) -> Vec<&'a Workflow> {
    let mut found = vec![from];
    for job in &from.jobs {
        if let Work::Call { workflow, .. } = &job.work {
            found.extend(reached(&all[workflow], all));
        }
    }
    found
}

#[test]
fn a_pull_request_gets_no_secret_and_writes_nothing() {
    let all = by_file();
    let pulled: Vec<&Workflow> = all.values().filter(|workflow| workflow.on.pull_request.is_some()).collect();
    assert!(pulled.len() >= 3);
    for workflow in pulled.into_iter().flat_map(|workflow| reached(workflow, &all)) {
        let text = render::workflow(workflow);
        // A job of an environment has its secrets, whatever calls it.
        for word in ["secrets", "environment:", "inherit", "--push", "id-token", "publish: true"] {
            assert!(!text.contains(word), "{}: {word}", workflow.file);
        }
        for job in &workflow.jobs {
            assert_eq!(job.grants, [Grant::ReadContents], "{}: {}", workflow.file, job.id);
        }
    }
    for workflow in all.values() {
        assert!(!render::workflow(workflow).contains("pull_request_target"));
    }
}

#[test]
fn only_steps_that_log_in_see_secrets_and_only_in_their_environment() {
    for workflow in all() {
        for job in &workflow.jobs {
            let sees = |step: &&Step| step.env.iter().any(|(_, value)| value.contains("secrets."));
            let seeing: Vec<&Step> = steps(job).iter().filter(sees).collect();
            for step in &seeing {
                let login = Does::Run(vec![Command::xtask(&["ci", "login"])]);
                assert_eq!(step.does, login, "{}", workflow.file);
            }
            assert_eq!(job.environment.is_some(), !seeing.is_empty(), "{}: {}", workflow.file, job.id);
        }
    }
}

#[test]
fn what_was_not_reviewed_starts_nothing_that_has_a_secret() {
    let all = by_file();
    let mut seen = 0;
    for workflow in all.values().filter(|workflow| workflow.on.call.is_none()) {
        let reached: Vec<String> = reached(workflow, &all).into_iter().map(render::workflow).collect();
        if !reached.iter().any(|text| text.contains("environment:")) {
            continue;
        }
        let condition = "github.repository == 'mudler/LocalAI' && (github.ref == 'refs/heads/master' || \
                         github.ref_type == 'tag' && github.ref_protected)";
        for job in &workflow.jobs {
            let gated = job.condition.as_deref() == Some(condition);
            // A job that is skipped takes along who needs it, unless that says otherwise, and looks at it itself.
            let looks = |job: &Job| {
                job.condition.as_deref().is_none_or(|text| {
                    !["always()", "cancelled()", "failure()"].iter().any(|word| text.contains(word))
                        || text.contains("needs.xtask-amd64.result == 'success'")
                })
            };
            let behind =
                job.needs.iter().any(|id| id == "xtask-amd64" || id == "changes" || id == "generate-matrix");
            assert!(gated || behind && looks(job), "{}: {}", workflow.file, job.id);
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn what_is_published_is_compiled_from_nothing_that_was_kept() {
    let all = by_file();
    let mut seen = 0;
    for workflow in all.values() {
        let publishes =
            render::workflow(workflow).contains("environment:") || workflow.on.pull_request.is_none();
        for job in &workflow.jobs {
            let Work::Call { workflow: "xtask_build", with, .. } = &job.work else { continue };
            let restore = ("restore", model::text::yaml::Node::truth(!publishes));
            assert!(with.contains(&restore), "{}: {}", workflow.file, job.id);
            seen += 1;
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn what_another_job_compiled_is_verified() {
    let mut seen = 0;
    for (file, step) in every_step() {
        if let Does::Local("setup-xtask", with) = &step.does {
            assert!(matches!(with[..], [("sums", _)]), "{file}");
            seen += 1;
        }
    }
    assert!(seen > 8, "{seen}");
    let action = actions().into_iter().find(|action| action.directory == "setup-xtask").unwrap();
    let text = render::action(&action);
    let (verified, run) = (text.find("shasum").unwrap(), text.find("./xtask").unwrap());
    assert!(verified < run, "{text}");
}

#[test]
fn every_job_has_an_end_and_a_hosted_runner() {
    let hosted = ["ubuntu-latest", "ubuntu-24.04-arm", "macos-15"];
    for workflow in all() {
        for job in &workflow.jobs {
            if let Work::Steps { runs_on, minutes, .. } = &job.work {
                assert!((1..=360).contains(minutes), "{}: {}", workflow.file, job.id);
                let known = hosted.contains(&runs_on.as_str()) || runs_on.ends_with(".runs-on }}");
                assert!(known, "{}: {runs_on}", workflow.file);
            }
        }
        assert!(!render::workflow(&workflow).contains("self-hosted"));
    }
}

#[test]
fn permissions_are_the_least() {
    let no_identities = Facts { identities: false, ..facts() };
    for (identities, facts) in [(true, facts()), (false, no_identities)] {
        for workflow in workflows(&facts) {
            let text = render::workflow(&workflow);
            assert!(text.contains("\npermissions: {}\n"), "{}", workflow.file);
            for job in &workflow.jobs {
                let has = |word: &str| {
                    steps(job).iter().any(|step| match &step.does {
                        Does::Run(commands) => commands.iter().any(|command| command.words().contains(&word)),
                        _ => false,
                    })
                };
                // What is published is signed always, what caches hold where somebody looks at who signed it.
                let signs = match &job.work {
                    Work::Steps { .. } => has("--sign") || identities && has("login"),
                    Work::Call { workflow, .. } => {
                        ["backend_merge", "image_merge"].contains(workflow)
                            || identities && ["backend_build", "image_build"].contains(workflow)
                    }
                };
                let may = job.grants.contains(&Grant::Identity);
                assert_eq!(may, signs, "{}: {}", workflow.file, job.id);
                let cosign = |step: &Step| matches!(step.does, Does::Uses(action::COSIGN, _));
                if may && matches!(job.work, Work::Steps { .. }) {
                    assert!(steps(job).iter().any(cosign), "{}: {} has no cosign", workflow.file, job.id);
                }
            }
        }
    }
}

#[test]
fn groups_of_runs_are_each_workflow_s_own() {
    let mut groups = BTreeSet::new();
    for workflow in all() {
        let text = render::workflow(&workflow);
        let group = text.lines().find_map(|line| line.trim().strip_prefix("group: "));
        assert_eq!(group.is_none(), workflow.on.call.is_some(), "{}", workflow.file);
        let Some(group) = group else { continue };
        assert!(group.starts_with(&format!("ci-{}-", workflow.file)), "{group}");
        let of = |event: &str, at: &str, number: Option<&str>, sha: &str| {
            group
                .replace("${{ github.event_name }}", event)
                .replace("${{ github.ref }}", at)
                .replace("${{ github.event.pull_request.number || github.sha }}", number.unwrap_or(sha))
                .replace("${{ github.repository }}", "a/b")
        };
        let push = of("push", "refs/heads/master", None, "c1");
        let apart = [
            of("push", "refs/heads/master", None, "c2"),
            of("push", "refs/tags/v1", None, "c1"),
            of("push", "refs/tags/v2", None, "c1"),
            of("workflow_dispatch", "refs/tags/v1", None, "c1"),
            of("schedule", "refs/heads/master", None, "c1"),
            of("pull_request", "refs/pull/7/merge", Some("7"), "c1"),
        ];
        let distinct: BTreeSet<&String> = apart.iter().chain([&push]).collect();
        assert!(distinct.len() == apart.len() + 1 && !push.contains("${{"), "{distinct:?}");
        assert_eq!(apart[5], of("pull_request", "refs/pull/7/merge", Some("7"), "c2"), "the next push to it");
        assert!(text.contains("cancel-in-progress: ${{ github.event_name == 'pull_request' }}"));
        assert!(groups.insert(group.to_owned()), "{group} twice");
    }
    assert!(groups.len() >= 6);
}

#[test]
fn calls_fit_what_is_called() {
    let all = by_file();
    for workflow in all.values() {
        for job in &workflow.jobs {
            for needed in &job.needs {
                assert!(workflow.jobs.iter().any(|job| job.id == *needed), "{}: {needed}", workflow.file);
            }
            let Work::Call { workflow: called, with, secrets } = &job.work else { continue };
            let call = all[called].on.call.as_ref().unwrap();
            let given: BTreeSet<&str> = with.iter().map(|(name, _)| *name).collect();
            let asked: BTreeSet<&str> = call.inputs.iter().map(|input| input.name).collect();
            assert_eq!(given, asked, "{}: {}", workflow.file, job.id);
            assert!(secrets.iter().all(|name| call.secrets.contains(name)), "{}", workflow.file);
            // GitHub refuses to start a run whose called jobs ask for more than their caller has, skipped or not.
            for inner in &all[called].jobs {
                let fits = inner.grants.iter().all(|grant| job.grants.contains(grant));
                assert!(fits, "{}: {} asks for more than {} has", called, inner.id, job.id);
            }
        }
    }
}

#[test]
fn jobs_that_make_keys_take_the_bucket_of_the_matrix() {
    let mut told = 0;
    for workflow in all() {
        for job in &workflow.jobs {
            match &job.work {
                Work::Call { workflow: called, with, .. } if called.starts_with("backend_") => {
                    let bucket =
                        with.iter().find(|(name, _)| *name == "bucket").map(|(_, node)| node.clone());
                    let matrix = value("needs.generate-matrix.outputs.bucket");
                    assert_eq!(bucket, Some(matrix), "{}: {}", workflow.file, job.id);
                    assert!(job.needs.iter().any(|job| job == "generate-matrix"), "{}", job.id);
                    told += 1;
                }
                Work::Steps { steps, .. } if job.id == "generate-matrix" => {
                    let given = ("XTASK_BUCKET".to_owned(), "${{ steps.now.outputs.bucket }}".to_owned());
                    assert!(steps.iter().any(|step| step.env.contains(&given)), "{}", workflow.file);
                }
                Work::Steps { env, .. } if workflow.file.starts_with("backend_") => {
                    let is = env
                        .iter()
                        .any(|(name, text)| *name == "XTASK_BUCKET" && text == "${{ inputs.bucket }}");
                    assert_eq!(is, workflow.on.call.is_some(), "{}: {}", workflow.file, job.id);
                }
                _ => {}
            }
        }
    }
    assert!(told >= 10);
}

#[test]
fn a_merge_never_waits_in_vain_and_never_stops_others() {
    let text = render::workflow(all().iter().find(|workflow| workflow.file == "backend").unwrap());
    let merges = text.matches("backend-merge-jobs-").count();
    assert_eq!(merges, 5, "one a block, and one for macOS");
    assert_eq!(text.matches("if: ${{ !cancelled() && needs.xtask-amd64.result == 'success'").count(), merges);
    assert!(!text.contains("max-parallel") && !text.contains("fail-fast: true"));
}

#[test]
fn bases_come_before_what_is_built_on_them() {
    let crons = |file: &str| all().into_iter().find(|workflow| workflow.file == file).unwrap().on.schedule;
    assert_eq!(crons("base-images"), ["0 5 * * 6"]);
    assert_eq!(crons("backend"), ["0 6 * * 0", "0 6 * * 1"]);
}
