//! Real output, recorded with buildx 0.29 and BuildKit 0.25.

use super::*;

fn follow(recorded: &str) -> (Tracker, Vec<Event>) {
    let mut tracker = Tracker::default();
    let events = recorded.lines().flat_map(|line| tracker.line(line)).collect();
    (tracker, events)
}

fn lines(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| if let Event::Line { text, .. } = event { Some(text.as_str()) } else { None })
        .collect()
}

#[test]
fn a_first_build_runs_everything() {
    let (tracker, events) = follow(include_str!("../recorded/first.jsonl"));
    assert_eq!(tracker.summary(), Summary { ran: 3, cached: 0, warnings: Vec::new() });
    assert_eq!(lines(&events), ["err", "doing", "c", "[1/3] x", "[2/3] x", "[3/3] x"]);
    let marks: Vec<&str> = events
        .iter()
        .filter_map(|event| if let Event::Step { id, .. } = event { Some(id.as_str()) } else { None })
        .collect();
    assert_eq!(marks, ["configure", "build"]);
    let slow = tracker.vertices().iter().find(|vertex| vertex.name.starts_with("[builder 1/2] RUN")).unwrap();
    assert!(slow.took().unwrap().as_secs_f64() > 1.0, "{:?}", slow.took());
    assert!(tracker.failed().is_none());
    let sent = events
        .iter()
        .any(|event| matches!(event, Event::Transfer { current: 50_675_834, total: Some(50_675_834), .. }));
    assert!(sent, "the base image's layer");
}

#[test]
fn a_cache_that_cannot_be_reached_is_a_warning() {
    let (tracker, _) = follow(include_str!("../recorded/deadcache.jsonl"));
    let summary = tracker.summary();
    assert_eq!((summary.ran, summary.cached), (0, 3));
    assert_eq!(summary.warnings.len(), 2, "{:?}", summary.warnings);
    assert!(summary.warnings[0].contains("was not read"), "{:?}", summary.warnings);
    assert!(summary.warnings[1].contains("was not written"), "{:?}", summary.warnings);
    assert!(tracker.failed().is_none());
}

#[test]
fn the_failed_step_is_known_with_its_last_lines() {
    let (tracker, events) = follow(include_str!("../recorded/fail.jsonl"));
    let failed = tracker.failed().unwrap();
    assert_eq!(failed.step.as_deref(), Some("build"));
    assert_eq!(failed.kind, Kind::Run);
    assert!(matches!(&failed.state, State::Failed(why) if why.ends_with("exit code: 3")), "{failed:?}");
    assert!(failed.tail.contains(&"doing".to_owned()));
    let last = events.last().unwrap();
    assert!(matches!(last, Event::Other { text } if text.starts_with("ERROR: failed to solve")), "{last:?}");
}

#[test]
fn a_failed_push_is_the_export_s() {
    let (tracker, _) = follow(include_str!("../recorded/pushfail.jsonl"));
    let failed = tracker.failed().unwrap();
    assert_eq!(failed.kind, Kind::Export);
    assert!(matches!(&failed.state, State::Failed(why) if why.contains("failed to push")), "{failed:?}");
}

#[test]
fn lines_that_are_cut_anywhere_are_whole_again() {
    let mut tracker = Tracker::default();
    let vertex = r#"{"vertexes":[{"digest":"d","name":"[a 1/1] RUN x","started":"2026-11-22T21:04:42Z"}]}"#;
    assert_eq!(tracker.line(vertex), [Event::Started { vertex: 0 }]);
    let log = |data| format!(r#"{{"logs":[{{"vertex":"d","stream":1,"data":"{data}"}}]}}"#);
    assert_eq!(tracker.line(&log("aGFs")), []); // hal
    let line = |text: &str| Event::Line { vertex: 0, text: text.to_owned() };
    assert_eq!(tracker.line(&log("Zgpy")), [line("half")]); // f\nr
    let end = r#"{"vertexes":[{"digest":"d","name":"[a 1/1] RUN x","started":"2026-11-22T21:04:42Z","completed":"2026-11-22T21:04:44Z"}]}"#;
    assert_eq!(tracker.line(end), [line("r"), Event::Completed { vertex: 0 }]);
    assert_eq!(tracker.vertices()[0].took(), Some(std::time::Duration::from_secs(2)));
}

#[test]
fn nonsense_is_passed_on_or_over() {
    let mut tracker = Tracker::default();
    for text in ["plain", "{", r#"{"vertexes":7}"#, r#"{"logs":[{"data":7}]}"#] {
        assert_eq!(tracker.line(text), [Event::Other { text: text.to_owned() }]);
    }
    for text in ["", "{}", r#"{"vertexes":[{}],"logs":[{"vertex":"?"}],"statuses":[{}],"more":1}"#] {
        assert_eq!(tracker.line(text), [], "{text}");
    }
    assert_eq!(tracker.line(r#"{"warnings":[{"short":"Zm9v"}]}"#), [Event::Warning { text: "foo".into() }]);
    assert!(tracker.vertices().is_empty());
}

#[test]
fn only_a_name_alone_is_a_step() {
    assert_eq!(mark("== configure-fallback"), Some("configure-fallback"));
    for line in ["==", "== ", "== Two words", "== ../x/", "=== x", " == x"] {
        assert_eq!(mark(line), None, "{line}");
    }
}
