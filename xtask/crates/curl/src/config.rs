//! Writes curl's configuration language.

use crate::error::CurlError;
use crate::limits::Limits;
use crate::request::{Body, Method, Request};
use camino::Utf8Path;
use std::time::Duration;

/// A configuration in the making.
#[derive(Default)]
pub(crate) struct Config(String);

impl Config {
    pub(crate) fn flag(&mut self, name: &str) {
        self.0.push_str(name);
        self.0.push('\n');
    }

    /// `what` names the value in an error.
    pub(crate) fn option(&mut self, name: &str, value: &str, what: &'static str) -> Result<(), CurlError> {
        if value.contains(['\n', '\r', '\0']) {
            return Err(CurlError::Unusable(what));
        }
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        self.0.push_str(name);
        self.0.push_str(" = \"");
        self.0.push_str(&value);
        self.0.push_str("\"\n");
        Ok(())
    }

    pub(crate) fn number(&mut self, name: &str, value: u64) {
        self.flag(&format!("{name} = {value}"));
    }

    pub(crate) fn path(&mut self, name: &str, path: &Utf8Path) -> Result<(), CurlError> {
        self.option(name, path.as_str(), "a path")
    }

    pub(crate) fn text(self) -> String {
        self.0
    }

    /// All of a request but where its headers go and what is said at its end. `body` stands in for bytes.
    pub(crate) fn request(
        &mut self,
        request: &Request<'_>,
        limits: &Limits,
        body: Option<&Utf8Path>,
    ) -> Result<(), CurlError> {
        for flag in ["location", "silent", "show-error", "globoff"] {
            self.flag(flag);
        }
        self.number("max-redirs", 10);
        let protocols = if request.files { "=https,http,file" } else { "=https,http" };
        self.option("proto", protocols, "a protocol")?;
        self.option("proto-redir", "=https,http", "a protocol")?;
        self.number("connect-timeout", seconds(limits.connect));
        self.number("speed-limit", 1);
        self.number("speed-time", seconds(limits.stall));
        if let Some(total) = limits.total {
            self.number("max-time", seconds(total));
        }
        self.number("max-filesize", limits.max_bytes);
        if request.fail {
            self.flag("fail");
        }
        if request.netrc {
            self.flag("netrc-optional");
        }
        for (name, value) in &request.headers {
            self.option("header", &format!("{name}: {value}"), "a header")?;
        }
        self.body(request, body)?;
        if let Some(output) = request.output {
            self.path("output", output)?;
            if request.resume {
                self.option("continue-at", "-", "an offset")?;
            }
        }
        self.option("url", request.url, "a URL")
    }

    fn body(&mut self, request: &Request<'_>, spooled: Option<&Utf8Path>) -> Result<(), CurlError> {
        match (request.method, request.body) {
            (Method::Get, Body::None) => return Ok(()),
            // `request = HEAD` would wait for a body.
            (Method::Head, _) => {
                self.flag("head");
                return Ok(());
            }
            (_, Body::None) => {}
            (_, Body::Empty) => {
                self.option("data-raw", "", "a body")?;
                self.option("header", "Content-Type:", "a header")?;
            }
            (_, Body::Form(fields)) => self.option("data-raw", &form(fields), "a form")?,
            (_, Body::File(path)) => self.upload(path)?,
            (_, Body::Bytes(_)) => {
                if let Some(path) = spooled {
                    self.upload(path)?;
                }
            }
        }
        self.option("request", request.method.as_str(), "a method")
    }

    /// Servers that never answer `100 Continue` would cost a second each time.
    fn upload(&mut self, path: &Utf8Path) -> Result<(), CurlError> {
        self.path("upload-file", path)?;
        self.option("header", "Expect:", "a header")
    }
}

fn seconds(limit: Duration) -> u64 {
    limit.as_secs().max(1)
}

/// `application/x-www-form-urlencoded`.
fn form(fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    fields.join("&")
}

/// Percent-encodes a text, for a query or a form.
pub fn encode(text: &str) -> String {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
    text.bytes().map(|c| if plain(c) { char::from(c).to_string() } else { format!("%{c:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_its_quotes() {
        let mut config = Config::default();
        config.option("url", r#"http://h/"\"#, "a URL").unwrap();
        assert_eq!(config.text(), "url = \"http://h/\\\"\\\\\"\n");
        for text in ["a\nb", "a\rb", "a\0b"] {
            assert!(Config::default().option("header", text, "a header").is_err());
        }
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form(&[("a b", "c&d=é"), ("x", "1")]), "a%20b=c%26d%3D%C3%A9&x=1");
    }
}
