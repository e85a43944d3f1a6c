//! Kegs, links and receipts of a prefix.

use camino::{Utf8Path, Utf8PathBuf};
use model::macos::{Formula, Homebrew};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is installed below `prefix`; none where no Homebrew is. Starts no process.
pub fn read(prefix: &Utf8Path) -> Option<Homebrew> {
    memo::saw(prefix.join("bin/brew"));
    if !prefix.join("bin/brew").exists() {
        return None;
    }
    let formulas = names(&prefix.join("Cellar")).into_iter();
    let formulas = formulas.filter_map(|name| Some((name.clone(), formula(prefix, &name)?))).collect();
    Some(Homebrew { prefix: prefix.to_owned(), version: None, formulas })
}

/// The entries of a directory; none of one that is not there.
fn names(dir: &Utf8Path) -> Vec<String> {
    memo::saw(dir);
    let entries = dir.read_dir_utf8().into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_owned()).collect();
    names.sort();
    names
}

/// A formula that has a keg. One that `opt` does not lead to can be used by nobody: install names go through it.
fn formula(prefix: &Utf8Path, name: &str) -> Option<Formula> {
    let opt = prefix.join("opt").join(name);
    memo::saw(&opt);
    let through_opt: Option<Utf8PathBuf> = opt.canonicalize_utf8().ok();
    let kegs = prefix.join("Cellar").join(name);
    let keg = through_opt.clone().or_else(|| Some(kegs.join(names(&kegs).pop()?)))?;
    let receipt = fs_err::read_to_string(keg.join("INSTALL_RECEIPT.json")).unwrap_or_default();
    let linked = prefix.join("var/homebrew/linked").join(name);
    memo::saw(&linked);
    Some(Formula {
        version: keg.file_name()?.to_owned(),
        reachable: through_opt.is_some() && (linked.exists() || is_keg_only(&keg, name)),
        needs: needs(&receipt),
    })
}

/// Whether a formula is never linked into the prefix, by the copy of its recipe that each keg holds.
fn is_keg_only(keg: &Utf8Path, name: &str) -> bool {
    let recipe = fs_err::read_to_string(keg.join(".brew").join(format!("{name}.rb"))).unwrap_or_default();
    recipe.lines().any(|line| line.trim_start().starts_with("keg_only"))
}

/// What a keg was linked with.
fn needs(receipt: &str) -> Vec<String> {
    let receipt: BTreeMap<String, Value> = serde_json::from_str(receipt).unwrap_or_default();
    let needs = receipt.get("runtime_dependencies").and_then(Value::as_array).into_iter().flatten();
    needs.filter_map(|need| Some(need.get("full_name")?.as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_keg_counts_where_opt_leads_to_it_and_its_files_can_be_reached() {
        let dir = tempfile::tempdir().unwrap();
        let prefix = Utf8Path::from_path(dir.path()).unwrap().canonicalize_utf8().unwrap();
        assert_eq!(read(&prefix), None, "there is no brew");
        let write = |path: &str, text: &str| {
            fs_err::create_dir_all(prefix.join(path).parent().unwrap()).unwrap();
            fs_err::write(prefix.join(path), text).unwrap();
        };
        write("bin/brew", "");
        write(
            "Cellar/grpc/1.76.0_1/INSTALL_RECEIPT.json",
            r#"{"runtime_dependencies":[{"full_name":"re2","version":"1"},{"full_name":"openssl@3"}]}"#,
        );
        write(
            "Cellar/openssl@3/3.6.0/.brew/openssl@3.rb",
            "class A < Formula\n  keg_only :shadowed_by_macos\n",
        );
        write("Cellar/re2/1/x", "");
        write("Cellar/re2/2/INSTALL_RECEIPT.json", "not JSON");
        for dir in ["opt", "var/homebrew/linked"] {
            fs_err::create_dir_all(prefix.join(dir)).unwrap();
        }
        let state = |name: &str| read(&prefix).unwrap().formulas[name].clone();
        // As a cache restores it: kegs alone.
        assert!(!state("grpc").reachable);
        assert_eq!((state("re2").version.as_str(), state("re2").reachable), ("2", false));
        for (name, keg) in [("grpc", "1.76.0_1"), ("openssl@3", "3.6.0"), ("re2", "1")] {
            symlink(format!("../Cellar/{name}/{keg}"), prefix.join("opt").join(name)).unwrap();
        }
        assert!(!state("grpc").reachable, "not linked");
        assert!(state("openssl@3").reachable, "never linked");
        write("var/homebrew/linked/grpc", "");
        assert_eq!(
            state("grpc"),
            Formula {
                version: "1.76.0_1".to_owned(),
                reachable: true,
                needs: vec!["re2".to_owned(), "openssl@3".to_owned()]
            }
        );
        assert_eq!(state("re2").version, "1", "what opt leads to, not the newest");
    }
}
