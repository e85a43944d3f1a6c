//! A Makefile as make reads it for one caller: the branches that are taken, and what its variables come to.

use super::functions::{arguments, evaluate};
use super::shell::is_name;
use super::words::Words;
use std::collections::BTreeSet;

/// What is left of a Makefile.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub words: Words,
    /// Variables for programs that it runs.
    pub exported: Vec<(String, String)>,
    /// Targets, and the lines of their recipes.
    pub rules: Vec<(Vec<String>, Vec<String>)>,
    /// Whether lines behind a tab belong to the last rule: a variable ends it.
    in_rule: bool,
}

/// Reads a Makefile with variables that the caller sets; none where a condition cannot be told.
pub(super) fn taken(text: &str, given: &[(&str, &str)]) -> Option<Taken> {
    let mut made = Taken::default();
    let set: BTreeSet<&str> = given.iter().map(|(name, _)| *name).collect();
    for (name, value) in given {
        made.words.set(name, value);
    }
    let mut open: Vec<Branch> = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        let code = line.trim();
        let active = open.iter().all(|branch| branch.active);
        if let Some(condition) =
            code.strip_prefix("else").filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            let branch = open.last_mut()?;
            let may = !branch.done && branch.outer;
            branch.active = may && (condition.is_empty() || holds(condition.trim(), &made.words)?);
            branch.done |= branch.active;
        } else if code == "endif" {
            open.pop()?;
        } else if code.starts_with("if") && code.contains(['(', ' ']) && !line.starts_with("\tif [") {
            let active = active && holds(code, &made.words)?;
            let outer = open.iter().all(|branch| branch.active);
            open.push(Branch { active, done: active, outer });
        } else if active {
            made.line(line, code, &set);
        }
    }
    open.is_empty().then_some(made)
}

struct Branch {
    active: bool,
    done: bool,
    /// Whether what it stands in is taken.
    outer: bool,
}

impl Taken {
    fn line(&mut self, line: &str, code: &str, given: &BTreeSet<&str>) {
        if line.starts_with('\t')
            && self.in_rule
            && let Some((_, recipe)) = self.rules.last_mut()
        {
            recipe.push(code.to_owned());
            return;
        }
        if code.starts_with(['#', '.']) || code.is_empty() {
            return;
        }
        let exported = code.strip_prefix("export ");
        if let Some((left, value)) = exported.unwrap_or(code).split_once('=') {
            let (name, value) = (left.trim_end_matches([':', '?', '+', ' ']), value.trim());
            if is_name(name) {
                self.in_rule = false;
                let before = self.words.expand(&format!("$({name})"));
                let is_set = !before.contains('$');
                match left.trim_end().chars().last() {
                    _ if given.contains(name) => {}
                    Some('?') => self.words.add(name, value),
                    // What it says is taken now: it may name itself.
                    Some('+') if is_set => self.words.set(name, format!("{before} {value}").trim()),
                    _ => self.words.set(name, value),
                }
                self.exported.extend(exported.map(|_| (name.to_owned(), value.to_owned())));
                return;
            }
        }
        if let Some((targets, _)) = code.split_once(':') {
            self.in_rule = true;
            let targets = self.words.expand(targets);
            self.rules.push((targets.split_whitespace().map(str::to_owned).collect(), Vec::new()));
        }
    }

    /// The recipe of a target.
    pub fn recipe(&self, target: &str) -> Option<&[String]> {
        let rule = self.rules.iter().find(|(targets, _)| targets.iter().any(|known| known == target));
        rule.map(|(_, lines)| lines.as_slice())
    }
}

/// Whether `ifeq (a,b)` or its contrary holds; none where that takes a program.
fn holds(code: &str, words: &Words) -> Option<bool> {
    let (verb, rest) = code.split_once(['(', ' '])?;
    let inside = rest.trim().trim_start_matches('(').strip_suffix(')')?;
    let [left, right] = arguments(inside).try_into().ok()?;
    let value = |text: &str| evaluate(text.trim(), words);
    let equal = value(left)? == value(right)?;
    match verb.trim() {
        "ifeq" => Some(equal),
        "ifneq" => Some(!equal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "A?=\nB?=x\nT+=-Da=1\nifeq ($(B),x)\n\tT+=-Db\nendif\nifeq ($(A),one)\n\tT+=-Done\nelse ifeq ($(A),two)\n\tC?=/c\n\texport CXX=$(C)/cxx\n\tT+=-Dtwo\nelse ifeq ($(OS),Mac)\n\tifneq ($(A),three)\n\t\tT+=-Dmac\n\tendif\nelse\n\tT+=-Delse\nendif\nx-$(A): y\n\tif [ -f z ]; then \\\n\t\trun $(T); \\\n\tfi\n";

    #[test]
    fn one_branch_is_taken_and_variables_add_up() {
        let args = |given: &[(&str, &str)]| taken(TEXT, given).unwrap().words.expand("$(T)");
        assert_eq!(args(&[]), "-Da=1 -Db -Delse");
        assert_eq!(args(&[("A", "one"), ("OS", "Mac")]), "-Da=1 -Db -Done");
        assert_eq!(args(&[("A", "three"), ("OS", "Mac")]), "-Da=1 -Db");
        assert_eq!(args(&[("A", ""), ("OS", "Mac"), ("B", "y")]), "-Da=1 -Dmac");
        let two = taken(TEXT, &[("A", "two")]).unwrap();
        assert_eq!(two.exported, [("CXX".to_owned(), "$(C)/cxx".to_owned())]);
        assert_eq!(two.words.expand("$(CXX)"), "/c/cxx");
        assert_eq!(two.recipe("x-two").unwrap().len(), 1);
        let after = taken("r:\n\tmake it\nA=1\nifeq (1,1)\n\tB = 2\nendif\n", &[]).unwrap();
        assert_eq!((after.recipe("r").unwrap().len(), after.words.expand("$(B)").as_str()), (1, "2"));
    }

    #[test]
    fn what_only_make_can_tell_is_not_guessed() {
        assert!(taken("ifdef X\nendif\n", &[]).is_none());
        assert!(taken("ifeq ($(shell uname),x)\nendif\n", &[]).is_none());
        assert!(taken("ifeq (a,a)\n", &[]).is_none());
    }
}
