//! One step of a job or of a composite action.

use crate::action::Action;
use crate::command::Command;
use model::text::yaml::Node;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// For people.
    pub name: &'static str,
    /// Its name for other steps.
    pub id: Option<&'static str>,
    /// An expression, without the braces.
    pub condition: Option<String>,
    /// What it does.
    pub does: Does,
    /// Variables; values may hold expressions.
    pub env: Vec<(String, String)>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Runs commands, one a line.
    Run(Vec<Command>),
    /// Uses an action of others.
    Uses(Action, Vec<(&'static str, Node)>),
    /// Uses an action of this repository, by its directory below `.github/actions`.
    Local(&'static str, Vec<(&'static str, Node)>),
}

impl Step {
    fn new(name: &'static str, does: Does) -> Self {
        Self { name, id: None, condition: None, does, env: Vec::new() }
    }

    /// Runs a command.
    pub fn run(name: &'static str, command: Command) -> Self {
        Self::new(name, Does::Run(vec![command]))
    }

    /// Runs commands.
    pub fn run_all(name: &'static str, commands: Vec<Command>) -> Self {
        Self::new(name, Does::Run(commands))
    }

    /// Uses an action of others.
    pub fn uses(name: &'static str, action: Action, with: Vec<(&'static str, Node)>) -> Self {
        Self::new(name, Does::Uses(action, with))
    }

    /// Uses an action of this repository.
    pub fn local(name: &'static str, action: &'static str) -> Self {
        Self::new(name, Does::Local(action, Vec::new()))
    }

    /// With an input of an action of this repository.
    #[must_use]
    pub fn with(mut self, name: &'static str, node: Node) -> Self {
        if let Does::Local(_, with) = &mut self.does {
            with.push((name, node));
        }
        self
    }

    /// With a name for other steps.
    #[must_use]
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// Only where the expression is true.
    #[must_use]
    pub fn only(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// With a variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }
}

/// An expression with its braces.
pub fn expression(text: &str) -> String {
    format!("${{{{ {text} }}}}")
}

/// The same as a value.
pub fn value(text: &str) -> Node {
    Node::Text(expression(text))
}
