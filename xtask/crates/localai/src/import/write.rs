//! The model as three YAML texts.

use super::document::List;
use super::fold::key;
use super::model::{Backend, Item, Layer, Model, Way};
use super::order::{Place, Rows};
use super::read::{BACKENDS, ORDER, VARIANTS};
use model::name::VariantName;
use model::text::yaml::quoted;
use std::collections::BTreeMap;

/// Texts by file name.
pub type Texts = BTreeMap<&'static str, String>;

const WIDTH: usize = 110;

/// The three files.
pub fn write(model: &Model) -> Texts {
    Texts::from([(VARIANTS, variants(model)), (BACKENDS, backends(model)), (ORDER, order(model))])
}

fn variants(model: &Model) -> String {
    let mut text = "# What rows of the matrix have in common. Later layers win: rows, platforms, families, variants, then what\n\
         # backends.yaml says. `~` takes a field away; `{backend}` stands for the name.\n"
        .to_owned();
    line(&mut text, if model.rows.is_empty() { "rows: {}" } else { "rows:" });
    for (list, layer) in &model.rows {
        entry(&mut text, 2, list.key(), &fields(layer));
    }
    table(&mut text, 0, "platforms", &model.platforms);
    table(&mut text, 0, "families", &model.families);
    line(&mut text, if model.variants.is_empty() { "variants: {}" } else { "variants:" });
    for (name, way) in &model.variants {
        line(&mut text, &format!("  {name}:"));
        let Way { platforms, fields: own, families, bases } = way;
        entry(&mut text, 4, "platforms", &Flow::List(platforms.iter().map(|one| scalar(one)).collect()));
        if !own.is_empty() {
            entry(&mut text, 4, "fields", &fields(own));
        }
        if !bases.is_empty() {
            let pairs = bases.iter().map(|(platform, base)| (scalar(platform), quoted(base)));
            entry(&mut text, 4, "bases", &Flow::Map(pairs.collect()));
        }
        table(&mut text, 4, "families", families);
    }
    text
}

fn backends(model: &Model) -> String {
    let mut text = "# What each backend is published as: a variant alone means all of its platforms. Below `odd` are rows that\n\
         # differ from what their variant and platform give, with what they have instead.\n"
        .to_owned();
    if model.backends.is_empty() {
        line(&mut text, "{}");
    }
    for (name, backend) in &model.backends {
        let Backend { family, prebuilt, fields: own, items } = backend;
        let odd: Vec<&Item> = items.iter().filter(|item| !item.fields.is_empty()).collect();
        let plain: Vec<&Item> = items.iter().filter(|item| item.fields.is_empty()).collect();
        let mut pairs: Vec<(&str, Flow)> = Vec::new();
        pairs.extend(family.as_ref().map(|family| ("family", Flow::Word(scalar(family)))));
        pairs.extend(prebuilt.then(|| ("prebuilt", Flow::Word("true".to_owned()))));
        pairs.extend((!own.is_empty()).then(|| ("fields", fields(own))));
        pairs.push(("variants", Flow::List(names(model, &plain))));
        let whole =
            Flow::Map(pairs.iter().map(|(key, flow)| ((*key).to_owned(), flow.to_string())).collect());
        if odd.is_empty() && whole.to_string().len() + name.as_str().len() + 2 <= WIDTH {
            entry(&mut text, 0, &scalar(name.as_str()), &whole);
            continue;
        }
        line(&mut text, &format!("{}:", scalar(name.as_str())));
        for (key, flow) in &pairs {
            entry(&mut text, 2, key, flow);
        }
        if !odd.is_empty() {
            text.push_str("  odd:\n");
        }
        for chunk in odd.chunk_by(|a, b| a.variant == b.variant && a.fields == b.fields) {
            for name in names(model, chunk) {
                entry(&mut text, 4, &format!("- {name}"), &fields(&chunk[0].fields));
            }
        }
    }
    text
}

