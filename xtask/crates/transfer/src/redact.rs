//! Credentials in URLs never reach a log or an error.

/// Replaces the user part of every `scheme://user:password@host` in `text` by `***`, and query values of URLs.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        let end = tail.find(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).unwrap_or(tail.len());
        let (url, after) = tail.split_at(end);
        let authority = url.find(['/', '?', '#']).unwrap_or(url.len());
        let (authority, path) = url.split_at(authority);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                out.push_str("***@");
                out.push_str(host);
            }
            None => out.push_str(authority),
        }
        match path.split_once('?') {
            Some((path, query)) => {
                out.push_str(path);
                out.push_str("?***");
                if let Some((_, fragment)) = query.split_once('#') {
                    out.push('#');
                    out.push_str(fragment);
                }
            }
            None => out.push_str(path),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn credentials_go_and_the_rest_stays() {
        for (text, wanted) in [
            ("https://host/a", "https://host/a"),
            ("get https://u:p@host:1/a@b failed", "get https://***@host:1/a@b failed"),
            ("'https://tok@h' and ssh://git@g/x", "'https://***@h' and ssh://***@g/x"),
            ("https://h/a?token=s3cret#x", "https://h/a?***#x"),
            ("https://u:p@@h/", "https://***@h/"),
            ("no url: a@b", "no url: a@b"),
        ] {
            assert_eq!(redact(text), wanted);
        }
    }
}
