//! Workflows and composite actions as parsed documents: however something is quoted, folded or put in braces.

use super::expression::{Known, condition};
use super::spots;
use model::manifest::{Id, Kind, Spot, Tree};

/// Something that stands under a key or in a list.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The keys that lead to it, from the outside; lists have none.
    pub keys: Vec<&'a str>,
    /// What it says, if it is no list or mapping.
    pub text: Option<&'a str>,
    /// Where it stands; where its key stands, if it is empty.
    pub spot: Spot,
    /// Where its key stands, or else it.
    pub key: Spot,
    /// It is an element of a list.
    pub listed: bool,
    id: Id,
    step: Option<Id>,
    job: Option<Id>,
}

/// A parsed file.
#[derive(Debug)]
pub struct Flow<'a> {
    source: &'a str,
    tree: Tree,
}

/// Deeper ones are not followed: what an alias stands for may hold it.
const DEPTH: usize = 40;

impl<'a> Flow<'a> {
    /// Parses a file; none if it is no YAML, which the service would not run either.
    pub fn parse(source: &'a str) -> Option<Self> {
        Tree::parse(source).map(|tree| Self { source, tree })
    }

    /// Everything that stands anywhere in it, in its order.
    pub fn items(&self) -> Vec<Item<'_>> {
        let root = Item {
            keys: Vec::new(),
            text: None,
            spot: Spot::START,
            key: Spot::START,
            listed: false,
            id: 0,
            step: None,
            job: None,
        };
        let mut found = Vec::new();
        self.walk(&root, 0, &mut found);
        found
    }

    fn walk<'t>(&'t self, above: &Item<'t>, depth: usize, found: &mut Vec<Item<'t>>) {
        if depth > DEPTH {
            return;
        }
        let node = |id: Id| match self.tree.nodes[id].kind {
            Kind::Alias(Some(of)) => of,
            _ => id,
        };
        let mut add = |key: Option<Id>, id: Id| {
            let mut item = above.clone();
            item.keys.extend(key.map(|key| self.tree.text(key).unwrap_or_default()));
            item.listed = key.is_none();
            item.id = node(id);
            item.text = self.tree.text(item.id);
            item.spot =
                if item.text == Some("") { self.tree.spot(key, item.id) } else { self.tree.nodes[id].spot };
            item.key = key.map_or(item.spot, |key| self.tree.nodes[key].spot);
            let is_map = matches!(self.tree.nodes[item.id].kind, Kind::Map(_));
            if is_map && key.is_none() && above.keys.last() == Some(&"steps") {
                item.step = Some(item.id);
            }
            if is_map && above.keys == ["jobs"] && key.is_some() {
                item.job = Some(item.id);
            }
            found.push(item.clone());
            self.walk(&item, depth + 1, found);
        };
        match &self.tree.nodes[above.id].kind {
            Kind::Map(pairs) => pairs.iter().for_each(|(key, value)| add(Some(*key), *value)),
            Kind::Seq(items) => items.iter().for_each(|id| add(None, *id)),
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
    }

    /// Whether neither the step nor the job of something runs in a pull request.
    pub fn is_gated(&self, item: &Item<'_>) -> bool {
        let of = |id: Option<Id>| self.child(id?, "if");
        [of(item.step), of(item.job)].into_iter().flatten().any(|gate| {
            // Nothing at all is no condition.
            !gate.trim().is_empty() && condition(gate, PULL_REQUEST).truth() == Some(false)
        })
    }

    /// What a key of something's step says, be it one of `with`.
    pub fn of_step(&self, item: &Item<'_>, key: &str) -> Option<&str> {
        let step = item.step?;
        self.child(step, key).or_else(|| self.child(self.child_id(step, "with")?, key))
    }

    /// Where a word of something's text stands, or else it.
    pub fn word(&self, item: &Item<'_>, word: &str) -> Spot {
        let mut lines = spots::numbered(self.source).skip(item.spot.line - 1);
        let found = lines.find(|(_, line)| line.contains(word));
        found.map_or(item.spot, |(number, line)| spots::of(number, line, word))
    }

    fn child_id(&self, id: Id, key: &str) -> Option<Id> {
        let Kind::Map(pairs) = &self.tree.nodes[id].kind else { return None };
        pairs.iter().find(|(name, _)| self.tree.text(*name) == Some(key)).map(|(_, value)| *value)
    }

    fn child(&self, id: Id, key: &str) -> Option<&str> {
        self.tree.text(self.child_id(id, key)?)
    }
}

/// The event of pull requests.
pub const PULL_REQUEST: &str = "pull_request";

impl<'a> Item<'a> {
    /// The last of its keys.
    pub fn name(&self) -> &'a str {
        self.keys.last().copied().unwrap_or_default()
    }
}

/// A text as it is in a pull request, if that is known.
pub fn in_pull_request(text: &str) -> Option<String> {
    match super::expression::template(text, PULL_REQUEST) {
        Known::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "on:\n  pull_request:\njobs:\n  a:\n    runs-on: \"ubuntu-latest\" # why\n    steps:\n      - uses: a/b@c\n        if: x\n        with:\n          y: z\n      - run: |\n          uses: no\n        if: github.event_name == 'push'\n      - {\"uses\": d, 'if': false}\n";

    #[test]
    fn items_have_places_and_scripts_have_none() {
        let flow = Flow::parse(TEXT).unwrap();
        let items = flow.items();
        let uses: Vec<_> = items.iter().filter(|item| item.name() == "uses").collect();
        assert_eq!(uses.iter().map(|item| item.text.unwrap()).collect::<Vec<_>>(), ["a/b@c", "d"]);
        assert_eq!((uses[0].spot.line, uses[0].spot.column), (7, 15));
        let runner = items.iter().find(|item| item.name() == "runs-on").unwrap();
        assert_eq!((runner.text, runner.key.column), (Some("ubuntu-latest"), 5));
    }

    #[test]
    fn a_gate_is_that_of_the_step_or_of_the_job() {
        let flow = Flow::parse(TEXT).unwrap();
        let items = flow.items();
        let gated: Vec<bool> =
            items.iter().filter(|i| ["uses", "run"].contains(&i.name())).map(|i| flow.is_gated(i)).collect();
        assert_eq!(gated, [false, true, true]);
        let text = "jobs:\n  a:\n    if: false\n    steps: [{run: x}]\n  b:\n    steps: [{run: x, if: }]\n";
        let flow = Flow::parse(text).unwrap();
        let gated: Vec<bool> =
            flow.items().iter().filter(|i| i.name() == "run").map(|i| flow.is_gated(i)).collect();
        assert_eq!(gated, [true, false]);
    }

    #[test]
    fn aliases_stand_for_what_they_name() {
        let flow = Flow::parse("a: &x {uses: b}\nc: *x\nd: &y [*y]\n").unwrap();
        let uses = flow.items().iter().filter(|item| item.name() == "uses").count();
        assert_eq!(uses, 2);
    }
}
