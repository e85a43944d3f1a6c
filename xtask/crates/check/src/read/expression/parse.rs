//! From words to an expression.

use super::token::{Token, tokens};

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A value of a context, by its way in small letters: `github.event_name`.
    Context(String),
    /// A value whose way is not told by names alone.
    Other,
    Call(String, Vec<Expression>),
    Not(Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
}

/// Deeper ones are not looked into.
const DEPTH: usize = 60;

/// From those that bind least to those that bind most.
const LEVELS: [&[&str]; 4] = [&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"]];

/// The expression; none if it cannot be made out.
pub(super) fn parse(text: &str) -> Option<Expression> {
    let tokens: Vec<Token> = tokens(text).into_iter().collect::<Option<_>>()?;
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), depth: 0 };
    let expression = parser.binary(0)?;
    parser.tokens.next().is_none().then_some(expression)
}

struct Parser<I: Iterator<Item = Token>> {
    tokens: std::iter::Peekable<I>,
    depth: usize,
}

impl<I: Iterator<Item = Token>> Parser<I> {
    fn take(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let Some(Token::Sign(sign)) = self.tokens.peek() else { return None };
        let sign = *sign;
        if !signs.contains(&sign) {
            return None;
        }
        self.tokens.next();
        Some(sign)
    }

    fn binary(&mut self, level: usize) -> Option<Expression> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(sign) = self.take(signs) {
            left = Expression::Binary(sign, Box::new(left), Box::new(self.binary(level + 1)?));
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expression> {
        self.depth += 1;
        let inner = if self.depth > DEPTH {
            None
        } else if self.take(&["!"]).is_some() {
            self.unary().map(|inner| Expression::Not(Box::new(inner)))
        } else {
            self.primary()
        };
        self.depth -= 1;
        inner
    }

    fn primary(&mut self) -> Option<Expression> {
        if self.take(&["("]).is_some() {
            let inner = self.binary(0)?;
            self.take(&[")"])?;
            return self.way(inner);
        }
        match self.tokens.next()? {
            Token::Text(text) => Some(Expression::Text(text)),
            Token::Number(number) => Some(Expression::Number(number)),
            Token::Sign(_) => None,
            Token::Name(name) => match name.as_str() {
                "true" => Some(Expression::Bool(true)),
                "false" => Some(Expression::Bool(false)),
                "null" => Some(Expression::Null),
                _ if self.take(&["("]).is_some() => {
                    let call = Expression::Call(name.to_ascii_lowercase(), self.arguments()?);
                    self.way(call)
                }
                _ => self.way(Expression::Context(name.to_ascii_lowercase())),
            },
        }
    }

    fn arguments(&mut self) -> Option<Vec<Expression>> {
        let mut arguments = Vec::new();
        if self.take(&[")"]).is_some() {
            return Some(arguments);
        }
        loop {
            arguments.push(self.binary(0)?);
            match self.take(&[",", ")"])? {
                "," => {}
                _ => return Some(arguments),
            }
        }
    }

    /// What follows a value: names and indices, by which another is reached.
    fn way(&mut self, mut from: Expression) -> Option<Expression> {
        while let Some(sign) = self.take(&[".", "["]) {
            let step = if sign == "." {
                match self.tokens.next()? {
                    Token::Name(name) => Some(name),
                    Token::Sign("*") => None,
                    _ => return None,
                }
            } else {
                let index = self.binary(0)?;
                self.take(&["]"])?;
                match index {
                    Expression::Text(name) => Some(name),
                    _ => None,
                }
            };
            from = match (from, step) {
                (Expression::Context(way), Some(name)) => {
                    Expression::Context(format!("{way}.{}", name.to_ascii_lowercase()))
                }
                _ => Expression::Other,
            };
        }
        Some(from)
    }
}
