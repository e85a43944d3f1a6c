//! Columns as wide as what is in them.

use crate::ui::Ui;

/// Prints rows below their headings; the last column is not padded.
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
