//! Manifests: those of this repository, and everything that can be wrong with one.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read the repository; the library does not")]

mod any_text;
mod documents;
mod errors;
mod fixture;
mod repository;
