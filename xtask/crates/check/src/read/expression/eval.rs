//! What an expression is for one event, as far as that is known.

use super::parse::Expression;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// Whatever it is, it counts as true.
    Truthy,
    /// Whatever it is, it counts as false.
    Falsy,
    /// Nothing.
    Unknown,
}

impl Known {
    /// Whether it counts as true.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Null | Self::Falsy => Some(false),
            Self::Bool(truth) => Some(*truth),
            Self::Number(number) => Some(*number != 0.0 && !number.is_nan()),
            Self::Text(text) => Some(!text.is_empty()),
            Self::Truthy => Some(true),
            Self::Unknown => None,
        }
    }

    /// The text that it becomes in another.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null => Some(String::new()),
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Truthy | Self::Falsy | Self::Unknown => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Null => Some(0.0),
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Self::Number(number) => Some(*number),
            Self::Text(text) if text.trim().is_empty() => Some(0.0),
            Self::Text(text) => Some(text.trim().parse().unwrap_or(f64::NAN)),
            Self::Truthy | Self::Falsy | Self::Unknown => None,
        }
    }
}

pub(super) fn eval(expression: &Expression, event: &str) -> Known {
    let of = |inner: &Expression| eval(inner, event);
    match expression {
        Expression::Null => Known::Null,
        Expression::Bool(truth) => Known::Bool(*truth),
        Expression::Number(number) => Known::Number(*number),
        Expression::Text(text) => Known::Text(text.clone()),
        Expression::Context(way) if way == "github.event_name" => Known::Text(event.to_owned()),
        Expression::Context(_) | Expression::Other => Known::Unknown,
        Expression::Call(name, arguments) => call(name, &arguments.iter().map(of).collect::<Vec<_>>()),
        Expression::Not(inner) => of(inner).truth().map_or(Known::Unknown, |truth| Known::Bool(!truth)),
        Expression::Binary("&&", left, right) => both(of(left), of(right)),
        Expression::Binary("||", left, right) => either(of(left), of(right)),
        Expression::Binary(sign, left, right) => compare(sign, &of(left), &of(right)),
    }
}

fn both(left: Known, right: Known) -> Known {
    match (left.truth(), right.truth()) {
        (Some(false), _) => left,
        (Some(true), _) => right,
        (None, Some(false)) => Known::Falsy,
        (None, _) => Known::Unknown,
    }
}

fn either(left: Known, right: Known) -> Known {
    match (left.truth(), right.truth()) {
        (Some(true), _) => left,
        (Some(false), _) => right,
        (None, Some(true)) => Known::Truthy,
        (None, _) => Known::Unknown,
    }
}

fn compare(sign: &str, left: &Known, right: &Known) -> Known {
    if let ("==" | "!=", Known::Text(left), Known::Text(right)) = (sign, left, right) {
        return Known::Bool(same(left, right) == (sign == "=="));
    }
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Known::Unknown };
    match sign {
        // Comparing texts by order is nobody's gate.
        "==" | "!=" => Known::Bool((left - right == 0.0) == (sign == "==")),
        _ => Known::Unknown,
    }
}

fn call(name: &str, arguments: &[Known]) -> Known {
    match (name, arguments) {
        ("always", []) => Known::Bool(true),
        ("contains" | "startswith" | "endswith", [Known::Text(text), Known::Text(part)]) => {
            let (text, part) = (text.to_lowercase(), part.to_lowercase());
            Known::Bool(match name {
                "contains" => text.contains(&part),
                "startswith" => text.starts_with(&part),
                _ => text.ends_with(&part),
            })
        }
        _ => Known::Unknown,
    }
}

/// Texts are compared whatever their case.
fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}
