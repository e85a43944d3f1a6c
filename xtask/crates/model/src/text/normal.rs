//! Files of which keys hold the meaning rather than the bytes: an edit that no build can notice changes no key.

/// Where the templates of container builds are.
pub const TEMPLATES: &str = "docker";

/// The part of a file that can reach an output; none for files that count as they are.
pub fn normal(path: &str, text: &str) -> Option<String> {
    is_normalised(path).then(|| instructions(text))
}

/// Whether a path is one of those that [`normal`] knows.
pub fn is_normalised(path: &str) -> bool {
    path.strip_prefix(TEMPLATES).is_some_and(|rest| rest.starts_with("/Dockerfile."))
}

/// A template without remarks and empty lines, which BuildKit drops before anything else. With a here-document in it,
/// whose lines are no remarks whatever they begin with, it stays as it is.
fn instructions(text: &str) -> String {
    if text.contains("<<") {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    // Parser directives look like remarks, and are some once anything else has been said.
    let mut directives = true;
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let bare = line.trim_start();
        let remark = bare.strip_prefix('#');
        directives &= remark.is_some_and(|remark| remark.contains('='));
        if (remark.is_none() || directives) && !bare.is_empty() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> String {
        normal("docker/Dockerfile.golang", text).unwrap()
    }

    #[test]
    fn remarks_and_empty_lines_say_nothing() {
        let bare = "FROM a\nRUN x \\\n    y\n";
        assert_eq!(template(bare), bare);
        assert_eq!(template("# Go.\n\nFROM a\n  # Why.\nRUN x \\\n# Within.\n    y\n"), bare);
        assert_eq!(template("FROM a\r\nRUN x\r\n"), template("FROM a\nRUN x\n"));
    }

    #[test]
    fn directives_and_here_documents_say_something() {
        assert_ne!(template("# syntax=docker/dockerfile:1\nFROM a\n"), template("FROM a\n"));
        assert_eq!(template("FROM a\n# syntax=x\n"), template("FROM a\n"), "too late to be one");
        assert_ne!(template("RUN <<X\n# a\nX\n"), template("RUN <<X\n# b\nX\n"));
        assert_ne!(template("FROM a\nRUN x  y\n"), template("FROM a\nRUN x y\n"));
    }

    #[test]
    fn other_files_count_as_they_are() {
        for path in ["docker/entrypoint.sh", "docker", "Dockerfile.golang", "dockery/Dockerfile.x", "a.py"] {
            assert_eq!(normal(path, "# a\n"), None, "{path}");
        }
    }
}
