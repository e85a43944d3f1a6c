//! Python backends: an interpreter and its packages in one relocatable tree.

use super::{Context, Parts, PlanError};
use crate::backend::Python;

pub(super) fn parts(_context: &Context<'_>, _recipe: &Python) -> Result<Parts, PlanError> {
    Err(PlanError::Setting { key: String::new(), why: String::new() })
}
