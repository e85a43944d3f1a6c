//! Readers of what others wrote that are nobody's business but this crate's, for the fuzz targets.

use crate::mirror::debian;
use crate::pypi;

/// Reads a project's page in a package index. What comes of it is a file with a name and a URL.
pub fn read_page(bytes: &[u8]) {
    let Ok(files) = pypi::parse("https://index.example/simple/demo/", bytes) else { return };
    for file in files {
        assert!(!file.filename.contains('/'), "a file name leaves its directory: {}", file.filename);
        let version = pypi::sdist_version(&file.filename, "demo");
        let _ = version.and_then(|version| pypi::release(&version));
        let _ = pypi::wheel_version(&file.filename, "demo", "x86_64");
    }
}

/// Reads the files that name the sources of Debian's packages, of either form. Nothing but source packages comes of it.
pub fn read_sources(text: &str) {
    let lines = debian::one_line(text);
    assert!(lines.lines().all(|line| line.starts_with("deb-src")), "{lines}");
    let paragraphs = debian::paragraphs(text);
    let types = |line: &str| line.get(..6).is_some_and(|key| key.eq_ignore_ascii_case("types:"));
    assert!(
        paragraphs.lines().filter(|line| types(line)).all(|line| line == "Types: deb-src"),
        "{paragraphs}"
    );
}
