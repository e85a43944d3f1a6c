//! The manifest of an adopted backend, and whether the one that stands there is still as it was written.

use super::engine::Engine;
use super::native::Go;
use super::recipe::{Adopted, Recipe, Script};
use camino::Utf8Path;
use model::manifest::{BACKEND, Document};
use model::text::yaml::Node;
use std::collections::BTreeMap;

/// Before the digest of all that follows.
const STAMP: &str =
    "# Written by `cargo xtask import-matrix --adopt`, and again as long as nobody edits it: ";

/// The text of a manifest.
pub(super) fn text(adopted: &Adopted) -> String {
    let Adopted {
        name, about, license, inputs, sources, place, packages, variants, suffixes, recipe, ..
    } = adopted;
    let mut all = vec![
        ("name", Node::text(name.as_str())),
        ("description", Node::text(about.description().unwrap_or_else(|| name.to_string()))),
        ("license", Node::text(*license)),
        ("inputs", Node::map(inputs.iter().map(|(key, globs)| (*key, Node::texts(globs.clone()))))),
    ];
    if !sources.is_empty() {
        all.push(("sources", Node::texts(sources.iter().map(ToString::to_string))));
        let placed = place.iter().map(|(source, at)| {
            Node::map([("source", Node::text(source.as_str())), ("at", Node::text(at.as_str()))])
        });
        all.push(("place", Node::List(placed.collect())));
    }
    if !packages.is_empty() {
        all.push(("build-packages", Node::map([("apt", Node::texts(packages.clone()))])));
    }
    let uses = variants.iter().map(|(variant, platforms)| {
        (variant.as_str(), Node::texts(platforms.iter().map(ToString::to_string)))
    });
    all.push(("variants", Node::map(uses)));
    if !suffixes.is_empty() {
        let each = suffixes.iter().map(|(variant, suffix)| (variant.as_str(), Node::text(suffix.as_str())));
        all.push(("tag-suffixes", Node::map(each)));
    }
    all.push(match recipe {
        Recipe::Cmake(server) => ("cmake", cmake(server)),
        Recipe::Go(go) => ("go", self::go(go)),
        Recipe::Python(python) => ("python", python.node()),
        Recipe::Script(recipe, _) => ("script", script(recipe)),
    });
    if let Recipe::Python(python) = recipe
        && let package = python.package()
        && !package.is_empty()
    {
        all.push(("package", Node::map(package)));
    }
    let mut gallery = Vec::new();
    gallery.extend(about.icon.as_ref().map(|icon| ("icon", Node::text(icon))));
    if !about.urls.is_empty() {
        gallery.push(("urls", Node::texts(about.urls.clone())));
    }
    if !about.tags.is_empty() {
        gallery.push(("tags", Node::texts(about.tags.clone())));
    }
    if !gallery.is_empty() {
        all.push(("gallery", Node::map(gallery)));
    }
    stamped(
        &adopted.dir.join(BACKEND),
        &Node::Spaced(all.into_iter().map(|(key, node)| (key.to_owned(), node)).collect()).document(),
    )
}

fn go(go: &Go) -> Node {
    let mut rows = vec![("package", Node::text("."))];
    rows.extend(go.stubs.map(|stubs| ("stubs", Node::text(stubs))));
    rows.extend(go.engine.as_ref().map(|(variable, engine)| ("engine", self::engine(variable, engine))));
    Node::map(rows)
}

fn cmake(server: &Engine) -> Node {
    let target = server.product.rsplit('/').next().unwrap_or_default();
    let mut rows = vec![("target", Node::text(target)), ("output", Node::text(&server.product))];
    rows.extend(options(server));
    Node::map(rows)
}

fn engine(variable: &str, engine: &Engine) -> Node {
    let mut rows = vec![("project", Node::text(engine.project.as_str()))];
    rows.extend(engine.target.as_ref().map(|target| ("target", Node::text(target))));
    rows.extend(options(engine));
    rows.push(("libraries", Node::map([(variable, Node::text(&engine.product))])));
    if !engine.beside.is_empty() {
        rows.push(("beside", Node::texts(engine.beside.clone())));
    }
    Node::map(rows)
}

/// The tables of options that say something.
fn options(engine: &Engine) -> impl Iterator<Item = (&'static str, Node)> {
    let options = |all: &BTreeMap<String, String>| {
        Node::map(all.iter().map(|(key, value)| (key.as_str(), Node::Quoted(value.clone()))))
    };
    let build_types = engine.build_types.iter().map(|(one, added)| (one.as_str(), options(added)));
    let variants = engine.by_variant.iter().map(|(one, added)| (one.as_str(), options(added)));
    let flavors = engine.flavors.iter().map(|(one, added)| (one.as_str(), options(added)));
    let rows = [
        ("options", options(&engine.options)),
        ("build-types", Node::map(build_types)),
        ("by-variant", Node::map(variants)),
        ("flavors", Node::map(flavors)),
    ];
    rows.into_iter().filter(|(_, node)| *node != Node::Map(Vec::new()))
}

fn script(recipe: &Script) -> Node {
    let mut script = Vec::new();
    if !recipe.prepare.is_empty() {
        script.push(("prepare", Node::texts(recipe.prepare.clone())));
    }
    if !recipe.env.is_empty() {
        script.push(("env", Node::map(recipe.env.iter().map(|(name, value)| (name, Node::text(value))))));
    }
    script.push(("steps", Node::List(recipe.steps.iter().map(|step| Node::texts(step.clone())).collect())));
    script.push(("output", Node::text(recipe.output.as_str())));
    script.push(("start", Node::text("run.sh")));
    if recipe.floats {
        script.push(("network", Node::text("host")));
    }
    Node::map(script)
}

fn stamped(path: &Utf8Path, text: &str) -> String {
    let schema = Document::BACKEND.first_line(path).unwrap_or_default();
    format!("{schema}\n{STAMP}{}\n\n{text}", digest(text))
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Whether nobody has changed a text since it was written.
pub(super) fn is_as_written(text: &str) -> bool {
    let parts = text.split_once(STAMP).and_then(|(_, rest)| rest.split_once("\n\n"));
    parts.is_some_and(|(stamp, rest)| stamp == digest(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_seen() {
        let text = stamped(Utf8Path::new("backend/go/x/backend.yaml"), "name: x\n");
        assert!(is_as_written(&text));
        assert!(!is_as_written(&text.replace("name: x", "name: y")));
        assert!(!is_as_written("name: x\n"));
    }
}
