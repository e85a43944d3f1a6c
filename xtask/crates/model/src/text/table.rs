//! Mappings whose order counts and whose keys must differ.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// What can be a key.
pub trait Key<'de>: Deserialize<'de> + Ord + fmt::Display {}

impl<'de, K: Deserialize<'de> + Ord + fmt::Display> Key<'de> for K {}

/// Keys and values in the order of the file.
pub struct Table<K, V, const NAMED: bool = false>(pub Vec<(K, V)>);

/// The same where the key is the row's name: a row is read as if it held its key as `name`.
pub type Rows<K, V> = Table<K, V, true>;

/// Reads a mapping whose order does not count.
pub fn map<'de, D: Deserializer<'de>, K: Key<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<K, V>, D::Error> {
    Ok(Table::<K, V>::deserialize(deserializer)?.0.into_iter().collect())
}

/// Reads rows whose order does not count.
pub fn rows<'de, D: Deserializer<'de>, K: Key<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<K, V>, D::Error> {
    Ok(Rows::<K, V>::deserialize(deserializer)?.0.into_iter().collect())
}

impl<K, V, const NAMED: bool> Default for Table<K, V, NAMED> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct Entries<K, V, const NAMED: bool>(PhantomData<(K, V)>);

impl<'de, K: Key<'de>, V: Deserialize<'de>, const NAMED: bool> Visitor<'de> for Entries<K, V, NAMED> {
    type Value = Table<K, V, NAMED>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(K, V)> = Vec::new();
        while let Some(key) = map.next_key::<K>()? {
            let value = if NAMED {
                map.next_value_seed(Row { name: key.to_string(), of: PhantomData })?
            } else {
                map.next_value()?
            };
            entries.push((key, value));
        }
        let mut keys: Vec<&K> = entries.iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(A::Error::custom(format_args!("duplicate key `{}`", pair[0]))),
            None => Ok(Table(entries)),
        }
    }
}

impl<'de, K: Key<'de>, V: Deserialize<'de>, const NAMED: bool> Deserialize<'de> for Table<K, V, NAMED> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// A row that is read with its name before its own entries.
struct Row<V> {
    name: String,
    of: PhantomData<V>,
}

impl<'de, V: Deserialize<'de>> DeserializeSeed<'de> for Row<V> {
    type Value = V;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, V: Deserialize<'de>> Visitor<'de> for Row<V> {
    type Value = V;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, rest: A) -> Result<V, A::Error> {
        V::deserialize(MapAccessDeserializer::new(Named { name: Some(self.name), rest }))
    }
}

struct Named<A> {
    name: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Named<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        match self.name {
            Some(_) => seed.deserialize("name".into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        match self.name.take() {
            Some(name) => seed.deserialize(name.into_deserializer()),
            None => self.rest.next_value_seed(seed),
        }
    }
}

impl<K: schemars::JsonSchema, V: schemars::JsonSchema, const NAMED: bool> schemars::JsonSchema
    for Table<K, V, NAMED>
{
    fn schema_name() -> Cow<'static, str> {
        format!("TableOf{}", V::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (names, values) = (generator.subschema_for::<K>(), generator.subschema_for::<V>());
        schemars::json_schema!({ "type": "object", "propertyNames": names, "additionalProperties": values })
    }
}