/// Rows without what they have instead: a variant stands for all its platforms.
fn names(model: &Model, items: &[&Item]) -> Vec<String> {
    let mut names = Vec::new();
    let mut sorted = items.to_vec();
    sorted.sort_by(|a, b| key(a).cmp(&key(b)));
    for same in sorted.chunk_by(|a, b| a.variant == b.variant) {
        let platforms: Vec<&String> = same.iter().map(|item| &item.platform).collect();
        let all = model.variants.get(&same[0].variant).is_some_and(|way| way.platforms.iter().eq(platforms));
        if all {
            names.push(same[0].variant.to_string());
        } else {
            names.extend(same.iter().map(|item| place(&item.variant, &item.platform)));
        }
    }
    names.iter().map(|name| scalar(name)).collect()
}

fn place(variant: &VariantName, platform: &str) -> String {
    format!("{variant}/{platform}")
}

fn order(model: &Model) -> String {
    let mut text = "# The order in which rows and their fields stood. Nothing depends on it: without this file rows come by backend.\n"
        .to_owned();
    for list in List::ALL {
        line(&mut text, &format!("{}:", list.key()));
        let keys = model.order.keys.get(&list).into_iter().flatten();
        let keys: Vec<Flow> =
            keys.map(|keys| Flow::List(keys.iter().map(|key| scalar(key)).collect())).collect();
        sequence(&mut text, "keys", &keys);
        let runs = model.order.runs.get(&list).into_iter().flatten().map(|run| {
            let place = |(variant, platform): &Place| scalar(&place(variant, platform));
            let (of, rows): (String, Vec<String>) = match &run.rows {
                Rows::Backend(backend, places) => {
                    (scalar(backend.as_str()), places.iter().map(place).collect())
                }
                Rows::Place(of, backends) => {
                    (place(of), backends.iter().map(|backend| scalar(backend.as_str())).collect())
                }
            };
            let mut pairs = vec![("of".to_owned(), of)];
            if run.keys != 0 {
                pairs.push(("keys".to_owned(), run.keys.to_string()));
            }
            pairs.push(("rows".to_owned(), Flow::List(rows).to_string()));
            Flow::Map(pairs)
        });
        sequence(&mut text, "runs", &runs.collect::<Vec<_>>());
    }
    text
}

fn sequence(text: &mut String, name: &str, items: &[Flow]) {
    if items.is_empty() {
        return line(text, &format!("  {name}: []"));
    }
    line(text, &format!("  {name}:"));
    for item in items {
        wrap(text, 4, "- ", &item.to_string());
    }
}

fn table(text: &mut String, indent: usize, name: &str, layers: &BTreeMap<String, Layer>) {
    if layers.is_empty() {
        return;
    }
    line(text, &format!("{:indent$}{name}:", ""));
    for (key, layer) in layers {
        entry(text, indent + 2, &scalar(key), &fields(layer));
    }
}

fn line(text: &mut String, line: &str) {
    text.extend([line, "\n"]);
}

fn entry(text: &mut String, indent: usize, key: &str, flow: &Flow) {
    wrap(text, indent, &format!("{key}: "), &flow.to_string());
}

/// A line, broken behind commas outside of quotes where it is too long.
fn wrap(text: &mut String, indent: usize, lead: &str, flow: &str) {
    let mut line = format!("{:indent$}{lead}", "");
    let mut pieces = Vec::new();
    let (mut start, mut single, mut double) = (0, false, false);
    for (at, c) in flow.char_indices() {
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            ' ' if !single && !double && flow[..at].ends_with(',') => {
                pieces.push(&flow[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&flow[start..]);
    let mut first = true;
    for piece in pieces {
        if !first && line.len() + 1 + piece.len() > WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            line = format!("{:1$}{piece}", "", indent + 4);
        } else {
            line.push_str(if first { "" } else { " " });
            line.push_str(piece);
        }
        first = false;
    }
    text.push_str(&line);
    text.push('\n');
}

/// A value on one line.
enum Flow {
    Word(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

impl std::fmt::Display for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::List(items) => write!(f, "[{}]", items.join(", ")),
            Self::Map(pairs) if pairs.is_empty() => f.write_str("{}"),
            Self::Map(pairs) => {
                let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                write!(f, "{{ {} }}", pairs.join(", "))
            }
        }
    }
}

fn fields(layer: &Layer) -> Flow {
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "~".to_owned(), quoted);
    Flow::Map(layer.iter().map(|(key, field)| (scalar(key), value(field))).collect())
}

/// A name without quotes where it cannot be taken for anything else.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./+".contains(c))
        && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain { text.to_owned() } else { quoted(text) }
}
