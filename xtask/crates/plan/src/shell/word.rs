//! Words of a POSIX shell.

use super::directories::Directories;
use model::arg::{Arg, Piece};
use std::borrow::Cow;

/// Text as one word, bare where quotes would change nothing.
pub fn quote(text: &str) -> String {
    // Nothing but a NUL is ever refused, and this quoter lets it pass: no argument of a program can hold one.
    shlex::Quoter::new().allow_nul(true).quote(text).map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// The argument as one word; the number of jobs is the variable `JOBS`.
pub fn word(arg: &Arg, at: &Directories) -> String {
    let (mut words, mut text) = (Vec::new(), String::new());
    for piece in arg.pieces() {
        match piece {
            Piece::Text(part) | Piece::Decided { text: part, .. } => text.push_str(part),
            Piece::Place(place) => text.push_str(&at.of(place)),
            Piece::Jobs => {
                if !text.is_empty() {
                    words.push(quote(&std::mem::take(&mut text)));
                }
                words.push("\"$JOBS\"".to_owned());
            }
        }
    }
    if !text.is_empty() || words.is_empty() {
        words.push(quote(&text));
    }
    words.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::arg::Place;

    #[test]
    fn quotes_text_and_leaves_the_number_of_jobs_to_the_shell() {
        let at = Directories::below("/a b");
        assert_eq!(word(&Arg::text("-DX=").then(Place::Out), &at), "'-DX=/a b/out'");
        assert_eq!(word(&Arg::text("-j").then(Arg::jobs()), &at), "-j\"$JOBS\"");
        assert_eq!(word(&Arg::text("$(id)").then(Arg::jobs()).then("'"), &at), r#"'$(id)'"$JOBS""'""#);
        assert_eq!(word(&Arg::default(), &at), "''");
    }
}
