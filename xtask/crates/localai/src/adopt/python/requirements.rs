//! The requirement files of a profile, and what stands in them.

use super::install::Install;
use super::{Profile, Row};
use crate::adopt::tree::Tree;
use camino::Utf8Path;
use model::build_type::BuildType;
use model::python::{IndexStrategy, IndexUrl, Requirement};
use std::collections::BTreeMap;

/// Of a profile, in the order in which a script installs them: once each, and with what comes last for every build type.
fn names(profile: Profile) -> Vec<String> {
    let (kind, name) = (profile.build_type.reference_name(), profile.name());
    let mut names = vec!["-install".to_owned(), String::new(), format!("-{kind}"), format!("-{name}")];
    names.extend(["-after".to_owned(), format!("-{name}-after")]);
    names.dedup();
    names.into_iter().filter(|name| name != "-").map(|name| format!("requirements{name}.txt")).collect()
}

/// What a variant installs, and what is odd with it; why it cannot be said otherwise.
pub(super) fn row(
    tree: &Tree<'_>,
    dir: &Utf8Path,
    profile: Profile,
    install: &Install,
) -> Result<(Row, Option<String>), String> {
    let files: Vec<String> = names(profile).into_iter().filter(|name| tree.has(&dir.join(name))).collect();
    if files.is_empty() {
        return Err("it has no requirements".to_owned());
    }
    let own = format!("requirements-{}.txt", profile.name());
    let others =
        tree.within(dir).filter_map(Utf8Path::file_name).any(|name| name.starts_with("requirements-cublas"));
    let is_bare = profile.build_type != BuildType::Cpu && others && !files.contains(&own);
    let note = is_bare.then(|| format!("there is no {own}: it gets what all get"));
    let mut read = Read::default();
    for file in &files {
        let text = tree.text(&dir.join(file)).unwrap_or_default();
        text.lines().try_for_each(|line| read.line(file, line))?;
    }
    let pip = (install.pip && !read.indexes.is_empty()).then_some(IndexStrategy::UnsafeBestMatch);
    let row = Row {
        version: None,
        files,
        strategy: install.strategy.or(pip).filter(|_| !read.indexes.is_empty()),
        indexes: read.indexes,
        prerelease: install.prerelease || read.prerelease,
        git: read.git || install.with.iter().chain(&install.without_dependencies).any(Requirement::is_git),
        shares: install.shares,
        build_env: install.build_env.clone(),
        with: install.with.clone(),
        without_dependencies: install.without_dependencies.clone(),
    };
    Ok((row, note))
}

#[derive(Default)]
struct Read {
    indexes: Vec<String>,
    prerelease: bool,
    git: bool,
    exact: BTreeMap<String, String>,
}

impl Read {
    fn line(&mut self, file: &str, line: &str) -> Result<(), String> {
        let line = line.split(" #").next().unwrap_or(line).trim();
        let words: Vec<&str> = line.split([' ', '=']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            ["--extra-index-url", _, ..] => {
                let url = line.trim_start_matches("--extra-index-url").trim_start_matches([' ', '=']);
                let url: IndexUrl =
                    url.trim().parse().map_err(|_| format!("{file} names an index that is no URL"))?;
                if !self.indexes.iter().any(|known| known == url.as_str()) {
                    self.indexes.push(url.to_string());
                }
            }
            ["--pre"] => self.prerelease = true,
            [option, ..] if option.starts_with('-') => return Err(format!("{file} has the option {option}")),
            _ if line.contains("git+") => self.git = true,
            _ if line.contains("://")
                && !line
                    .split(['#', ' ', ';'])
                    .any(|part| Utf8Path::new(part).extension() == Some("whl")) =>
            {
                return Err(format!("{file} names a file that is no wheel: `{line}`"));
            }
            _ => self.pin(file, line)?,
        }
        Ok(())
    }

    /// A script installs one file after the other, and the last version stays; resolved together they must agree.
    fn pin(&mut self, file: &str, line: &str) -> Result<(), String> {
        let Some((name, version)) = line.split_once("==") else { return Ok(()) };
        // A marker makes it one of several.
        if line.contains(';') {
            return Ok(());
        }
        let name =
            name.split('[').next().unwrap_or(name).trim().to_ascii_lowercase().replace(['_', '.'], "-");
        let version = version.trim().to_owned();
        match self.exact.insert(name.clone(), version.clone()) {
            Some(other) if other != version => {
                Err(format!("{file} asks for {name} {version}, and a file before it for {other}"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(build_type: BuildType, cuda: Option<&str>) -> String {
        let cuda = cuda.map(|cuda| cuda.parse().unwrap());
        let names = names(Profile { build_type, cuda, distro: None });
        names.join(" ").replace("requirements", "").replace(".txt", "")
    }

    #[test]
    fn each_profile_has_its_files_once_and_those_that_come_last() {
        assert_eq!(of(BuildType::Cpu, None), "-install  -cpu -after -cpu-after");
        assert_eq!(of(BuildType::Cublas, Some("12.8")), "-install  -cublas -cublas12 -after -cublas12-after");
        assert_eq!(of(BuildType::Intel, None), "-install  -intel -after -intel-after");
        assert_eq!(of(BuildType::L4t, Some("13.0")), "-install  -l4t -l4t13 -after -l4t13-after");
    }

    #[test]
    fn what_cannot_be_resolved_together_is_said() {
        let read = |lines: &[&str]| {
            let mut read = Read::default();
            lines.iter().try_for_each(|line| read.line("r.txt", line)).map(|()| read.indexes)
        };
        let fine = [
            "# why",
            "",
            "torch==2.4.1 # so",
            "--extra-index-url https://example.org/x",
            "x @ https://e.org/x-1.whl",
        ];
        assert_eq!(read(&fine).unwrap(), ["https://example.org/x"]);
        for (lines, why) in [
            (vec!["a==1", "A==2"], "asks for a 2"),
            (vec!["x @ https://e.org/x-1.tar.gz"], "no wheel"),
            (vec!["-r other.txt"], "the option -r"),
            (vec!["--extra-index-url https://me:pw@e.org/"], "no URL"),
        ] {
            let told = read(&lines).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
