//! Many small requests in one run, in parallel and over few connections.

use crate::config::Config;
use crate::error::CurlError;
use crate::limits::Limits;
use crate::mark::marks;
use crate::process::{complaint, curl};
use crate::request::{Method, Request};
use crate::response::{Headers, Response};
use camino::Utf8Path;
use std::fs;
use std::time::Duration;

/// Many URLs that are asked the same way.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    /// What to ask for.
    pub urls: &'a [String],
    /// Only for headers, not for bodies?
    pub head: bool,
    /// Headers of every request.
    pub headers: Vec<(&'a str, &'a str)>,
    /// How many at a time.
    pub parallel: usize,
    /// For all of them together.
    pub limit: Duration,
}

/// Asks every URL of a batch; answers are in the order of the URLs.
///
/// An answer without a status was not given, or not asked for: the first connection that breaks ends the run, because
/// the others would break as well. Who wants more asks again for what is missing.
pub fn many(batch: &Batch<'_>, limits: &Limits) -> Result<Vec<Response>, CurlError> {
    if batch.urls.is_empty() {
        return Ok(Vec::new());
    }
    let dir = tempfile::tempdir().map_err(CurlError::Temporary)?;
    let dir =
        Utf8Path::from_path(dir.path()).ok_or(CurlError::Unusable("the path of the temporary directory"))?;
    let mut config = Config::default();
    for (number, url) in batch.urls.iter().enumerate() {
        if number > 0 {
            config.flag("next");
        }
        let body = if batch.head { "/dev/null".into() } else { dir.join(format!("{number}.body")) };
        let mut request = Request::new(if batch.head { Method::Head } else { Method::Get }, url);
        request.headers.clone_from(&batch.headers);
        request.output = Some(&body);
        config.request(&request, limits, None)?;
        config.path("dump-header", &dir.join(format!("{number}.headers")))?;
        config.mark(number)?;
    }
    let parallel = batch.parallel.max(1).to_string();
    let args = ["--parallel", "--fail-early", "--parallel-max", &parallel];
    let output = curl(config.text(), &args, Some(batch.limit), &mut || {})?;
    // One complaint is as good as hundreds, but every mark counts.
    let (_, marks) = marks(&String::from_utf8_lossy(&output.stderr));
    let detail = complaint(&output.stderr);
    let detail = detail.lines().find(|line| line.starts_with("curl:")).unwrap_or_default();
    let code = output.status.code().unwrap_or(-1);
    (0..batch.urls.len())
        .map(|number| {
            let Some(mark) = marks.get(&number).filter(|mark| mark.exit == 0 && mark.status != 0) else {
                let exit = marks.get(&number).map_or(code, |mark| mark.exit);
                let (detail, headers) = (detail.to_owned(), Headers::default());
                return Ok(Response { exit, status: 0, headers, detail, body: Vec::new() });
            };
            let read = |name: &str| match fs::read(dir.join(format!("{number}.{name}"))) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
                result => result.map_err(CurlError::Temporary),
            };
            let headers = Headers::parse(&String::from_utf8_lossy(&read("headers")?));
            let body = if batch.head { Vec::new() } else { read("body")? };
            Ok(Response { exit: 0, status: mark.status, headers, detail: String::new(), body })
        })
        .collect()
}
