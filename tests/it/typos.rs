//! Typing errors: exit code 2, and the word that was probably meant.

use crate::checkout::Checkout;

#[test]
fn the_nearest_word_is_suggested() {
    let checkout = Checkout::new();
    let cases: [(&[&str], &str); 13] = [
        (&["buidl-backend", "llama-cpp"], "'build-backend'"),
        (&["cache", "sta"], "'stat'"),
        (&["build-backend", "llama-cpp", "--dryrun"], "'--dry-run'"),
        (&["build-backend", "lama-cpp"], "did you mean `llama-cpp`"),
        (&["plan", "lama-cpp"], "did you mean `llama-cpp`"),
        (&["test-backend", "minilmm"], "did you mean `minilm`"),
        (&["hash", "minilmm"], "did you mean `minilm`"),
        (&["plan", "llama-cpp", "--variant", "vulcan"], "did you mean `vulkan`"),
        (&["plan", "llama-cpp", "--flavor", "nativ"], "did you mean `native`"),
        (&["plan", "llama-cpp", "--platform", "linux/amd65"], "did you mean `linux/amd64`"),
        (&["plan", "llama-cpp", "--set", "llama.ccp=1"], "did you mean `llama.cpp`"),
        (&["plan", "llama-cpp", "--realm", "contaner"], "'container'"),
        (&["sources", "--update", "lama.cpp"], "did you mean `llama.cpp`"),
    ];
    for (args, meant) in cases {
        let ran = checkout.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(meant), "{args:?}: expected {meant:?} in {ran:?}");
        assert_eq!(ran.out, "", "{args:?}");
    }
}

#[test]
fn a_stranger_gets_no_suggestion() {
    let ran = Checkout::new().run(&["plan", "whisper"]);
    assert_eq!(ran.code, 2);
    assert!(!ran.err.contains("did you mean") && ran.err.contains("cargo xtask list"), "{ran:?}");
}

#[test]
fn wrong_values_say_what_is_right() {
    let checkout = Checkout::new();
    let cases: [(&[&str], &str); 9] = [
        (&["plan", "llama-cpp", "--set", "GGML_X"], "KEY=VALUE"),
        (
            &["plan", "llama-cpp", "--set", "CMAKE_CUDA_ARCHITECTURES=90", "--platform", "linux/amd64"],
            "CMAKE_CUDA_ARCHITECTURES: nothing in variant `cpu` reads it; these do: cuda-12",
        ),
        (
            &["plan", "llama-cpp", "--set", "AMDGPU_TARGETS=gfx908", "--platform", "linux/amd64"],
            "nothing in variant `cpu` reads it; no variant of `llama-cpp` does",
        ),
        (&["plan", "llama-cpp", "--set", "llama.cpp=v1"], "40 lower-case hex digits"),
        (
            &["plan", "llama-cpp", "--variant", "metal", "--platform", "linux/amd64"],
            "it is made for: darwin/arm64",
        ),
        (&["build-backend"], "<BACKENDS>"),
        (&["build-backend", "--all", "llama-cpp"], "cannot be used with"),
        (&["cache", "gc", "--budget", "20Q"], "K, M, G or T"),
        (&["build-backend", "llama-cpp", "minilm", "--dry-run", "--output", "x"], "exactly one backend"),
    ];
    for (args, right) in cases {
        let ran = checkout.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(right), "{args:?}: expected {right:?} in {ran:?}");
    }
}

#[test]
fn a_device_s_setting_is_read_where_its_code_is_compiled() {
    let checkout = Checkout::new();
    let plan = ["plan", "llama-cpp", "--platform", "linux/amd64", "--set", "CMAKE_CUDA_ARCHITECTURES=90"];
    for with in [&["--variant", "cuda-12"], &["--set", "GGML_CUDA=ON"]] {
        checkout.out(&[&plan[..], with].concat());
    }
}

#[test]
fn outside_of_a_checkout_is_said_so() {
    let checkout = Checkout::new();
    let ran = crate::checkout::ran(checkout.command(&["list"]).current_dir(&checkout.home));
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is not inside a checkout"), "{ran:?}");
    let inside = checkout.root.join("backend/cpp");
    assert_eq!(crate::checkout::ran(checkout.command(&["list"]).current_dir(inside)).code, 0);
}
