//! The report that CI services read: `JUnit`'s XML.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Outcome, Verdict};

/// The outcomes of the test of one package.
pub fn junit(package: &str, outcomes: &[Outcome]) -> String {
    let count = |wanted: fn(&Verdict) -> bool| outcomes.iter().filter(|one| wanted(&one.verdict)).count();
    let (failures, skipped) =
        (count(|it| matches!(it, Verdict::Failed(_))), count(|it| matches!(it, Verdict::Skipped(_))));
    let total: Duration = outcomes.iter().map(|one| one.time).sum();
    let (name, total) = (escape(package), total.as_secs_f64());
    let counts = format!(r#"tests="{}" failures="{failures}" skipped="{skipped}""#, outcomes.len());
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"{name}\" {counts} time=\"{total:.3}\">\n"
    );
    for Outcome { case, time, verdict } in outcomes {
        let (case, time) = (escape(case), time.as_secs_f64());
        let inner = match verdict {
            Verdict::Passed => String::new(),
            Verdict::Skipped(why) => format!("<skipped message=\"{}\"/>", escape(why)),
            Verdict::Failed(why) => {
                let first = why.lines().next().unwrap_or_default();
                format!("<failure message=\"{}\">{}</failure>", escape(first), escape(why))
            }
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            xml,
            "<testcase classname=\"{name}\" name=\"{case}\" time=\"{time:.3}\">{inner}</testcase>"
        );
    }
    xml + "</testsuite>\n</testsuites>\n"
}

/// As XML's text and attributes want it; what XML cannot hold at all becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_well_formed_whatever_a_backend_says() {
        let outcome = |case, verdict| Outcome { case, time: Duration::from_millis(12), verdict };
        let xml = junit(
            "a&b",
            &[
                outcome("answers", Verdict::Passed),
                outcome("streams", Verdict::Failed("<oh>\n\u{1b}[31m \"no\"".into())),
                outcome("stops", Verdict::Skipped("it's gone".into())),
            ],
        );
        assert_eq!(
            xml,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\
             <testsuite name=\"a&amp;b\" tests=\"3\" failures=\"1\" skipped=\"1\" time=\"0.036\">\n\
             <testcase classname=\"a&amp;b\" name=\"answers\" time=\"0.012\"></testcase>\n\
             <testcase classname=\"a&amp;b\" name=\"streams\" time=\"0.012\"><failure message=\"&lt;oh&gt;\">&lt;oh&gt;\n\
             \u{fffd}[31m &quot;no&quot;</failure></testcase>\n\
             <testcase classname=\"a&amp;b\" name=\"stops\" time=\"0.012\"><skipped message=\"it's gone\"/></testcase>\n\
             </testsuite>\n</testsuites>\n"
        );
    }
}
