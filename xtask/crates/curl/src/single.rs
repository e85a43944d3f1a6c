//! One request.

use crate::config::Config;
use crate::error::CurlError;
use crate::limits::Limits;
use crate::mark::marks;
use crate::process::{complaint, curl};
use crate::request::{Body, Request};
use crate::response::{Headers, Response};
use camino::Utf8Path;
use std::fs;
use std::io::Write;

/// Makes one request. `tick` is called a few times a second while it runs.
pub fn run(request: &Request<'_>, limits: &Limits, mut tick: impl FnMut()) -> Result<Response, CurlError> {
    let headers = tempfile::NamedTempFile::new().map_err(CurlError::Temporary)?;
    let spooled = match request.body {
        Body::Bytes(bytes) => {
            let mut file = tempfile::NamedTempFile::new().map_err(CurlError::Temporary)?;
            file.write_all(bytes).map_err(CurlError::Temporary)?;
            Some(file)
        }
        _ => None,
    };
    let mut config = Config::default();
    config.request(request, limits, spooled.as_ref().map(|file| utf8(file.path())).transpose()?)?;
    config.path("dump-header", utf8(headers.path())?)?;
    config.mark(0)?;
    // Curl keeps its own time; this is for a curl that does not.
    let limit = limits.total.map(|total| total * 2);
    let output = curl(config.text(), &[], limit, &mut tick)?;
    let (detail, marks) = marks(&complaint(&output.stderr));
    let headers = fs::read(headers.path()).map_err(CurlError::Temporary)?;
    Ok(Response {
        exit: output.status.code().unwrap_or(-1),
        status: marks.get(&0).map_or(0, |mark| mark.status),
        headers: Headers::parse(&String::from_utf8_lossy(&headers)),
        detail,
        body: output.stdout,
    })
}

fn utf8(path: &std::path::Path) -> Result<&Utf8Path, CurlError> {
    Utf8Path::from_path(path).ok_or(CurlError::Unusable("the path of the temporary directory"))
}
