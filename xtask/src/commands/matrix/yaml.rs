//! `--emit-yaml`: the rows as the data-only file that the reference keeps by hand.

use crate::exit::Done;
use anyhow::Result;
use camino::Utf8Path;
use ci::matrix::{Matrix, yaml};
use drive::session::Session;

/// Writes every published unit.
pub fn emit(session: &Session, matrix: &Matrix, file: &Utf8Path) -> Result<Done> {
    let text =
        yaml(matrix.linux.iter().map(|entry| &entry.row), matrix.darwin.iter().map(|entry| &entry.row));
    if file == "-" {
        ui::print!("{text}");
        return Ok(Done::Well);
    }
    fs_err::write(file, text)?;
    let (linux, darwin) = (matrix.linux.len(), matrix.darwin.len());
    session.ui.done(&format!("{file}: {linux} rows for Linux and {darwin} for macOS"));
    Ok(Done::Well)
}
