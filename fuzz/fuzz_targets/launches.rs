//! Any text as a launch description: what is accepted means the same when it is written again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(launch) = launcher::parse(text) {
        let again = launcher::render(&launch).expect("what was read can be written");
        assert_eq!(launcher::parse(&again), Ok(launch));
    }
});
