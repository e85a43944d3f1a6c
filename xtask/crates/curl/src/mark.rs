//! What curl is told to say at the end of each request, on standard error beside its complaints.

use crate::config::Config;
use crate::error::CurlError;
use std::collections::BTreeMap;

/// The end of one request of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// HTTP status, 0 if there was no answer.
    pub(crate) status: u16,
    /// Curl's exit code for this request.
    pub(crate) exit: i32,
}

const SIGN: &str = "@answer ";

impl Config {
    /// Asks for a mark at the end of request `number`.
    pub(crate) fn mark(&mut self, number: usize) -> Result<(), CurlError> {
        let format = format!("%{{stderr}}\\n{SIGN}{number} %{{http_code}} %{{exitcode}}\\n");
        self.option("write-out", &format, "a format")
    }
}

/// Splits standard error into complaints and marks. A curl without `%{exitcode}` leaves 0 there.
pub(crate) fn marks(stderr: &str) -> (String, BTreeMap<usize, Mark>) {
    let (mut detail, mut marks) = (Vec::new(), BTreeMap::new());
    for line in stderr.lines() {
        match line.strip_prefix(SIGN) {
            Some(rest) => {
                let mut words = rest.split(' ');
                let mut next = || words.next().unwrap_or_default();
                if let (Ok(number), Ok(status)) = (next().parse(), next().parse()) {
                    marks.insert(number, Mark { status, exit: next().parse().unwrap_or(0) });
                }
            }
            None if line.trim().is_empty() => {}
            None => detail.push(line.trim_end()),
        }
    }
    (detail.join("\n"), marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_among_complaints() {
        let (detail, marks) =
            marks("curl: (7) no\n\n@answer 3 000 7\ncurl: (6) b\n@answer 4 404 0\n@answer x\n");
        assert_eq!(detail, "curl: (7) no\ncurl: (6) b");
        let mark = |status, exit| Mark { status, exit };
        assert_eq!(marks, BTreeMap::from([(3, mark(0, 7)), (4, mark(404, 0))]));
    }
}
