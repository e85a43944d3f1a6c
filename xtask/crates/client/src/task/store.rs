//! Walks a vector store through its calls: set, find, get, delete.

use std::collections::BTreeSet;

use crate::error::expect;
use crate::proto::{
    StoresDeleteOptions, StoresFindOptions, StoresGetOptions, StoresKey, StoresSetOptions, StoresValue,
};
use crate::{Client, Error, Result};

/// The colours that the demonstration stores, as red, green and blue.
const COLOURS: [(&str, [f32; 3]); 4] = [
    ("red", [1.0, 0.0, 0.0]),
    ("orange", [1.0, 0.5, 0.0]),
    ("green", [0.0, 1.0, 0.0]),
    ("blue", [0.0, 0.0, 1.0]),
];
/// Between red and orange, nearer to orange.
const SOUGHT: [f32; 3] = [1.0, 0.4, 0.0];

/// A result of the search.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Found {
    /// The value under the key.
    pub value: String,
    /// How near the key is, 1 being the same direction.
    pub similarity: f32,
}

/// Stores four colours, finds the two that are nearest to a fifth, and removes what it stored.
///
/// An answer that a vector store must not give is an error.
pub async fn demo(client: &mut Client) -> Result<Vec<Found>> {
    let keys: Vec<StoresKey> = COLOURS.iter().map(|(_, rgb)| key(rgb)).collect();
    let values: Vec<StoresValue> =
        COLOURS.iter().map(|(name, _)| StoresValue { bytes: name.as_bytes().to_vec() }).collect();
    let set = StoresSetOptions { keys: keys.clone(), values: values.clone() };
    client.backend.stores_set(set).await.map_err(Error::call("storing vectors"))?;

    let find = StoresFindOptions { key: Some(key(&SOUGHT)), top_k: 2 };
    let near = client.backend.stores_find(find).await.map_err(Error::call("searching"))?.into_inner();
    let found: Vec<Found> = near
        .values
        .iter()
        .zip(&near.similarities)
        .map(|(value, similarity)| Found {
            value: String::from_utf8_lossy(&value.bytes).into_owned(),
            similarity: *similarity,
        })
        .collect();
    let names: Vec<&str> = found.iter().map(|found| found.value.as_str()).collect();
    expect(names == ["orange", "red"], || format!("the nearest two should be orange, red; got {names:?}"))?;
    expect(near.keys.len() == 2, || format!("two results came with {} keys", near.keys.len()))?;

    // In whatever order: LocalAI's own store answers in that of the keys.
    let texts =
        |values: &[StoresValue]| values.iter().map(|value| value.bytes.clone()).collect::<BTreeSet<_>>();
    let got = read(client, &keys[2..]).await?;
    expect(texts(&got) == texts(&values[2..]), || "what was read is not what was stored".into())?;

    let delete = StoresDeleteOptions { keys: keys.clone() };
    client.backend.stores_delete(delete).await.map_err(Error::call("deleting vectors"))?;
    let left = read(client, &keys).await?.len();
    expect(left == 0, || format!("{left} values were still there after they were deleted"))?;
    Ok(found)
}

/// Stores one vector and finds it.
pub(crate) async fn keep(client: &mut Client) -> Result<()> {
    let sought = key(&SOUGHT);
    let values = vec![StoresValue { bytes: b"kept".to_vec() }];
    let set = StoresSetOptions { keys: vec![sought.clone()], values };
    client.backend.stores_set(set).await.map_err(Error::call("storing a vector"))?;
    let find = StoresFindOptions { key: Some(sought), top_k: 1 };
    let found = client.backend.stores_find(find).await.map_err(Error::call("searching"))?.into_inner();
    expect(found.values.len() == 1, || format!("one result was asked for; {} came", found.values.len()))
}

async fn read(client: &mut Client, keys: &[StoresKey]) -> Result<Vec<StoresValue>> {
    let get = StoresGetOptions { keys: keys.to_vec() };
    let got = client.backend.stores_get(get).await.map_err(Error::call("reading vectors"))?;
    Ok(got.into_inner().values)
}

fn key(rgb: &[f32; 3]) -> StoresKey {
    StoresKey { floats: rgb.to_vec() }
}
