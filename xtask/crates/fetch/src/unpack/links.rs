//! Symbolic links are made last, and only if they stay inside the tree.

use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, VecDeque};

/// As many links as a kernel follows before it gives up.
const HOPS: u32 = 40;

/// Does the link at `path` lead to a place inside the tree, whatever links it passes through?
///
/// Looking at the text alone is not enough: with `d -> ../..`, the harmless-looking `d/../x` leaves the tree.
pub(super) fn stays_inside(links: &BTreeMap<Utf8PathBuf, String>, path: &Utf8Path) -> bool {
    let mut at = path.to_owned();
    let mut todo: VecDeque<&str> = VecDeque::new();
    let mut hops = 0;
    let mut target = links.get(path);
    loop {
        if let Some(target) = target {
            hops += 1;
            if target.starts_with('/') || hops > HOPS {
                return false;
            }
            at.pop();
            for part in target.split('/').rev() {
                todo.push_front(part);
            }
        }
        match todo.pop_front() {
            None => return true,
            Some("" | ".") => target = None,
            Some("..") => {
                if !at.pop() {
                    return false;
                }
                target = None;
            }
            Some(part) => {
                at.push(part);
                target = links.get(&at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_links_as_the_kernel_does() {
        let cases: &[(&[(&str, &str)], bool)] = &[
            (&[("a/l", "b")], true),
            (&[("a/l", "../b")], true),
            (&[("a/l", "..")], true),
            (&[("l", "..")], false),
            (&[("a/l", "../../b")], false),
            (&[("a/l", "../../a/b")], false),
            (&[("l", "/etc/passwd")], false),
            (&[("l", "m"), ("m", "l")], false),
            (&[("l", "m/../x"), ("m", "a/b")], true),
            (&[("l", "a/b/m/../x"), ("a/b/m", "../..")], false),
            (&[("l", "a/./m//x"), ("a/m", "..")], true),
        ];
        for (links, inside) in cases {
            let links: BTreeMap<_, _> =
                links.iter().map(|(path, target)| (Utf8PathBuf::from(*path), (*target).to_owned())).collect();
            let all = links.keys().all(|path| stays_inside(&links, path));
            assert_eq!(all, *inside, "{links:?}");
        }
    }
}
