//! The program `backend-client` itself, as a person or xtask runs it.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::package::package;

const PATIENCE: Duration = Duration::from_mins(1);

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backend-client"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

fn on(package: &Path, args: &[&str]) -> Command {
    let mut command = program();
    command.arg(args[0]).arg("--package").arg(package).args(&args[1..]);
    command
}

async fn finish(command: &mut Command) -> (Output, String, String) {
    let output = timeout(PATIENCE, command.output()).await.expect("it hangs").unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    (output, out, err)
}

async fn run(part: &str, args: &[&str]) -> (Output, String, String) {
    let dir = package(part);
    finish(&mut on(dir.path(), args)).await
}

#[tokio::test]
async fn run_streams_the_answer_and_tells_the_rest_on_stderr() {
    let (output, out, err) = run("serve", &["run", "--prompt", "-tick tock", "--max-tokens", "3"]).await;
    assert!(output.status.success(), "{err}");
    assert_eq!(out, "-tick tock -tick \n");
    assert!(err.contains("its words are noise"), "{err}");
    assert!(err.contains("3 tokens, the first after") && err.contains("ended: length"), "{err}");
}

#[tokio::test]
async fn json_is_one_document() {
    let (output, out, err) = run("serve", &["run", "--json", "--prompt", "a b", "--max-tokens", "2"]).await;
    assert!(output.status.success(), "{err}");
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["text"], "a b ");
    assert_eq!(answer["completion_tokens"], 2);
    assert_eq!(answer["finish_reason"], "length");
}

#[tokio::test]
async fn a_callers_model_is_not_called_noise() {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("model.gguf");
    let (made, ..) = finish(program().arg("tiny-gguf").arg(&model).args(["--seed", "5"])).await;
    assert!(made.status.success(), "{made:?}");
    let (output, out, err) =
        run("serve", &["run", "--model", model.to_str().unwrap(), "--max-tokens", "1"]).await;
    assert!(output.status.success() && !err.contains("noise"), "{err}");
    assert_eq!(out, "Once \n");
}

#[tokio::test]
async fn other_tasks_show_their_answers() {
    let (_, out, err) = run("packaged", &["run", "--embed", "abc", "--embed", "cab"]).await;
    assert!(err.contains("loaded its own"), "{err}");
    assert!(out.starts_with("abc: 26 numbers: 0.5774 0.5774 0.5774 0.0000"), "{out}{err}");
    assert!(out.contains("cosine of `abc` and `cab`: 1.0000"), "{out}");

    let (_, out, err) = run("modelless", &["run", "--task", "store"]).await;
    assert!(out.contains("orange 0.99") && out.contains("red 0.92"), "{out}{err}");

    let (_, out, err) = run("serve", &["run", "--task", "health"]).await;
    assert!(out.starts_with("fake 1.2 at 127.0.0.1:") && out.ends_with("is healthy\n"), "{out}{err}");

    let (_, out, err) = run("plain", &["run", "--prompt", "a b", "--max-tokens", "2"]).await;
    assert_eq!(out, "a b \n", "{err}");
    assert!(err.contains("a backend at 127.0.0.1:"), "{err}");
}

#[tokio::test]
async fn a_sound_package_passes_for_every_task() {
    for task in ["generate", "embed", "store", "health"] {
        let dir = package("serve");
        let junit = dir.path().join("junit.xml");
        let mut test = program();
        test.arg("test").arg(dir.path()).args(["--task", task]).arg("--junit").arg(&junit);
        let (output, out, err) = finish(&mut test).await;
        assert!(output.status.success() && out.contains(" keeps the contract: "), "{task}: {out}{err}");
        let xml = std::fs::read_to_string(junit).unwrap();
        assert!(xml.contains(r#" tests="13" failures="0""#), "{xml}");
        assert!(xml.contains(r#" name="ends with its parent" "#), "{xml}");
    }
}

#[tokio::test]
async fn what_breaks_the_contract_is_found_and_the_rest_is_tried() {
    for (part, task, case, reason) in [
        ("two-minds", "generate", "streams", "in pieces"),
        ("unsure", "health", "gets ready", "it answered Health with `ok`"),
        ("one-vector", "embed", "answers", "two texts gave one vector"),
        ("hoarder", "store", "answers", "still there after they were deleted"),
        ("dies", "health", "gets ready", "libmissing.so.1"),
        ("gullible", "embed", "refuses a bad model", "a line of English"),
        ("careless", "generate", "refuses a stale identity", "it answered a request for another model"),
        ("leaky", "embed", "keeps its memory", "200 calls added"),
        ("open", "generate", "demands the token", "a caller without the token"),
        ("orphan", "store", "ends with its parent", "it still listens"),
    ] {
        let dir = package(part);
        let mut test = program();
        let (output, out, err) =
            finish(test.arg("test").arg(dir.path()).args(["--json", "--task", task])).await;
        assert_eq!(output.status.code(), Some(4), "{part}: {out}{err}");
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let cases = report["cases"].as_array().unwrap();
        let found = cases.iter().find(|one| one["verdict"] == "failed").unwrap();
        assert_eq!((cases.len(), &found["case"]), (13, &case.into()), "{part}: {out}");
        assert!(found["why"].as_str().unwrap().contains(reason), "{part}: {out}");
    }
}

#[tokio::test]
async fn a_conversation_remembers_what_was_said() {
    let dir = package("serve");
    let mut chat =
        on(dir.path(), &["run", "--chat", "--system", "be", "--max-tokens", "4", "--temperature", "0"]);
    let mut child = chat.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut input, b" tick\n\n tock\n").await.unwrap();
    drop(input);
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it does not end").unwrap();
    // The fake says the words of the whole conversation, its own among them, from the beginning.
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(out, "be tick be tick \nbe tickbe tick be \n", "{err}");
}

#[tokio::test]
async fn a_crash_under_a_call_is_told_as_a_crash() {
    let (output, out, err) = run("crash", &["run", "--prompt", "a b c d"]).await;
    assert_eq!(output.status.code(), Some(1));
    // How much of the answer got out first is the crash's business.
    assert!("a b \n".starts_with(out.trim_end()), "{out}");
    assert!(err.contains("ended with exit status: 9 while streaming the answer"), "{err}");
}

#[tokio::test]
async fn ctrl_c_cancels_the_answer_and_stops_the_backend() {
    let dir = package("endless");
    let mut child = on(dir.path(), &["run", "--prompt", "on", "--max-tokens", "2"]).spawn().unwrap();
    let mut answer = [0; 6];
    let mut out = child.stdout.take().unwrap();
    timeout(PATIENCE, out.read_exact(&mut answer)).await.expect("it says nothing").unwrap();
    assert_eq!(&answer, b"on on ");
    kill_process(Pid::from_raw(child.id().unwrap().cast_signed()).unwrap(), Signal::INT).unwrap();

    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it does not end").unwrap();
    assert_eq!(output.status.code(), Some(130));
    let err = String::from_utf8(output.stderr).unwrap();
    let address = err.lines().find_map(|line| line.split_once(" at ")?.1.split(' ').next()).unwrap();
    assert!(TcpStream::connect(address).is_err(), "the backend at {address} still listens");
    assert!(err.lines().last().unwrap().contains("interrupted"), "{err}");
}
