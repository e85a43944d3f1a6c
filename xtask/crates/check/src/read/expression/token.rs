//! The words of an expression.

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name.
    Name(String),
    /// A text, without its quotes.
    Text(String),
    /// A number.
    Number(f64),
    /// Anything else.
    Sign(&'static str),
}

const SIGNS: [&str; 14] = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ","];

/// The words; none in place of what is no word.
pub(super) fn tokens(text: &str) -> Vec<Option<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, length) = if c == '\'' {
            string(rest)
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            (Some(Token::Sign(sign)), sign.len())
        } else if rest.starts_with(['.', '*']) && !rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            (Some(Token::Sign(if c == '.' { "." } else { "*" })), 1)
        } else {
            word(rest, c)
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    found
}

fn string(text: &str) -> (Option<Token>, usize) {
    let mut inner = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match (c, chars.peek()) {
            ('\'', Some((_, '\''))) => {
                chars.next();
                inner.push(c);
            }
            ('\'', _) => return (Some(Token::Text(inner)), at + 1),
            _ => inner.push(c),
        }
    }
    (None, text.len())
}

fn word(text: &str, first: char) -> (Option<Token>, usize) {
    let is_number = first.is_ascii_digit() || matches!(first, '-' | '+' | '.');
    let belongs =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-') || (is_number && matches!(c, '.' | '+'));
    let length = text.find(|c| !belongs(c)).unwrap_or(text.len());
    let word = &text[..length];
    match word.parse::<f64>() {
        _ if length == 0 => (None, first.len_utf8()),
        Ok(number) if is_number => (Some(Token::Number(number)), length),
        _ if is_number => (None, length),
        _ => (Some(Token::Name(word.to_owned())), length),
    }
}
