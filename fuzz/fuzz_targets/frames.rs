//! Any bytes as what a server answers to `entry health`: an answer or an error, and the client says little.
#![no_main]
#![allow(dead_code, reason = "parts of a program that has no library")]

#[path = "../../xtask/crates/entry/src/address.rs"]
mod address;
#[path = "../../xtask/crates/entry/src/frame.rs"]
mod frame;
#[path = "../../xtask/crates/entry/src/health.rs"]
mod health;

use libfuzzer_sys::fuzz_target;
use std::io::{self, Read, Write};

/// What the server says, and how much it is told.
struct Wire<'a> {
    says: &'a [u8],
    told: usize,
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.says.read(buffer)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.told += buffer.len();
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut wire = Wire { says: bytes, told: 0 };
    let answer = health::exchange(&mut wire, frame::headers("/backend.Backend/Health", None));
    assert!(answer.is_err() || answer.is_ok_and(|text| text.len() < 0x80));
    // The call, and an answer to each ping and setting, none longer than what it answers.
    assert!(wire.told < 1024 + bytes.len());
});
