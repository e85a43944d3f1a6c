//! The native matrix: every published unit as the row that CI knows it by, and the way back from a row to its unit.

mod choice;
mod find;
mod make;
mod row;
mod yaml;

pub use choice::Choice;
pub use find::{NoRow, find};
pub use make::{Entry, Matrix, RowError, matrix};
pub use row::{DarwinRow, Fields, LinuxRow, RunsOn};
pub use yaml::yaml;
