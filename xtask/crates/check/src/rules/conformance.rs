//! Rule: every backend is asked whether it keeps the contract.

use crate::{Found, Repository, Rule};
use model::manifest::BACKEND;

pub(super) const RULE: Rule = Rule {
    name: "conformance",
    meaning: "every backend has its test in tests/conformance",
    source: "docs/adding-a-backend.md",
    run,
};

const DIR: &str = "tests/conformance";

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    let tests = || repository.below(DIR, &[".py"]).filter_map(|(path, _)| path.file_stem());
    // `test_llama_cpp` and `test_llama_cpp_rpc` are tests of llama-cpp.
    let is_of = |stem: &str, word: &str| {
        let rest = stem.strip_prefix("test_").and_then(|name| name.strip_prefix(word));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    for backend in manifests.backends.values() {
        let word = backend.name.as_str().replace('-', "_");
        if !tests().any(|stem| is_of(stem, &word)) {
            let file = backend.dir.join(BACKEND);
            let message = format!("`{}` has no test in {DIR}, expected test_{word}.py", backend.name);
            let help = "copy the test of a backend with the same task, and name the backend in it";
            found.add(&file, repository.value(&file, &["name"]), message, help);
        }
    }
}
