//! Any text as an image reference and its parts: what is accepted means the same when it is written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oci::{ImageDigest, Reference, Repository, Tag};
use std::fmt::{Debug, Display};
use std::str::FromStr;

fn stays<T>(text: &str)
where
    T: FromStr<Err = oci::ParseError> + Display + PartialEq + Debug,
{
    match text.parse::<T>() {
        Ok(value) => assert_eq!(value.to_string().parse::<T>().as_ref(), Ok(&value)),
        Err(error) => {
            assert!(error.at() <= text.len() && text.is_char_boundary(error.at()), "{error:?}");
            assert!(!error.to_string().is_empty());
        }
    }
}

fuzz_target!(|text: &str| {
    stays::<Reference>(text);
    stays::<Repository>(text);
    stays::<Tag>(text);
    stays::<ImageDigest>(text);
});
