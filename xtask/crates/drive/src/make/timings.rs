//! `--timings`: where the time went, as an HTML page and as a Chrome trace.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// One step's span.
#[derive(Debug, Clone)]
struct Span {
    unit: String,
    step: String,
    start: f64,
    end: f64,
}

/// Spans of every unit of one run.
#[derive(Debug)]
pub struct Timings {
    began: Instant,
    spans: Mutex<Vec<Span>>,
}

impl Timings {
    /// Starts the clock.
    pub fn start() -> Self {
        Self { began: Instant::now(), spans: Mutex::new(Vec::new()) }
    }

    /// Runs and records one step.
    pub fn time<T>(&self, unit: &str, step: &str, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        self.record(unit, step, began);
        result
    }

    /// Records a step that is over now.
    pub fn record(&self, unit: &str, step: &str, began: Instant) {
        let start = began.duration_since(self.began).as_secs_f64();
        let end = self.began.elapsed().as_secs_f64();
        let span = Span { unit: unit.to_owned(), step: step.to_owned(), start, end };
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }

    /// Writes `timings.html` and `timings.trace.json` into `dir`, and names them.
    pub fn write(&self, dir: &Utf8Path) -> Result<[Utf8PathBuf; 2]> {
        let spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone();
        fs_err::create_dir_all(dir)?;
        let files = [dir.join("timings.html"), dir.join("timings.trace.json")];
        fs_err::write(&files[0], html(&spans))?;
        fs_err::write(&files[1], serde_json::to_vec(&trace(&spans))?)?;
        Ok(files)
    }
}

/// The trace-event format: complete events, microseconds, one thread a unit.
fn trace(spans: &[Span]) -> serde_json::Value {
    let mut units: Vec<&str> = spans.iter().map(|span| span.unit.as_str()).collect();
    units.sort_unstable();
    units.dedup();
    let thread = |unit: &str| units.iter().position(|known| *known == unit).unwrap_or(0);
    let mut events: Vec<serde_json::Value> = units
        .iter()
        .map(|unit| {
            serde_json::json!({ "ph": "M", "name": "thread_name", "pid": 1, "tid": thread(unit), "args": { "name": unit } })
        })
        .collect();
    events.extend(spans.iter().map(|span| {
        serde_json::json!({
            "ph": "X", "name": span.step, "cat": span.unit, "pid": 1, "tid": thread(&span.unit),
            "ts": span.start * 1e6, "dur": (span.end - span.start) * 1e6,
        })
    }));
    serde_json::json!({ "traceEvents": events, "displayTimeUnit": "ms" })
}

fn html(spans: &[Span]) -> String {
    let whole = spans.iter().map(|span| span.end).fold(0.001, f64::max);
    let mut rows = String::new();
    for span in spans {
        let (left, width) = (span.start / whole * 100.0, ((span.end - span.start) / whole * 100.0).max(0.2));
        // Writing into a String cannot fail.
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td>{}</td><td class=n>{:.2} s</td><td class=b><div style=\"margin-left:{left:.2}%;width:{width:.2}%\"></div></td></tr>",
            escape(&span.unit),
            escape(&span.step),
            span.end - span.start
        );
    }
    format!(
        "<!doctype html><meta charset=utf-8><title>Build timings</title>\
         <style>body{{font:14px sans-serif;margin:2em}}table{{border-collapse:collapse;width:100%}}td{{padding:2px 8px}}\
         .n{{text-align:right;white-space:nowrap}}.b{{width:60%;background:#f4f4f4}}.b div{{height:1em;background:#48a}}</style>\
         <h1>Build timings</h1><p>{} steps in {whole:.1} s</p><table>\n{rows}</table>\n",
        spans.len()
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_a_page_and_a_trace() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let timings = Timings::start();
        assert_eq!(timings.time("a<b", "build", || 7), 7);
        let [page, trace] = timings.write(dir).unwrap();
        assert!(fs_err::read_to_string(page).unwrap().contains("a&lt;b"));
        let trace: serde_json::Value = serde_json::from_slice(&fs_err::read(trace).unwrap()).unwrap();
        assert_eq!(trace["traceEvents"][1]["name"], "build");
    }
}
