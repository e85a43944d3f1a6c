//! Walks a vector store through its calls: set, find, get, delete.

use crate::error::expect;
use crate::proto::{StoresDeleteRequest, StoresFindRequest, StoresGetRequest, StoresSetRequest, Vector};
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
    let keys: Vec<Vector> = COLOURS.iter().map(|(_, rgb)| vector(rgb)).collect();
    let values: Vec<Vec<u8>> = COLOURS.iter().map(|(name, _)| name.as_bytes().to_vec()).collect();
    let set = StoresSetRequest { keys: keys.clone(), values: values.clone() };
    client.stores_set(set).await.map_err(Error::call("storing vectors"))?;

    let find = StoresFindRequest { key: Some(vector(&SOUGHT)), top_k: 2 };
    let near = client.stores_find(find).await.map_err(Error::call("searching"))?.into_inner();
    let found: Vec<Found> = near
        .values
        .iter()
        .zip(&near.similarities)
        .map(|(value, similarity)| Found {
            value: String::from_utf8_lossy(value).into_owned(),
            similarity: *similarity,
        })
        .collect();
    let names: Vec<&str> = found.iter().map(|found| found.value.as_str()).collect();
    expect(names == ["orange", "red"], || format!("the nearest two should be orange, red; got {names:?}"))?;
    expect(near.keys.len() == 2, || format!("two results came with {} keys", near.keys.len()))?;

    let get = StoresGetRequest { keys: keys[2..].to_vec() };
    let got = client.stores_get(get).await.map_err(Error::call("reading vectors"))?.into_inner();
    expect(got.values == values[2..], || "what was read is not what was stored".into())?;

    let count = keys.len();
    let delete = StoresDeleteRequest { keys: keys.clone() };
    let deleted = client.stores_delete(delete).await.map_err(Error::call("deleting vectors"))?.into_inner();
    expect(deleted.deleted as usize == count, || format!("{count} keys, but {} deleted", deleted.deleted))?;
    let left = client.stores_get(StoresGetRequest { keys }).await;
    let left = left.map_err(Error::call("reading vectors"))?.into_inner().values.len();
    expect(left == 0, || format!("{left} values were still there after they were deleted"))?;
    Ok(found)
}

fn vector(rgb: &[f32; 3]) -> Vector {
    Vector { values: rgb.to_vec() }
}
