//! One job of a workflow.

use crate::step::Step;
use crate::workflow::Grant;
use model::text::yaml::Node;

/// One job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its key.
    pub id: String,
    /// For people; may hold expressions. A call has the names of what it calls.
    pub name: Option<String>,
    /// The jobs that it waits for.
    pub needs: Vec<String>,
    /// An expression, without the braces.
    pub condition: Option<String>,
    /// What its token may do, beyond nothing.
    pub grants: Vec<Grant>,
    /// The environment whose secrets it gets, which takes runs of certain branches and tags alone.
    pub environment: Option<&'static str>,
    /// An expression that is a matrix; every row is a job, and none is stopped because another fails.
    pub matrix: Option<String>,
    /// What it does.
    pub work: Work,
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Steps on a runner.
    Steps {
        /// Label of the runner, or an expression.
        runs_on: String,
        /// After so many minutes it is stopped.
        minutes: usize,
        /// Variables of all steps.
        env: Vec<(&'static str, String)>,
        /// Values for other jobs.
        outputs: Vec<(String, String)>,
        /// In order.
        steps: Vec<Step>,
    },
    /// A workflow of this repository that is made to be called.
    Call {
        /// Its file below `.github/workflows`.
        workflow: &'static str,
        /// Its inputs.
        with: Vec<(&'static str, Node)>,
        /// Names of the secrets that it gets.
        secrets: Vec<String>,
    },
}

impl Job {
    /// Steps on a runner.
    pub fn steps(id: &str, name: &str, runs_on: &str, minutes: usize, steps: Vec<Step>) -> Self {
        let work =
            Work::Steps { runs_on: runs_on.to_owned(), minutes, env: Vec::new(), outputs: Vec::new(), steps };
        Self { name: Some(name.to_owned()), ..Self::new(id, work) }
    }

    /// A call of another workflow.
    pub fn call(id: &str, workflow: &'static str, with: Vec<(&'static str, Node)>) -> Self {
        Self::new(id, Work::Call { workflow, with, secrets: Vec::new() })
    }

    fn new(id: &str, work: Work) -> Self {
        let (needs, condition, matrix) = (Vec::new(), None, None);
        Self {
            id: id.to_owned(),
            name: None,
            needs,
            condition,
            grants: vec![Grant::ReadContents],
            environment: None,
            matrix,
            work,
        }
    }

    /// After other jobs.
    #[must_use]
    pub fn needs(mut self, jobs: &[&str]) -> Self {
        self.needs.extend(jobs.iter().map(|job| (*job).to_owned()));
        self
    }

    /// Only where the expression is true.
    #[must_use]
    pub fn only(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Its token may do more.
    #[must_use]
    pub fn grant(mut self, grant: Grant) -> Self {
        self.grants.push(grant);
        self
    }

    /// With the secrets of an environment.
    #[must_use]
    pub fn environment(mut self, name: &'static str) -> Self {
        self.environment = Some(name);
        self
    }

    /// Once for each row of the expression.
    #[must_use]
    pub fn matrix(mut self, expression: impl Into<String>) -> Self {
        self.matrix = Some(expression.into());
        self
    }

    /// With variables for all steps.
    #[must_use]
    pub fn env(mut self, variables: Vec<(&'static str, String)>) -> Self {
        if let Work::Steps { env, .. } = &mut self.work {
            *env = variables;
        }
        self
    }

    /// With values for other jobs.
    #[must_use]
    pub fn outputs(mut self, values: Vec<(String, String)>) -> Self {
        if let Work::Steps { outputs, .. } = &mut self.work {
            *outputs = values;
        }
        self
    }

    /// Hands secrets to the workflow that is called.
    #[must_use]
    pub fn secrets(mut self, names: impl IntoIterator<Item = String>) -> Self {
        if let Work::Call { secrets, .. } = &mut self.work {
            secrets.extend(names);
        }
        self
    }
}
