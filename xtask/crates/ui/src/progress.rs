//! One step's progress: a bar on a terminal, a line at its start and end elsewhere.

use super::{Mode, Ui, escape, human};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// One step in progress.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    title: String,
    started: Instant,
    lines: bool,
}

impl Progress {
    pub(super) fn start(ui: &Ui, title: &str) -> Self {
        let title = &escape::visible(title).replace('\n', " ");
        let bar = (ui.mode == Mode::Terminal).then(|| {
            let bar = ui.bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {wide_msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_prefix(title.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        let lines = ui.mode == Mode::Plain && !ui.quiet;
        if lines {
            eprintln!("{}{title} …", if ui.github { "::group::" } else { "" });
        }
        if ui.mode == Mode::Json {
            ui.event(&serde_json::json!({ "event": "step", "state": "started", "step": title }));
        }
        Self { bar, title: title.to_owned(), started: Instant::now(), lines }
    }

    /// One line that the step printed: `[12/126] …` of ninja moves the bar.
    pub fn line(&self, line: &str) {
        let Some(bar) = &self.bar else { return };
        match counted(line) {
            Some((done, all, rest)) => {
                if bar.length() != Some(all) {
                    bar.set_length(all);
                    let template = "{spinner} {prefix} [{bar:24}] {pos}/{len} {wide_msg} {elapsed}";
                    if let Ok(style) = ProgressStyle::with_template(template) {
                        bar.set_style(style.progress_chars("=> "));
                    }
                }
                bar.set_position(done);
                bar.set_message(escape::visible(rest));
            }
            None => bar.set_message(escape::visible(line)),
        }
    }

    /// The step is done.
    pub fn finish(self, ui: &Ui) {
        let took = human(self.started.elapsed());
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.lines {
            eprintln!("{} · {took}{}", self.title, if ui.github { "\n::endgroup::" } else { "" });
        }
        ui.event(&serde_json::json!({
            "event": "step", "state": "finished", "step": self.title, "seconds": self.started.elapsed().as_secs_f64(),
        }));
    }
}

/// `[12/126] Building …` as its two numbers and the rest.
fn counted(line: &str) -> Option<(u64, u64, &str)> {
    let (count, rest) = line.strip_prefix('[')?.split_once(']')?;
    let (done, all) = count.split_once('/')?;
    Some((done.trim().parse().ok()?, all.trim().parse().ok()?, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_counter_of_ninja() {
        assert_eq!(counted("[12/126] Building CXX object a.o"), Some((12, 126, "Building CXX object a.o")));
        assert_eq!(counted("-- Configuring done"), None);
        assert_eq!(counted("[x/1] y"), None);
    }
}
