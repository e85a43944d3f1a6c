//! What is said to who asks for help.

use crate::checkout::Checkout;

/// Names of all commands, from the help text itself.
pub fn commands(checkout: &Checkout) -> Vec<String> {
    let help = checkout.out(&["--help"]);
    let list = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let names: Vec<String> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

#[test]
fn every_command_has_help() {
    let checkout = Checkout::new();
    for command in commands(&checkout) {
        let help = checkout.out(&[&command, "--help"]);
        assert!(help.contains("Usage: cargo xtask"), "{command}: {help}");
        assert!(help.contains("--message-format"), "{command}: {help}");
    }
}

#[test]
fn the_help_lists_the_exit_codes_and_examples() {
    let help = Checkout::new().out(&["--help"]);
    for code in ["0  done", "1  failed", "2  wrong", "3  something", "4  a check", "130  stopped"] {
        assert!(help.contains(code), "{code}: {help}");
    }
    assert!(help.contains("Examples:"), "{help}");
}

#[test]
fn no_arguments_is_a_mistake_that_is_answered_with_help() {
    let ran = Checkout::new().run(&[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("Commands:") && ran.err.contains("build-backend"), "{ran:?}");
}

#[test]
fn help_needs_no_checkout() {
    let checkout = Checkout::new();
    for args in [&["--help"][..], &["--version"], &["build-backend", "--help"], &["completions", "bash"]] {
        let ran = crate::checkout::ran(checkout.command(args).current_dir(&checkout.home));
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
    }
}

#[test]
fn completions_of_every_shell_know_every_command() {
    let checkout = Checkout::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = checkout.out(&["completions", shell]);
        for command in commands(&checkout) {
            assert!(script.contains(&command), "{shell} does not know {command}");
        }
    }
    let ran = checkout.run(&["completions", "bsh"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("bash"), "{ran:?}");
}
