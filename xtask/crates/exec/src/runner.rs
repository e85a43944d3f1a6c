//! Captures what machine CI has lent, once, as planning sees it.

use plan::runner::Runner;

/// The environment as it is now.
pub fn capture() -> Runner {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Runner {
        actions: var("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
        environment: var("RUNNER_ENVIRONMENT"),
        os: var("RUNNER_OS"),
        arch: var("RUNNER_ARCH"),
    }
}
