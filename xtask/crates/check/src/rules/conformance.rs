//! Rule: every backend is asked whether it keeps the contract.

use crate::{Found, Repository, Rule};
use camino::Utf8PathBuf;
use model::manifest::BACKEND;
use model::name::BackendName;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    name: "conformance",
    meaning: "every backend has its test in tests/conformance",
    source: "docs/adding-a-backend.md",
    run,
};

const DIR: &str = "tests/conformance";

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    let modules = repository.below(DIR, &[".py"]).filter_map(|(path, _)| path.file_stem());
    let tested: BTreeSet<_> =
        modules.filter_map(|module| tested_by(module, manifests.backends.keys())).collect();
    for backend in manifests.backends.values().filter(|backend| !tested.contains(&backend.name)) {
        let file = backend.dir.join(BACKEND);
        let message = format!("`{}` has no test, expected {}", backend.name, conformance_test(&backend.name));
        let help = "copy the test of a backend with the same task, and name the backend in it";
        found.add(&file, repository.value(&file, &["name"]), message, help);
    }
}

/// Where the conformance test of a backend is.
pub fn conformance_test(backend: &BackendName) -> Utf8PathBuf {
    Utf8PathBuf::from(DIR).join(module(backend)).with_extension("py")
}

/// The backend that a module of tests/conformance is of: `test_llama_cpp` and `test_llama_cpp_rpc` test llama-cpp, unless
/// there is a llama-cpp-rpc.
pub fn tested_by<'a>(
    tests: &str,
    backends: impl IntoIterator<Item = &'a BackendName>,
) -> Option<&'a BackendName> {
    let is_of = |backend: &&BackendName| {
        let rest = tests.strip_prefix(&module(backend));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    backends.into_iter().filter(is_of).max_by_key(|backend| backend.as_str().len())
}

fn module(backend: &BackendName) -> String {
    format!("test_{}", backend.as_str().replace(['-', '.'], "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_tests_the_backend_of_the_longest_name() {
        let backends = ["llama", "llama-cpp", "my.own"].map(|name| name.parse::<BackendName>().unwrap());
        let tested = |module| tested_by(module, &backends).map(BackendName::as_str);
        assert_eq!(tested("test_llama"), Some("llama"));
        assert_eq!(tested("test_llama_cpp"), Some("llama-cpp"));
        assert_eq!(tested("test_llama_cpp_rpc"), Some("llama-cpp"));
        assert_eq!(tested("test_my_own"), Some("my.own"));
        assert_eq!(tested("test_llamas"), None);
        assert_eq!(tested("harness"), None);
    }
}
