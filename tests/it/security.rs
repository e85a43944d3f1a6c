//! `docs/security.md` names a test for each of its rules: they are there.

use crate::checkout::repository;

#[test]
fn every_rule_has_its_tests() {
    let root = repository();
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what |"));
    let mut count = 0;
    for row in rows {
        let shown = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let (mut file, mut tests) = (String::new(), 0);
        for name in shown.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                let read = std::fs::read_to_string(root.join(name));
                file = read.unwrap_or_else(|error| panic!("{name}: {error}\n{row}"));
            } else {
                let there =
                    ["fn", "func", "def"].iter().any(|word| file.contains(&format!("{word} {name}(")));
                assert!(there, "no test `{name}` is there\n{row}");
                tests += 1;
            }
        }
        assert!(tests > 0, "no test shows this\n{row}");
        count += 1;
    }
    assert!(count > 5, "{count}");
}
