//! Answers that are given again, and what ends that.

use crate::checkout::{Checkout, ran};
use std::fs;
use std::path::Path;

/// What a run says where its answer is given again: nothing is planned, so that no manifest has to be one.
fn told_again(checkout: &Checkout, args: &[&str]) -> bool {
    let answers = checkout.cache.join("v1/memo");
    let kept = fs::read_dir(&answers).unwrap().next().unwrap().unwrap().path();
    let before = fs::metadata(&kept).unwrap().modified().unwrap();
    assert_eq!(checkout.run(args).code, 0);
    fs::metadata(&kept).unwrap().modified().unwrap() == before
}

#[test]
fn an_answer_is_given_again_word_for_word() {
    let checkout = Checkout::new();
    let commands: [&[&str]; 4] = [
        &["hash", "llama-cpp"],
        &["list", "--units", "--json"],
        &["matrix", "--all", "--no-registry"],
        &["matrix", "--all", "--no-registry", "--format", "json", "--message-format", "json"],
    ];
    for args in commands {
        let first = checkout.kept(args);
        assert!(told_again(&checkout, args), "{args:?}");
        let again = checkout.run(args);
        assert_eq!((again.code, &again.out, &again.err), (0, &first.out, &first.err), "{args:?}");
    }
}

#[test]
fn a_build_that_has_nothing_to_do_says_so_again_and_sees_an_edit_of_its_package() {
    let checkout = Checkout::new();
    checkout.pretend_built("llama-cpp");
    let args = ["build-backend", "llama-cpp"];
    assert!(checkout.run(&args).err.contains("restored"));
    let first = checkout.kept(&args);
    assert!(told_again(&checkout, &args));
    let again = checkout.run(&args);
    let untimed = |text: &str| text.rsplit_once(" · ").unwrap().0.to_owned();
    assert_eq!((again.code, untimed(&again.err)), (0, untimed(&first.err)));
    assert!(again.err.starts_with("done: nothing to do for llama-cpp"), "{again:?}");

    let json = ["build-backend", "llama-cpp", "--message-format", "json"];
    let first = checkout.kept(&json).out;
    assert!(told_again(&checkout, &json));
    let again = checkout.out(&json);
    let event = |text: &str| -> serde_json::Value {
        let mut event: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert!(event["seconds"].take().is_f64());
        event
    };
    assert_eq!(event(&again), event(&first));

    let package = checkout.root.join("target/backends/llama-cpp.cpu.linux-amd64/package/program");
    assert!(package.exists());
    checkout.kept(&args);
    fs::remove_file(&package).unwrap();
    assert!(checkout.run(&args).err.contains("restored"));
    assert!(package.exists());
}

#[test]
fn a_force_a_copy_elsewhere_or_an_appended_file_is_done_each_time() {
    let checkout = Checkout::new();
    checkout.kept(&["hash", "llama-cpp"]);
    let out = checkout.dir().join("outputs");
    let args = ["matrix", "--all", "--no-registry", "--github-output", out.to_str().unwrap()];
    let sizes: Vec<u64> = (0..3)
        .map(|_| {
            assert_eq!(checkout.run(&args).code, 0);
            fs::metadata(&out).unwrap().len()
        })
        .collect();
    assert!(sizes[0] > 0 && sizes == [sizes[0], 2 * sizes[0], 3 * sizes[0]], "{sizes:?}");
}

#[test]
fn another_environment_directory_or_program_is_another_question() {
    let checkout = Checkout::new();
    let args = ["hash", "llama-cpp"];
    let key = checkout.kept(&args).out;
    let answers = || {
        let files = fs::read_dir(checkout.cache.join("v1/memo")).unwrap();
        let contents = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        contents.collect::<Vec<_>>()
    };
    let first = answers();
    assert_eq!(ran(checkout.command(&args).env("SHLVL", "7")).out, key);
    assert_eq!(answers(), first, "a shell's own books");
    assert_eq!(ran(checkout.command(&args).env("NEW", "1")).out, key);
    let second = answers();
    assert_ne!(second, first, "a variable");
    assert_eq!(ran(checkout.command(&args).current_dir(checkout.root.join("backend"))).out, key);
    assert_eq!(answers().len(), 2, "a directory");
    let copy = checkout.dir().join("xtask");
    fs::copy(Path::new(crate::checkout::XTASK), &copy).unwrap();
    let mut command = std::process::Command::new(copy);
    command.args(args).current_dir(&checkout.root).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.env("HOME", &checkout.home).env("XTASK_CACHE_DIR", &checkout.cache).env("NEW", "1");
    assert_eq!(ran(&mut command).out, key);
    assert!(answers().iter().all(|answer| *answer != second[0]), "another program");
}
