//! Globs of inputs, matched as they are when keys are made.

use ci::affected::{Globs, Matcher};
use model::backend::Inputs;
use store::GlobSpec;

/// The matcher of crate `store`.
pub struct Specs;

struct Spec(GlobSpec);

impl Globs for Specs {
    fn matcher(&self, inputs: &Inputs) -> Result<Box<dyn Matcher>, String> {
        let spec = GlobSpec::new(&inputs.include, &inputs.exclude).map_err(|error| error.to_string())?;
        Ok(Box::new(Spec(spec)))
    }
}

impl Matcher for Spec {
    fn takes(&self, file: &str) -> bool {
        self.0.matches(file)
    }

    fn reaches(&self, directory: &str) -> bool {
        self.0.reaches(directory)
    }
}
