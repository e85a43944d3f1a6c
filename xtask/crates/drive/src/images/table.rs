//! How images are listed.

use plan::decision::Decision;
use std::fmt::Display;
use ui::Ui;

/// Prints rows below their headings, in columns as wide as what is in them; the last column is not padded.
pub fn print_table<const N: usize>(ui: &Ui, headings: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headings[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        ui.line(format_args!("{}", padded.collect::<String>().trim_end()));
    };
    line(headings);
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
}

/// Prints what would become of an image.
pub fn print_decision(ui: &Ui, title: &dyn Display, decision: &Decision) {
    let (verb, why) = match decision {
        Decision::Build(why) => ("would be built", why),
        Decision::Skip(why) => ("would be skipped", why),
    };
    ui.line(format_args!("{title}: {verb}: {why}"));
}
