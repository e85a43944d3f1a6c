//! A mapping of one entry: the key says which kind of thing the value is, as in `git: { url: …, commit: … }`.

use crate::text::table::Table;
use schemars::Schema;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value, json};
use std::fmt;
use std::marker::PhantomData;

/// Reads an enum with `tag = "kind"`, all of whose fields are texts.
pub fn one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(OneKey::deserialize(deserializer)?.0)
}

/// Reads a list of them.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::deserialize(deserializer)?.into_iter().map(|OneKey(one)| one).collect())
}

struct OneKey<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneKey<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Kinds(PhantomData))
    }
}

struct Kinds<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Kinds<T> {
    type Value = OneKey<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of one entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OneKey<T>, A::Error> {
        let kind: String = map.next_key()?.ok_or_else(|| A::Error::custom("an empty mapping"))?;
        let fields = match map.next_value()? {
            Fields::Only(text) => vec![(kind.clone(), text)],
            Fields::Named(fields) => fields,
        };
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("a mapping of two entries"));
        }
        let tagged = std::iter::once(("kind".to_owned(), kind)).chain(fields);
        T::deserialize(MapDeserializer::new(tagged)).map(OneKey)
    }
}

/// What a kind holds; a text alone is called as the kind is.
enum Fields {
    Only(String),
    Named(Vec<(String, String)>),
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyFields)
    }
}

struct AnyFields;

impl<'de> Visitor<'de> for AnyFields {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a mapping")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Fields, E> {
        Ok(Fields::Only(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fields, A::Error> {
        Ok(Fields::Named(Table::<_, _>::deserialize(MapAccessDeserializer::new(map))?.0))
    }
}

/// Turns what is derived for an enum, one object for each kind, into one object that has one of the kinds.
pub fn schema(schema: &mut Schema) {
    let Some(Value::Array(kinds)) = schema.remove("oneOf") else { return };
    let mut properties = Map::new();
    for mut kind in kinds {
        let description = kind["description"].take();
        let Value::Object(fields) = kind["properties"].take() else { continue };
        for (name, mut value) in fields {
            if let Value::Object(only) = &value["properties"]
                && let (1, Some(text)) = (only.len(), only.get(&name))
            {
                value = text.clone();
            }
            value["description"] = description.clone();
            properties.insert(name, value);
        }
    }
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("additionalProperties".to_owned(), false.into());
    schema.insert("minProperties".to_owned(), json!(1));
    schema.insert("maxProperties".to_owned(), json!(1));
}
