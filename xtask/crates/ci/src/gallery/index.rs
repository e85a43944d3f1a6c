//! The index that is written: an entry for each published image, and one for each backend that chooses among them.

use super::capability::{capabilities, family};
use super::is_known;
use crate::audit::{Group, Promise, Report, Seen};
use model::backend::Backend;
use model::image_names::Image;
use model::manifest::Manifests;
use model::oci::{Repository, Tag};
use model::text::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

/// What the names of entries for images that move with every commit end in.
const DEVELOPMENT: &str = "-development";

/// The images under one name.
#[derive(Debug, Clone, Copy)]
pub struct Channel<'a> {
    /// What the tags begin with, such as `latest`.
    pub name: &'a str,
    /// Its entries are for who wants every commit.
    pub development: bool,
    /// What registries have.
    pub seen: &'a Seen,
    /// What is wrong with that.
    pub report: &'a Report,
}

/// An image that got no entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    /// Its tag.
    pub tag: Tag,
    /// Why.
    pub why: String,
}

/// An index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gallery {
    chosen: Vec<Chosen>,
    images: Vec<Entry>,
    /// What is promised, and not in it.
    pub left_out: Vec<LeftOut>,
}

/// An entry of a backend, which leads to that of an image by what a machine can do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chosen {
    name: String,
    about: Vec<(&'static str, Node)>,
    capabilities: BTreeMap<String, String>,
}

/// An entry of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    about: Vec<(&'static str, Node)>,
    version: Option<String>,
    /// The first is where it is taken from, the others are mirrors.
    places: Vec<String>,
}

