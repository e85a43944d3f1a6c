//! Expressions of workflows, read as far as it takes to know what a condition is for one event.

mod eval;
mod parse;
mod token;

pub use eval::Known;

use eval::eval;
use parse::parse;
use token::{Token, tokens};

/// What a step's `if` is for an event.
pub fn condition(text: &str, event: &str) -> Known {
    let text = text.trim();
    match text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) {
        Some(inner) if !inner.contains("${{") => value(inner, event),
        // Text around an expression makes a text of it all, and a text that is not empty is true.
        _ if text.contains("${{") => template(text, event),
        _ => value(text, event),
    }
}

/// What a text with expressions in it is for an event.
pub fn template(text: &str, event: &str) -> Known {
    let mut whole = String::new();
    let mut is_known = true;
    for part in parts(text) {
        match part {
            Part::Plain(text) => whole.push_str(text),
            Part::Expression(inner) => match value(inner, event).text() {
                Some(text) => whole.push_str(&text),
                None => is_known = false,
            },
        }
    }
    match is_known {
        true => Known::Text(whole),
        false if whole.is_empty() => Known::Unknown,
        false => Known::Truthy,
    }
}

fn value(inner: &str, event: &str) -> Known {
    parse(inner).map_or(Known::Unknown, |expression| eval(&expression, event))
}

/// Names and texts that occur in the expressions of a text, in small letters; in all of it, if it is one as a whole.
pub fn words(text: &str, whole: bool) -> Words {
    let mut words = Words::default();
    let inner = parts(text).filter_map(|part| match part {
        Part::Expression(inner) => Some(inner),
        Part::Plain(text) => Some(text).filter(|_| whole),
    });
    for token in inner.flat_map(tokens) {
        match token {
            Some(Token::Name(name)) => words.names.push(name.to_ascii_lowercase()),
            Some(Token::Text(text)) => words.texts.push(text),
            _ => {}
        }
    }
    words
}

/// What occurs in expressions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// Names, such as `secrets`.
    pub names: Vec<String>,
    /// Texts between quotes.
    pub texts: Vec<String>,
}

enum Part<'a> {
    Plain(&'a str),
    Expression(&'a str),
}

/// What a text is made of. One that is not closed goes on to the end.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    text.split("${{")
        .enumerate()
        .flat_map(|(index, part)| match (index, part.split_once("}}")) {
            (0, _) => [Some(Part::Plain(part)), None],
            (_, Some((inner, rest))) => [Some(Part::Expression(inner)), Some(Part::Plain(rest))],
            (_, None) => [Some(Part::Expression(part)), None],
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(text: &str) -> Option<bool> {
        condition(text, "pull_request").truth()
    }

    #[test]
    fn a_gate_is_false_for_pull_requests() {
        for gate in [
            "github.event_name != 'pull_request'",
            "${{ github.event_name != 'pull_request' && steps.a.outputs.b != '' }}",
            "steps.a.outputs.b && (always() && github.event_name=='push')",
            "!(github.event_name == 'pull_request')",
            "github['event_name'] != 'pull_request'",
            "contains('push workflow_dispatch', github.event_name)",
            "startsWith(github.event_name, 'push')",
            "GITHUB.EVENT_NAME == 'Push'",
            "false",
            "${{ '' }}",
        ] {
            assert_eq!(truth(gate), Some(false), "{gate}");
        }
    }

    #[test]
    fn what_looks_like_a_gate_and_is_none() {
        for (gate, is) in [
            ("github.event_name == 'pull_request'", Some(true)),
            ("github.event_name != 'pull_request' || true", Some(true)),
            ("github.event_name != 'pull_request' || always()", Some(true)),
            ("github.event_name != 'pull_request' || steps.a.outputs.b", None),
            ("!(github.event_name != 'pull_request')", Some(true)),
            ("!github.event_name != 'pull_request'", Some(true)),
            ("github.event_name != 'PULL_REQUEST_TARGET'", Some(true)),
            // A text as a whole, and so always true.
            ("${{ github.event_name != 'pull_request' }} && true", Some(true)),
            ("github.event_name != 'pull_request' && ${{ true }}", Some(true)),
            ("${{ steps.a.outputs.b }} x", Some(true)),
            ("'github.event_name != pull_request'", Some(true)),
            ("github.event_name != 'pull_request' &&", None),
            ("github.event_name != \"pull_request\"", None),
            ("env.X != 'pull_request'", None),
            ("", None),
        ] {
            assert_eq!(truth(gate), is, "{gate}");
        }
    }

    #[test]
    fn values_are_what_the_service_makes_of_them() {
        let of = |text| template(text, "pull_request");
        assert_eq!(of("${{ github.event_name != 'pull_request' && 'a' || '' }}"), Known::Text(String::new()));
        assert_eq!(of("x ${{ github.event_name }} y"), Known::Text("x pull_request y".into()));
        assert_eq!(of("${{ 1 == 1.0 && null }}"), Known::Text(String::new()));
        assert_eq!(of("${{ inputs.x }}"), Known::Unknown);
        assert_eq!(of("it''s ${{ 'it''s' }}"), Known::Text("it''s it's".into()));
        for odd in ["${{", "${{ ( }}", "${{ 'a }}", "${{ a[ }}", &"(".repeat(5000)] {
            let _ = (of(odd), truth(odd), words(odd, true));
        }
    }

    #[test]
    fn words_are_told_from_texts_about_them() {
        assert_eq!(words("${{ Secrets.A }} secrets.b", false).names, ["secrets", "a"]);
        assert_eq!(words("toJSON(secrets)", true).names, ["tojson", "secrets"]);
        assert_eq!(words("${{ 'secrets.a' }}", false).names, [""; 0]);
        assert_eq!(words("${{ a || 'self-hosted' }}", false).texts, ["self-hosted"]);
    }
}
