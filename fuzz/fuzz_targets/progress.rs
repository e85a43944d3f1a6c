//! Any bytes as the progress of a build: lines are followed or passed on, and every event names a vertex.
#![no_main]

use exec::buildx::progress::{Event, Tracker};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut tracker = Tracker::default();
    for line in String::from_utf8_lossy(bytes).lines() {
        for event in tracker.line(line) {
            match event {
                Event::Started { vertex }
                | Event::Cached { vertex }
                | Event::Completed { vertex }
                | Event::Failed { vertex }
                | Event::Line { vertex, .. }
                | Event::Step { vertex, .. }
                | Event::Transfer { vertex, .. } => assert!(tracker.vertex(vertex).is_some()),
                Event::Warning { .. } | Event::Other { .. } => {}
            }
        }
    }
    let _ = (tracker.failed(), tracker.summary());
});
