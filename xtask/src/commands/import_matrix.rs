//! `import-matrix`: a matrix kept by hand as a table of variants and a list per backend, and back.

mod adopt;

use crate::cli::ImportMatrix as Args;
use crate::exit::Done;
use anyhow::{Context, Result};
use camino::Utf8Path;
use ci::matrix::yaml;
use drive::error::Coded;
use localai::import::{self, MODEL, Model, Row, Texts};
use model::manifest::Diagnostic;
use std::collections::BTreeMap;
use ui::Shown;
use ui::Ui;

/// What came of it.
#[derive(serde::Serialize)]
struct Counts {
    rows: usize,
    backends: usize,
    variants: usize,
    exceptions: usize,
    lines_before: usize,
    lines_after: usize,
    lines_of: BTreeMap<&'static str, usize>,
}

/// Imports, checks, or writes the matrix again. No checkout is needed.
pub fn run(ui: &Ui, args: &Args) -> Result<Done> {
    if let Some(dir) = &args.adopt {
        return adopt::run(ui, args, dir);
    }
    let from = args.from.as_deref().context("no matrix was named")?;
    let (model, rows, before) = if from.is_dir() { stored(from)? } else { imported(from)? };
    let texts = import::write(&model);
    if let Some(file) = &args.emit_yaml {
        emit(file, &rows)?;
    }
    if let Some(dir) = &args.out {
        fs_err::create_dir_all(dir)?;
        for (name, text) in &texts {
            fs_err::write(dir.join(name), text)?;
        }
    }
    let lines_of: BTreeMap<_, _> = texts.iter().map(|(name, text)| (*name, text.lines().count())).collect();
    let counts = Counts {
        rows: rows.len(),
        backends: model.backends.len(),
        variants: model.variants.len(),
        exceptions: model.exceptions(),
        lines_before: before,
        lines_after: lines_of.values().sum(),
        lines_of,
    };
    if args.json || ui.json() {
        ui.data(&counts)?;
        return Ok(Done::Well);
    }
    let Counts { rows, backends, variants, exceptions, lines_before, lines_after, lines_of } = counts;
    let of: Vec<String> = lines_of.iter().map(|(name, lines)| format!("{name} {lines}")).collect();
    ui.done(&format!(
        "{rows} rows of {backends} backends in {variants} variants, {exceptions} of them exceptions: {lines_before} \
         lines before, {lines_after} after ({})",
        of.join(", ")
    ));
    Ok(Done::Well)
}

fn emit(file: &Utf8Path, rows: &[Row]) -> Result<()> {
    let of = |list| rows.iter().filter(move |row| row.list == list);
    let text = yaml(of(import::List::Linux), of(import::List::Darwin));
    if file == "-" {
        ui::print!("{text}");
    } else {
        fs_err::write(file, text)?;
    }
    Ok(())
}

/// A matrix, which must come back from what is made of it.
fn imported(from: &Utf8Path) -> Result<(Model, Vec<Row>, usize)> {
    let text = text(from)?;
    let rows = import::rows(from, &text).map_err(|found| wrong(&found))?;
    let model = import::fold(&rows)
        .map_err(|error| Coded::Usage(format!("{}:{}:1: {}", from, error.line, error.message)))?;
    let texts: Texts = import::write(&model);
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    let read = import::read("".into(), &texts).map_err(|found| wrong(&found))?;
    anyhow::ensure!(read == model, "what would be written does not read back; please report the matrix");
    let back = back(&read);
    if let Some((was, is)) = rows.iter().zip(&back).find(|(was, is)| was.fields != is.fields) {
        anyhow::bail!(
            "{}:{}:1: this row would come back as {:?}; please report it",
            from,
            was.line,
            is.fields
        );
    }
    anyhow::ensure!(rows.len() == back.len(), "{} of {} rows would come back", back.len(), rows.len());
    Ok((model, back, text.lines().count()))
}

/// What `--out` wrote.
fn stored(from: &Utf8Path) -> Result<(Model, Vec<Row>, usize)> {
    let mut texts = BTreeMap::new();
    for (name, needed) in MODEL {
        let file = from.join(name);
        if needed || file.exists() {
            texts.insert(name.to_owned(), text(&file)?);
        }
    }
    let model = import::read(from, &texts).map_err(|found| wrong(&found))?;
    let rows = back(&model);
    Ok((model, rows, texts.values().map(|text| text.lines().count()).sum()))
}

fn back(model: &Model) -> Vec<Row> {
    import::unfold(model).into_iter().map(|unfolded| unfolded.row).collect()
}

fn text(file: &Utf8Path) -> Result<String> {
    let bytes = fs_err::read(file).map_err(|error| Coded::Usage(error.to_string()))?;
    String::from_utf8(bytes)
        .with_context(|| format!("{file} is not UTF-8"))
        .map_err(|error| Coded::Usage(drive::error::told(&error)).into())
}

/// Every mistake with its line, as `file:line:column` and as it stands in the text.
fn wrong(found: &[Diagnostic]) -> anyhow::Error {
    let render = |color| {
        let all: Vec<String> = found.iter().map(|one| one.render(color)).collect();
        format!("the matrix cannot be used\n\n{}", all.join("\n\n"))
    };
    Coded::Wrong(Shown::new(render)).into()
}
