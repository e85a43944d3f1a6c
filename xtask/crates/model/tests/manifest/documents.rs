//! What the documents say of files: manifests that they show can be used, links and paths lead somewhere.

use camino::{Utf8Path, Utf8PathBuf};
use model::backend::Recipe;
use model::manifest::{self, Files};
use std::fs;

fn root() -> &'static Utf8Path {
    Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// README.md, docs/*.md and the READMEs of backends, root-relative, with their texts.
fn documents() -> Vec<(Utf8PathBuf, String)> {
    let list = |dir: &Utf8Path| -> Vec<Utf8PathBuf> {
        let entries = root().join(dir).read_dir_utf8().unwrap();
        entries.map(|entry| dir.join(entry.unwrap().file_name())).collect()
    };
    let mut paths = list("docs".into());
    paths.retain(|path| path.extension() == Some("md"));
    paths.push("README.md".into());
    let directories = |dir: &Utf8Path| list(dir).into_iter().filter(|path| root().join(path).is_dir());
    let backends =
        directories("backend".into()).flat_map(|language| directories(&language).collect::<Vec<_>>());
    paths.extend(backends.map(|backend| backend.join("README.md")).filter(|path| root().join(path).exists()));
    let read = |path: Utf8PathBuf| (path.clone(), fs::read_to_string(root().join(path)).unwrap());
    paths.into_iter().map(read).collect()
}

/// Targets of `[text](target)` that are no URLs.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://"))
}

/// Anchors as forges make them of headings.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    headings
        .map(|heading| {
            let title = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            title.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
        })
        .collect()
}

/// Paths of this repository between backticks.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let ours =
        |path: &&str| ["xtask/", "backend/", "docs/", "tests/"].iter().any(|top| path.starts_with(top));
    quoted.filter(ours).filter(|path| !path.contains(['<', '*', ' ', '…']))
}

#[test]
fn every_link_and_every_path_leads_somewhere() {
    let (mut seen, mut broken) = (0, Vec::new());
    for (file, text) in documents() {
        for link in links(&text) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { file.clone() } else { file.parent().unwrap().join(path) };
            let found = fs::read_to_string(root().join(&target));
            let whole =
                found.is_ok_and(|text| anchor.is_empty() || anchors(&text).iter().any(|a| a == anchor));
            if !whole {
                broken.push(format!("{file}: link {link}"));
            }
            seen += 1;
        }
        let missing = paths(&text).filter(|path| !root().join(path).exists());
        broken.extend(missing.map(|path| format!("{file}: path {path}")));
        seen += paths(&text).count();
    }
    assert!(seen > 40, "only {seen} links and paths were found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Fenced YAML whose first line is a comment with the path of the file.
fn examples(text: &str) -> Files {
    let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let named = blocks.filter_map(|block| block.strip_prefix("# ")?.split_once('\n'));
    named.map(|(path, text)| (Utf8PathBuf::from(path), text.to_owned())).collect()
}

#[test]
fn every_example_loads_and_each_family_has_a_template() {
    let mut shared = Files::new();
    for file in [manifest::VARIANTS, manifest::SOURCES] {
        shared.insert(file.into(), fs::read_to_string(root().join(file)).unwrap());
    }
    let family = |files: Files| {
        let manifests = manifest::load(&shared.clone().into_iter().chain(files).collect());
        let manifests = manifests.unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        assert_eq!(manifests.backends.len(), 1);
        manifests.backends.into_values().next().map(|backend| match backend.recipe {
            Recipe::Cmake(_) => "cpp",
            other => other.section(),
        })
    };
    let documented = examples(&fs::read_to_string(root().join("docs/adding-a-backend.md")).unwrap());
    assert_eq!(family(documented), Some("go"));
    for language in ["cpp", "go", "python", "rust"] {
        let template = root().join(format!("xtask/src/scaffold/templates/{language}/backend.yaml"));
        let place = format!("backend/{language}/scaffold/backend.yaml");
        let files = Files::from([(place.into(), fs::read_to_string(template).unwrap())]);
        assert_eq!(family(files), Some(language));
    }
}
