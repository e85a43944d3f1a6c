//! Splits a child's output into lines without trusting it to be text, or to have lines.

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// Longer lines are cut here; the rest of them is passed over.
const LONGEST: usize = 2_000;

/// Calls `each` with every line until the output ends or cannot be read any more.
pub(crate) async fn each_line(mut output: impl AsyncBufRead + Unpin, mut each: impl FnMut(String)) {
    let mut line = Vec::new();
    while let Ok(part) = output.fill_buf().await {
        if part.is_empty() {
            break;
        }
        let end = part.iter().position(|byte| *byte == b'\n');
        let text = &part[..end.unwrap_or(part.len())];
        let room = LONGEST.saturating_sub(line.len()).min(text.len());
        line.extend_from_slice(&text[..room]);
        let used = end.map_or(part.len(), |at| at + 1);
        output.consume(used);
        if end.is_some() {
            each(take(&mut line));
        }
    }
    if !line.is_empty() {
        each(take(&mut line));
    }
}

fn take(line: &mut Vec<u8>) -> String {
    let text = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
    line.clear();
    text
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, each_line};

    async fn split(bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        // A tiny buffer, so that lines span several reads.
        each_line(tokio::io::BufReader::with_capacity(3, bytes), |line| lines.push(line)).await;
        lines
    }

    #[tokio::test]
    async fn lines_are_split_cut_and_made_text() {
        assert_eq!(split(b"").await, Vec::<String>::new());
        assert_eq!(split(b"one\r\n\ntwo\nthree").await, ["one", "", "two", "three"]);
        assert_eq!(split(b"\xff\n").await, ["\u{fffd}"]);
        let long = [vec![b'x'; LONGEST * 3], b"\nnext\n".to_vec()].concat();
        assert_eq!(split(&long).await, ["x".repeat(LONGEST), "next".into()]);
    }
}
