//! An answer as data.

use std::time::Duration;

/// The end of one request.
#[derive(Debug, Clone)]
pub struct Response {
    /// Curl's exit code; 0 is success.
    pub exit: i32,
    /// HTTP status of the last answer, 0 if there was none.
    pub status: u16,
    /// Headers of the last answer.
    pub headers: Headers,
    /// What curl says about a failure, without credentials.
    pub detail: String,
    /// The body, unless it went to a file.
    pub body: Vec<u8>,
}

/// Headers, by lower-case name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

/// Curl's exit codes for what may be gone at the next try: no name, no connection, a broken or silent one.
const PASSING: [i32; 12] = [5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 92, 95];

impl Response {
    /// Did the connection fail in a way that may be gone at the next try?
    pub fn is_connection_lost(&self) -> bool {
        PASSING.contains(&self.exit)
    }

    /// Why there is no usable answer, in words.
    pub fn reason(&self) -> String {
        match (self.status, self.detail.trim_start_matches("curl: ")) {
            (0 | 200..300, "") => format!("curl ended with {}", self.exit),
            (0 | 200..300, detail) => detail.to_owned(),
            (status, _) if status >= 400 => format!("the server answered {status}"),
            (status, detail) => format!("status {status}, {detail}"),
        }
    }
}

impl Headers {
    /// The headers of the last answer in what curl writes: redirects and interim answers come before it.
    pub fn parse(text: &str) -> Self {
        let mut headers = Vec::new();
        for line in text.lines() {
            if line.starts_with("HTTP/") {
                headers.clear();
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(headers)
    }

    /// The first value of a header; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a header, in order; `name` in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// How long the server asks to be left alone, if it says so in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        self.get("retry-after")?.parse().ok().map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_counts() {
        let headers = Headers::parse(
            "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\nHTTP/2 200 \r\nA:1\r\na: 2\r\nRetry-After: 3\r\nnoise\r\n",
        );
        assert_eq!(headers.get("location"), None);
        assert_eq!(headers.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(headers.retry_after(), Some(Duration::from_secs(3)));
    }
}