/// The index of what is promised and was seen to be published, sound and the same everywhere.
pub fn gallery(manifests: &Manifests, promises: &[Promise], channels: &[Channel<'_>]) -> Gallery {
    let mut gallery = Gallery::default();
    for channel in channels {
        for backend in manifests.backends.values() {
            gallery.add(manifests, backend, promises, channel);
        }
    }
    gallery
}

impl Gallery {
    fn add(&mut self, manifests: &Manifests, backend: &Backend, promises: &[Promise], channel: &Channel<'_>) {
        let ending = if channel.development { DEVELOPMENT } else { "" };
        let mut best: BTreeMap<String, (u8, String)> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for promise in promises {
            let (Image::Backend(suffix), Some(tag)) = (&promise.image, promise.tag(channel.name)) else {
                continue;
            };
            let units = promise.legs.values().filter_map(|leg| leg.of.unit());
            let Some(unit) = units.into_iter().next().filter(|unit| unit.backend == backend.name) else {
                continue;
            };
            let places = match published(channel, suffix.as_str(), &tag) {
                Ok(places) => places,
                Err(why) => {
                    self.left_out.push(LeftOut { tag, why });
                    continue;
                }
            };
            let Some(variant) = manifests.variants.get(&unit.variant) else { continue };
            let build_type = variant.build_type_of(&backend.recipe);
            let cuda = variant.cuda.map_or(12, |cuda| cuda.major);
            let short = format!("{}-{}", family(build_type, cuda, unit.platform), backend.name);
            // Two variants of one family are told apart by what tells their images apart.
            let name =
                if names.insert(short.clone()) { short } else { suffix.as_str()[1..].to_owned() } + ending;
            for (word, rank) in capabilities(build_type, cuda, unit.platform) {
                let entry = best.entry(word).or_insert_with(|| (rank, name.clone()));
                if rank < entry.0 {
                    *entry = (rank, name.clone());
                }
            }
            let version = version(channel, suffix.as_str(), &tag);
            self.images.push(Entry { name, about: about(backend), version, places });
        }
        if !best.is_empty() {
            let capabilities = best.into_iter().map(|(word, (_, name))| (word, name)).collect();
            self.chosen.push(Chosen {
                name: format!("{}{ending}", backend.name),
                about: about(backend),
                capabilities,
            });
        }
    }

    /// How many entries of images, and how many of backends.
    pub fn count(&self) -> (usize, usize) {
        (self.images.len(), self.chosen.len())
    }

    /// The text of the index.
    pub fn text(&self) -> String {
        let chosen = self.chosen.iter().map(|Chosen { name, about, capabilities }| {
            let map = Node::map(capabilities.iter().map(|(word, name)| (word.as_str(), Node::text(name))));
            entry(name, about, [("capabilities", map)])
        });
        let images = self.images.iter().map(|Entry { name, about, version, places }| {
            let mut rest: Vec<(&str, Node)> = Vec::new();
            rest.extend(version.as_ref().map(|version| ("version", Node::Quoted(version.clone()))));
            rest.extend(places.first().map(|uri| ("uri", Node::text(uri))));
            if places.len() > 1 {
                rest.push(("mirrors", Node::texts(&places[1..])));
            }
            entry(name, about, rest)
        });
        let entries: Vec<Node> = chosen.chain(images).collect();
        format!(
            "# Written by `cargo xtask gallery` from what is published: what is changed here is lost.\n{}",
            if entries.is_empty() { "[]\n".to_owned() } else { Node::List(entries).document() }
        )
    }
}

fn entry<'a>(
    name: &str,
    about: &[(&'static str, Node)],
    rest: impl IntoIterator<Item = (&'a str, Node)>,
) -> Node {
    let name = ("name".to_owned(), Node::text(name));
    let about = about.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
    let rest = rest.into_iter().map(|(key, value)| (key.to_owned(), value));
    Node::Map(std::iter::once(name).chain(about).chain(rest).collect())
}

/// What is the same of all entries of a backend. All share its name as their alias: models name that.
fn about(backend: &Backend) -> Vec<(&'static str, Node)> {
    let gallery = &backend.gallery;
    let mut about = vec![
        ("alias", Node::text(backend.name.as_str())),
        ("license", Node::text(&backend.license)),
        ("description", Node::text(&backend.description)),
    ];
    about.extend(gallery.icon.as_ref().map(|icon| ("icon", Node::text(icon))));
    for (key, list) in [("urls", &gallery.urls), ("tags", &gallery.tags)] {
        if !list.is_empty() {
            about.push((key, Node::texts(list)));
        }
    }
    about
}

/// Where a sound image is, the first repository first; or why it gets no entry.
fn published(channel: &Channel<'_>, suffix: &str, tag: &Tag) -> Result<Vec<String>, String> {
    let grave = [Group::Disagreement, Group::Broken, Group::Contents];
    let wrong = channel
        .report
        .findings
        .iter()
        .find(|finding| finding.suffix == suffix && grave.contains(&finding.what.group()));
    if let Some(finding) = wrong {
        return Err(finding.what.to_string());
    }
    let there: Vec<&Repository> = channel
        .seen
        .repositories
        .iter()
        .filter(|there| there.tags.get(tag).is_some_and(|named| !named.legs.is_empty()))
        .map(|there| &there.repository)
        .collect();
    let Some((first, mirrors)) = there.split_first() else { return Err("it is not published".to_owned()) };
    let mirrors = mirrors.iter().map(|mirror| format!("oci://{}:{tag}", full(mirror)));
    Ok(std::iter::once(uri(first, tag)).chain(mirrors).collect())
}

/// With its host, where LocalAI would take the first part of the path for one.
fn full(repository: &Repository) -> String {
    format!("{}/{}", repository.host(), repository.path())
}

fn uri(repository: &Repository, tag: &Tag) -> String {
    let full = full(repository);
    let scheme = if is_known(&full) { "" } else { "oci://" };
    format!("{scheme}{full}:{tag}")
}

/// The release that the image says it is of. What moves with every commit is told apart by its digest.
fn version(channel: &Channel<'_>, suffix: &str, tag: &Tag) -> Option<String> {
    let told = channel.seen.repositories.iter().find_map(|there| there.tags.get(tag)?.version.as_deref())?;
    let version = told.strip_suffix(suffix).unwrap_or(told);
    let number = version.strip_prefix('v').unwrap_or(version);
    number.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
}
