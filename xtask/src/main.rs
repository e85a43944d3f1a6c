//! `cargo xtask`: the front door.

fn main() {}
