//! Any text as a matrix kept by hand: it is refused, or it comes back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use localai::import;

fuzz_target!(|text: &str| {
    let Ok(rows) = import::rows("matrix.yml".into(), text) else { return };
    let Ok(model) = import::fold(&rows) else { return };
    let texts = import::write(&model).into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    let read = import::read("".into(), &texts).expect("what is written can be read");
    assert_eq!(read, model);
    let back: Vec<_> = import::unfold(&read).into_iter().map(|one| one.row.fields).collect();
    let was: Vec<_> = rows.into_iter().map(|row| row.fields).collect();
    assert_eq!(back, was);
});
