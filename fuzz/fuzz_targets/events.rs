//! Any text as a captured event: it is read, pull requests write nothing, and every tag that is made is one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::event::{Captured, Event, Publish, Span, decide};
use ci::tags;
use model::image_names::Image;

fuzz_target!(|text: &str| {
    // The first three lines are variables, the rest is the payload.
    let mut parts = text.splitn(4, '\n').map(str::to_owned);
    let captured = Captured {
        actions: true,
        name: parts.next(),
        git_ref: parts.next(),
        protected: text.len().is_multiple_of(2),
        commit: Some("0c1e57098bba43ac29e6e3b677cdceebdd22334f".to_owned()),
        repository: parts.next(),
        run: None,
        payload: parts.next().map(Ok),
    };
    if let Some(Ok(payload)) = &captured.payload
        && let Span::Between { before, after } = Span::read(payload)
    {
        assert!(before.as_str().len() == 40 && after.as_str().len() == 40);
    }
    let event = Event::read(&captured);
    let trusted = matches!(captured.name.as_deref(), Some("push" | "schedule" | "workflow_dispatch"));
    for push in [false, true] {
        let decision = decide(&event, push);
        assert!(decision.cache.read && (trusted && event.is_reviewed() || !decision.cache.write));
        assert_eq!(decision.cache.write, decision.publish == Publish::Released);
    }
    let image = Image::Backend("-cpu-x".parse().expect("a suffix"));
    for tag in tags::released(&event, &image, 1).unwrap_or_default() {
        assert!(tag.as_str().ends_with("-cpu-x"));
    }
});
