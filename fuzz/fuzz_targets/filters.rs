//! Any texts as an event, a matrix before and after, rules, contracts and a list of files: outputs, or a clear refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use localai::filter::rules::{LOCALAI, shipped};
use localai::filter::{Change, Changed, Event, Filter, Matrix, Rules, Verdict};

fuzz_target!(|text: &str| {
    // Parts stand below each other.
    let mut parts = text.split("\n===\n");
    let mut next = || parts.next().unwrap_or_default();
    let _ = Event::read(next().as_bytes(), false);
    let (matrix, previous, rules, files) = (next(), next(), next(), next());
    let (before, after) = (next(), next());
    let Ok(matrix) = Matrix::read("m".into(), matrix) else { return };
    let previous = Matrix::read_previous(previous);
    let Ok(changed) = Changed::read(files) else { return };
    let rules = match Rules::read("r".into(), rules) {
        Ok(rules) => rules,
        Err(errors) => {
            assert!(errors.iter().count() > 0);
            let (path, text) = shipped(LOCALAI).expect("it is there");
            Rules::read(path.into(), text).expect("it is sound")
        }
    };
    let filter = Filter::new(&rules, &matrix);
    let paths = changed.paths(rules.renames);
    let change = Change { paths: &paths, previous: previous.as_ref(), proto: Some((before, after)), revisions: &() };
    let selection = filter.select(&change);
    assert!(selection.linux.iter().chain(&selection.darwin).all(|chosen| !chosen.reasons.is_empty()));
    for verdict in [Verdict::Everything { why: String::new() }, Verdict::Touched(selection)] {
        if let Ok(emitted) = filter.outputs(&verdict).emit() {
            assert!(emitted.text.starts_with("run-all=") && emitted.text.ends_with('\n'));
        }
    }
});
